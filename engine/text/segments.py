"""Cuts a window's timed words into segments: sentences, else short cues."""

from __future__ import annotations

from collections.abc import Sequence

from engine.transcript import Segment, Word, join_texts

SENTENCE_PAUSE = 1.5  # seconds between two words that end a segment whatever the text says
MAX_SENTENCE = 15.0  # seconds after which a sentence is cut at its best place
_END = (".", "?", "!", "。", "？", "！", "…", "؟", "۔", "।", "॥", "։", "។", "။")
_CLAUSE = (",", ";", ":", "，", "、", "；", "：", "،", "؛", "—", "–")
_WRAPPING = "\"'”’»）)]」』》】"
# A full stop after these words does not end a sentence.
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st jr sr vs etc e.g i.e z.b d.h bzw usw ca nr no vol fig inc ltd co corp gen col lt "
    "capt sgt rev hon sra sres dra mme mlle m".split()
)


def split_into_segments(words: Sequence[Word]) -> list[tuple[Word, ...]]:
    """Returns the words in order, grouped into segments."""
    groups: list[tuple[Word, ...]] = []
    current: list[Word] = []
    for word in words:
        if current and (_ends_sentence(current[-1].word) or word.start - current[-1].end > SENTENCE_PAUSE):
            groups += _shorten(current)
            current = []
        current.append(word)
    return groups + _shorten(current) if current else groups


def make_segment(
    words: Sequence[Word], first_id: int, language: str, logprob: float, no_speech_prob: float
) -> Segment:
    """Makes a segment of one or more words."""
    return Segment(
        id=first_id,
        start=words[0].start,
        end=max(word.end for word in words),
        text=join_texts((word.word for word in words), language),
        language=language,
        words=tuple(words),
        avg_logprob=logprob,
        no_speech_prob=no_speech_prob,
    )


def _ends_sentence(text: str) -> bool:
    bare = text.rstrip(_WRAPPING)
    if not bare.endswith(_END):
        return False
    stem = bare[:-1].lstrip("\"'“‘«([").lower()
    initial = len(stem) == 1 and stem.isalpha() and text[0].isupper()
    return not (bare.endswith(".") and (initial or stem in _ABBREVIATIONS))


def _shorten(words: Sequence[Word]) -> list[tuple[Word, ...]]:
    """Cuts a run of words at its longest pause, clause ends first, until parts fit."""
    if len(words) < 2 or words[-1].end - words[0].start <= MAX_SENTENCE:
        return [tuple(words)]
    middle = (words[0].start + words[-1].end) / 2
    reach = (words[-1].end - words[0].start) / 4

    def worth(index: int) -> tuple[bool, bool, float]:
        before, after = words[index - 1], words[index]
        central = abs(after.start - middle) <= reach
        return central, before.word.endswith(_CLAUSE), after.start - before.end

    cut = max(range(1, len(words)), key=worth)
    return _shorten(words[:cut]) + _shorten(words[cut:])
