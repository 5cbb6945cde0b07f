"""Gives every word a length: words that share a moment divide the time around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engine.recognition.word_timestamps import FRAME_SECONDS
from engine.regions import Span
from engine.transcript import Word

SHORTEST = FRAME_SECONDS  # of a word that the sound has
_ROUNDING = 1e-6  # seconds


def divide(spans: Sequence[Span], least: Sequence[float], within: Span) -> list[Span] | None:
    """Returns spans in order that do not overlap, none shorter than it has to be; seconds throughout.

    A span that overlaps the one before it begins behind that. If it would then be too short, it begins where it did
    and shortens that one; if it began even before that one, it follows it.

    least   how long each span has to be
    within  start and end of the time that they have

    Returns None if that time is too short for all of them.
    """
    first, last = within
    starts: list[float] = []
    reached = earliest = first  # the end of the span before, and the first moment at which that can end
    for (start, end), length in zip(spans, least, strict=True):
        behind = max(start, reached)
        shortens = end - behind < length and start >= earliest
        starts.append(start if shortens else behind)
        earliest = starts[-1] + length
        reached = max(earliest, end)
    ends: list[float] = []
    latest = last
    for index in range(len(spans) - 1, -1, -1):
        starts[index] = min(starts[index], latest - least[index])
        ends.append(min(max(spans[index][1], starts[index] + least[index]), latest))
        latest = starts[index]
    if spans and latest < first - _ROUNDING:
        return None
    return list(zip(starts, reversed(ends), strict=True))


def place_found(words: Sequence[Word], found: Mapping[int, Word], duration: float) -> dict[int, Word]:
    """Places words that the sound has between the starts of the words around them.

    words     of a transcript, those that were shared out marked as interpolated
    found     some of these by index, with the times of the sound
    duration  of the recording, in seconds

    Returns the words that change, by index: those found, and interpolated ones among them that make room. Between
    neighbours that leave no room, all stay as they are.
    """
    placed: dict[int, Word] = {}
    for run in _runs(words, found):
        before, after = run.start - 1, run.stop
        first = min(words[before].start + SHORTEST, words[before].end) if before >= 0 else 0.0
        now = [found.get(index, words[index]) for index in run]
        last = words[after].start if after < len(words) else max(duration, *(word.end for word in now))
        least = [SHORTEST if index in found else min(SHORTEST, length_of(words[index])) for index in run]
        spans = divide([(word.start, word.end) for word in now], least, (first, last))
        for index, word, (start, end) in zip(run, now, spans or (), strict=bool(spans)):
            placed[index] = replace(word, start=start, end=end)
    return placed


def length_of(word: Word) -> float:
    """Returns how long a word lasts, in seconds."""
    return max(0.0, word.end - word.start)


def least_length(word: Word) -> float:
    """Returns how long a word has to last: a word that was not said and a sign alone may have no length."""
    return SHORTEST if word.is_said and any(map(str.isalnum, word.word)) else 0.0


def _runs(words: Sequence[Word], found: Mapping[int, Word]) -> Iterator[range]:
    """Yields neighbours by index that were shared out or found, if one of them was found."""
    begin = 0
    for index in range(len(words) + 1):
        if index < len(words) and (index in found or words[index].timing == "interpolated"):
            continue
        if any(at in found for at in range(begin, index)):
            yield range(begin, index)
        begin = index + 1
