"""Compares sentence segmenters on the hand-made list: texts of which every sentence end is right, by language.

    .venv/bin/python -m tests.benchmarks.sentence_ends

Segmenters that are not installed are left out. They get the text alone, without times, and Thai only if they know it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import accumulate
from typing import Any

from engine.text.segments import split_into_segments
from tests.support.sentences import Listed, listed

Split = Callable[[Listed], Sequence[str] | None]


def ours(one: Listed) -> tuple[int, ...]:
    groups = split_into_segments(one.words, one.language)
    return tuple(accumulate(len(group) for group in groups))[:-1]


def by_text(split: Split) -> Callable[[Listed], tuple[int, ...] | None]:
    """Returns the ends of a segmenter of plain text, as numbers of words; None if it does not know the language."""

    def ends(one: Listed) -> tuple[int, ...] | None:
        parts = split(one)
        if parts is None:
            return None
        letters = [*accumulate(len("".join(word.word.split())) for word in one.words)]
        cuts = [*accumulate(len("".join(part.split())) for part in parts if part.strip())][:-1]
        return tuple(letters.index(cut) + 1 if cut in letters else -1 for cut in cuts)

    return ends


def segmenters() -> dict[str, Callable[[Listed], tuple[int, ...] | None]]:
    found: dict[str, Callable[[Listed], tuple[int, ...] | None]] = {"Wordlight": ours}
    for name, make in (
        ("pysbd", _pysbd),
        ("sentencex", _sentencex),
        ("syntok", _syntok),
        ("blingfire", _bling),
    ):
        try:
            found[name] = by_text(make(import_module(name)))
        except ImportError:
            continue
    return found


def _pysbd(module: Any) -> Split:
    def split(one: Listed) -> Sequence[str] | None:
        try:
            segmenter = module.Segmenter(language=one.language, clean=False)
        except ValueError:
            return None
        return [str(part) for part in segmenter.segment(one.text)]

    return split


def _sentencex(module: Any) -> Split:
    return lambda one: list(module.segment(one.language, one.text))


def _syntok(module: Any) -> Split:
    segmenter = import_module("syntok.segmenter")

    def split(one: Listed) -> Sequence[str] | None:
        if one.language not in ("en", "de", "es"):
            return None
        sentences = (sentence for part in segmenter.process(one.text) for sentence in part)
        return ["".join(token.spacing + token.value for token in sentence) for sentence in sentences]

    return split


def _bling(module: Any) -> Split:
    return lambda one: str(module.text_to_sentences(one.text)).split("\n")


def main() -> None:
    texts = list(listed())
    languages = Counter(one.language for one in texts)
    print("segmenter  " + "  ".join(f"{name} of {count}" for name, count in languages.items()))
    for name, ends in segmenters().items():
        results = [(one.language, ends(one), one.ends) for one in texts]
        right = Counter(language for language, found, wanted in results if found == wanted)
        unknown = {language for language, found, _ in results if found is None}
        cells = (f"{'–' if code in unknown else right[code]:>8}" for code in languages)
        print(f"{name:10} " + " ".join(cells))


if __name__ == "__main__":
    main()
