"""Languages found and words right, beside faster-whisper on the same weights.

    python -m tests.benchmarks.accuracy

Prints one table: for each of pytest-audioeval's clips the language found and the error rate of our
engine and of faster-whisper with its defaults (beam 5). Word error rate, or character error rate for
Chinese and Japanese, by jiwer; both sides normalised alike: lower case, no punctuation, numbers
spelled out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import ctranslate2
import jiwer
from num2words import num2words

from engine import Config, Engine
from engine.models import find_whisper
from tests.conftest import CLIPS

SEED = 1  # both systems draw texts at random where they are unsure
BY_CHARACTER = {"zh", "ja"}
# num2words knows no Hindi; its digits are few enough to spell here. Chinese and Japanese share theirs.
_HINDI = "शून्य एक दो तीन चार पांच छह सात आठ नौ दस".split()
_CJK = "〇一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Score:
    """One clip heard by one system."""

    language: str
    text: str
    error: float  # word or character error rate

    @property
    def lost(self) -> float:
        """The error rate, at most 1: a clip taken for another language is lost, however much is made of it."""
        return min(self.error, 1.0)


@dataclass(frozen=True, slots=True)
class Row:
    clip: str
    truth: str
    ours: Score
    theirs: Score


def rows() -> Iterator[Row]:
    """Yields one row a clip; both systems run on the same weights and the same numbers of threads."""
    from faster_whisper import WhisperModel

    ctranslate2.set_random_seed(SEED)
    config = Config.from_env()
    engine = Engine(config)
    engine.start()
    peer = WhisperModel(str(find_whisper("base", config).path), device="cpu", compute_type="int8")
    for path in sorted(CLIPS.glob("*/*.wav")):
        truth = path.with_suffix(".txt").read_text().strip()
        language = path.parent.name
        transcript = engine.result(path)
        segments, info = peer.transcribe(str(path))
        theirs = " ".join(segment.text.strip() for segment in segments)
        yield Row(
            f"{language}/{path.stem}",
            truth,
            Score(transcript.language or "", transcript.text, error_rate(truth, transcript.text, language)),
            Score(info.language, theirs, error_rate(truth, theirs, language)),
        )
    engine.close()


def error_rate(truth: str, heard: str, language: str) -> float:
    """Returns jiwer's word error rate, or character error rate where words are not set apart."""
    reference, hypothesis = normalise(truth, language), normalise(heard, language)
    if language in BY_CHARACTER:
        return jiwer.cer(reference.replace(" ", ""), hypothesis.replace(" ", ""))
    return jiwer.wer(reference, hypothesis or "∅")


def normalise(text: str, language: str) -> str:
    """Spells numbers out, then keeps letters and marks alone, in lower case, one space between words."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"\d+", lambda found: f" {spell(found.group(), language)} ", text)
    kept = "".join(c if unicodedata.category(c)[0] in "LM" or c == "'" else " " for c in text)
    return " ".join(kept.split())


def spell(digits: str, language: str) -> str:
    """Spells a number the way it is read; a run of digits too long to be one is read digit by digit."""
    numbers = [digits] if int(digits) <= 100 and digits[0] != "0" else list(digits)
    return " ".join(_spell_one(int(number), language) for number in numbers)


def _spell_one(number: int, language: str) -> str:
    if language in BY_CHARACTER:
        return _CJK[number] if number <= 10 else "".join(_CJK[int(digit)] for digit in str(number))
    if language == "hi":
        return _HINDI[number] if number <= 10 else " ".join(_HINDI[int(digit)] for digit in str(number))
    return num2words(number, lang=language)


def main() -> None:
    print(f"{'clip':<22} {'ours':<5} {'error':>6}   {'peer':<5} {'error':>6}")
    found = list(rows())
    for row in found:
        print(
            f"{row.clip:<22} {row.ours.language:<5} {row.ours.error:6.3f}   "
            f"{row.theirs.language:<5} {row.theirs.error:6.3f}"
        )
    print(summary(found))


def summary(found: list[Row]) -> str:
    """Returns the languages found and the mean error rates, a clip's being at most 1."""
    lines = []
    for name in ("ours", "theirs"):
        scores = [(row.clip.split("/")[0], getattr(row, name)) for row in found]
        right = sum(score.language == language for language, score in scores)
        mean = sum(score.lost for _, score in scores) / len(scores)
        label = {"ours": "Wordlight", "theirs": "faster-whisper"}[name]
        lines.append(f"{label:<15} language {right} of {len(scores)}, mean error rate {mean:.3f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
