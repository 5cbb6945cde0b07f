"""Cuts a window's timed words into segments: sentences, else short cues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.text.disfluencies import find_disfluencies
from engine.text.sentence_ends import sentence_ends
from engine.transcript import Segment, Word, join_texts

SENTENCE_PAUSE = 1.5  # seconds between two words that end a segment whatever the text says
MAX_SENTENCE = 15.0  # seconds after which a sentence is cut at its best place
_CLAUSE = (",", ";", ":", "，", "、", "；", "：", "،", "؛", "—", "–")


def split_into_segments(words: Sequence[Word], language: str) -> list[tuple[Word, ...]]:
    """Returns the words in order, grouped into segments."""
    groups: list[tuple[Word, ...]] = []
    current: list[Word] = []
    ended = False
    for word, ends in zip(words, sentence_ends(words, language), strict=True):
        if current and (ended or word.start - current[-1].end > SENTENCE_PAUSE):
            groups += _shorten(current)
            current = []
        current.append(word)
        ended = ends
    return groups + _shorten(current) if current else groups


def make_segment(
    words: Sequence[Word], first_id: int, language: str, logprob: float, no_speech_prob: float
) -> Segment:
    """Makes a segment of one or more words, and marks those that are disfluent."""
    return Segment(
        id=first_id,
        start=words[0].start,
        end=max(word.end for word in words),
        text=join_texts((word.word for word in words), language),
        language=language,
        words=mark_disfluencies(words, language),
        avg_logprob=logprob,
        no_speech_prob=no_speech_prob,
    )


def mark_disfluencies(words: Sequence[Word], language: str) -> tuple[Word, ...]:
    """Returns the words of a segment, each with the mark that the rules give it, and without another one."""
    marks = find_disfluencies(words, language)
    return tuple(
        word if word.disfluency == marks.get(index) else replace(word, disfluency=marks.get(index))
        for index, word in enumerate(words)
    )


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
