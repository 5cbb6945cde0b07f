"""Writes Chinese and Serbian in one of their two scripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from engine.text.script_names import SCRIPTS
from engine.transcript import Segment, Word, join_texts

_OPENCC = {"simplified": "t2s", "traditional": "s2t"}  # configurations that keep the number of characters

_LATIN = dict(
    zip(
        "абвгдђежзијклмнопрстћуфхцчш",
        "a b v g d đ e ž z i j k l m n o p r s t ć u f h c č š".split(),
        strict=True,
    )
)
_DIGRAPHS = {"љ": "lj", "њ": "nj", "џ": "dž"}
_CYRILLIC = {latin: cyrillic for cyrillic, latin in _LATIN.items()}
# Words in which n and j, or d and ž, are two sounds: a prefix ends between them, or they are foreign.
_APART = (
    "injekc", "injekt", "konjug", "konjunk", "vanjez", "tanjug", "nadživ", "nadžanj", "nadžet", "odživ", "odžal",
    "podžup", "predživ", "anjon", "injurij",
)  # fmt: skip


def write_segments(segments: Sequence[Segment], script: str) -> list[Segment]:
    """Returns segments in a script; those in a language that is not written in it stay as they are."""
    _, languages = SCRIPTS[script]
    return [_written(segment, script) if segment.language in languages else segment for segment in segments]


def write_text(text: str, script: str) -> str:
    """Returns a text in a script."""
    return _writer(script)(text)


def _written(segment: Segment, script: str) -> Segment:
    texts = _rewrite([word.word for word in segment.words], _writer(script))
    words: tuple[Word, ...] = tuple(
        replace(word, word=text) for word, text in zip(segment.words, texts, strict=True)
    )
    return replace(segment, words=words, text=join_texts((word.word for word in words), segment.language))


def _rewrite(texts: Sequence[str], write: Callable[[str], str]) -> list[str]:
    """Returns texts in another script: together, since a character may depend on its neighbours."""
    whole = "".join(texts)
    written = write(whole)
    if len(written) != len(whole):
        return [write(text) for text in texts]
    parts, at = [], 0
    for text in texts:
        parts.append(written[at : at + len(text)])
        at += len(text)
    return parts


@cache
def _writer(script: str) -> Callable[[str], str]:
    if script in _OPENCC:
        from opencc import OpenCC  # takes a sixth of a second, so only if a request asks for it

        return OpenCC(_OPENCC[script]).convert
    return _to_latin if script == "latin" else _to_cyrillic


def _to_latin(text: str) -> str:
    written = []
    for index, sign in enumerate(text):
        small = sign.lower()
        latin = _LATIN.get(small) or _DIGRAPHS.get(small)
        if latin is None or small == sign:
            written.append(latin or sign)
        else:  # all letters of a digraph are large within a word of large letters
            around = text[max(0, index - 1) : index] + text[index + 1 : index + 2]
            written.append(latin.upper() if any(each.isupper() for each in around) else latin.capitalize())
    return "".join(written)


def _to_cyrillic(text: str) -> str:
    small = text.lower()
    apart = {
        small.find(start, at) + start.find(pair)
        for start in _APART
        for pair in ("nj", "dž")
        if pair in start
        for at in range(len(small))
        if small.startswith(start, at)
    }
    written, index = [], 0
    pairs = {latin: cyrillic for cyrillic, latin in _DIGRAPHS.items()}
    while index < len(text):
        pair = pairs.get(small[index : index + 2]) if index not in apart else None
        sign = pair or _CYRILLIC.get(small[index], text[index])
        written.append(sign.upper() if text[index].isupper() else sign)
        index += 2 if pair else 1
    return "".join(written)
