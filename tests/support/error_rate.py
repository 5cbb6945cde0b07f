"""Word error rates, and character error rates for Chinese and Japanese, of normalised texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import jiwer
import numpy as np
from num2words import num2words

BY_CHARACTER = {"zh", "ja"}
# num2words knows no Hindi; its digits are few enough to spell here. Chinese and Japanese share theirs.
_HINDI = "शून्य एक दो तीन चार पांच छह सात आठ नौ दस".split()
_CJK = "〇一二三四五六七八九十"


def error_rate(truth: str, heard: str, language: str) -> float:
    """Returns jiwer's word error rate, or character error rate where words are not set apart."""
    reference, hypothesis = normalise(truth, language), normalise(heard, language)
    if language in BY_CHARACTER:
        return jiwer.cer(reference.replace(" ", ""), hypothesis.replace(" ", ""))
    return jiwer.wer(reference, hypothesis or "∅")


def lost(utterances: Sequence[str], heard: str, language: str) -> list[bool]:
    """Returns of each utterance whether more than half of its words are missing in what was heard of all."""
    said = [normalise(utterance, language).split() for utterance in utterances]
    reference = [word for words in said for word in words]
    missing = np.zeros(len(reference), bool)
    text = normalise(heard, language)
    missing[:] = not text
    for chunk in jiwer.process_words(" ".join(reference), text or "∅").alignments[0]:
        if chunk.type == "delete":
            missing[chunk.ref_start_idx : chunk.ref_end_idx] = True
    ends = np.cumsum([len(words) for words in said])
    return [bool(part.mean() > 0.5) for part in np.split(missing, ends[:-1])]


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
