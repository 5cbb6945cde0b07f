"""Puts words that were found into a hole, and words that attention puts before it behind it, if they were said there.

The decoder may leave out a sentence and write the next one over it: the first words of that one then have the times of
what was left out, and no speech is bare. Two things betray them. One of them lasts longer than the pause behind the
sentence that was left out. Or a look at the hole hears these words and nothing else, since they are loud.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise
from math import inf

from engine.recognition.decoding import DecodedWord
from engine.recognition.hole import SHORT, SHORTEST_SHARE, SLACK, Hole, letters_of
from engine.regions import Span
from engine.text.bare_speech import ENDS, MARGIN, longest_seconds

PAUSE = 0.3  # seconds; attention's words reach over shorter ones
OVER = 0.1  # seconds on either side of a pause that a word which reaches over it has
DOUBTFUL = -0.9  # log-probability of a token: of a first word that has another's sound it is lower
MOST = 4  # words before a hole that may have been said behind it
MORE = 1.5  # times the letters of the words that are strewn in a hole, at least, replace them
ALIKE = 0.6  # share of equal letters of two texts of the same sound


def find_misplaced(speech: Sequence[Span], words: Sequence[DecodedWord], least: float) -> list[Hole]:
    """Returns the holes over which doubtful words begin a sentence that goes on behind a pause, in order.

    speech  detected speech, (start, end) in window seconds
    least   seconds of speech before the pause that count as left out
    """
    holes = []
    for (_, end), (start, _) in pairwise(speech):
        if start - end < PAUSE:
            continue
        over = (at for at, word in enumerate(words) if word.start < end - OVER and word.end > start + OVER)
        for last in over:
            first = _sentence_start(words, last)
            word, count = words[first], last + 1 - first
            if count > MOST or end - word.start < least:
                continue
            if word.logprob < DOUBTFUL * word.tokens:
                begin = (max(0.0, word.start - MARGIN), word.start + SLACK)
                holes.append(Hole(first, first, word.start, end, begin, (end, start), moved=count))
    return holes


def _sentence_start(words: Sequence[DecodedWord], at: int) -> int:
    while at and not words[at - 1].text.rstrip().endswith(ENDS):
        at -= 1
    return at


def hole_before(
    words: Sequence[DecodedWord],
    hole: Hole,
    found: Sequence[DecodedWord],
    speech: Sequence[Span],
    least: float,
) -> Hole | None:
    """Returns the hole that there is if words that attention put before or into a hole were said behind it.

    These are the words that a look at the hole has found, or those before it from where a sentence or speech begins.

    found   by the look at the hole
    speech  detected speech, (start, end) in window seconds
    least   seconds of a hole
    """
    if hole.moved or not words:
        return None
    heard, count = letters_of(found), len(found)
    likeness = {
        at: alike(heard, letters_of(words[at : at + count]))
        for at in range(max(0, hole.first - MOST), min(hole.last, len(words) - 1) + 1)
    }
    first = max(likeness, key=lambda at: likeness[at])
    if not found or likeness[first] < ALIKE:
        begins = (_sentence_start(words, max(0, hole.first - 1)), _first_in_region(words, speech, hole.start))
        first = next((at for at in begins if 0 < hole.first - at <= MOST), hole.first)
        count = hole.first - first
        if not count:
            return None
    moved = min(count, len(words) - first)
    after = words[first + moved].start if first + moved < len(words) else hole.ends[1]
    longest = sum(longest_seconds(word.text.strip()) for word in words[first : first + moved])
    ends = after - longest, after - SHORTEST_SHARE * longest
    start = min(words[first].start + SLACK, hole.start)
    starts = (words[first - 1].end - SLACK if first else 0.0, start)
    if ends[0] - start < least:
        return None
    return Hole(first, first, start, ends[0], starts, ends, moved)


def _first_in_region(words: Sequence[DecodedWord], speech: Sequence[Span], at: float) -> int:
    """Returns the index of the first word in the region of speech at a time; all words' number if there is none."""
    begin = next((start for start, end in speech if start <= at < end), inf)
    return next((index for index, word in enumerate(words) if word.end > begin + SLACK), len(words))


def with_beginning_behind(hole: Hole, words: Sequence[DecodedWord], found: Sequence[DecodedWord]) -> Hole:
    """Returns a hole whose strewn words lie behind it, if they begin a sentence that goes on there.

    found  in the hole; if one of the strewn words is among these, they are what was left out
    """
    strewn = words[hole.first : hole.last]
    begins = _sentence_start(words, hole.first) == hole.first
    goes_on = hole.last < len(words) and _sentence_start(words, hole.last) == hole.first
    heard = {letters_of([word]) for word in found}
    if not strewn or not (begins and goes_on) or any(letters_of([word]) in heard for word in strewn):
        return hole
    return replace(hole, last=hole.first, moved=len(strewn))


def put_behind(words: Sequence[DecodedWord], count: int, start: float) -> list[DecodedWord]:
    """Returns words of which the first `count` were said after `start` seconds, each as long as its text."""
    if not count:
        return list(words)
    until = max(start, words[count].start if count < len(words) else words[count - 1].end)
    size = [len(word.text) for word in words[:count]]
    step = (until - start) / sum(size)
    edges = [start + step * sum(size[:at]) for at in range(count + 1)]
    moved = [replace(word, start=edges[at], end=edges[at + 1]) for at, word in enumerate(words[:count])]
    return [*moved, *words[count:]]


def alike(one: str, two: str) -> float:
    """Returns the share of letters that two texts have in common, 0 to 1."""
    return SequenceMatcher(None, one, two, autojunk=False).ratio()


def fill_hole(
    words: Sequence[DecodedWord], hole: Hole, span: Span, found: Sequence[DecodedWord]
) -> list[DecodedWord] | None:
    """Returns the words with those found in a hole, or None if these say no more than the words there or beside it.

    span   that was decoded, in window seconds
    found  times in seconds from the start of the span

    A word that attention stretched into the hole is cut to its side. A word beside the hole that is found again is
    written once.
    """
    start, end = span
    hole = with_beginning_behind(hole, words, found)
    before, between = words[: hole.first], words[hole.first : hole.last]
    after = put_behind(words[hole.last :], hole.moved, end)
    further = list(found)
    if further and before and letters_of(further[:1]) == letters_of(before[-1:]):
        del further[0]
    if further and after and not hole.moved and letters_of(further[-1:]) == letters_of(after[:1]):
        del further[-1]
    text = letters_of(further)
    beside = letters_of(before)[-2 * len(text) :], letters_of(after)[: 2 * len(text)]
    repeats = hole.seconds < SHORT and any(text in side for side in beside)
    known = hole.moved and alike(text, letters_of(after[: hole.moved])) >= ALIKE
    if not text or repeats or known or len(text) < MORE * len(letters_of(between)):
        return None
    return [
        *(replace(word, end=min(word.end, max(start, word.start))) for word in before),
        *(replace(word, start=word.start + start, end=word.end + start) for word in further),
        *(replace(word, start=max(word.start, min(end, word.end))) for word in after),
    ]
