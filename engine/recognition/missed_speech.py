"""Finds where a window's words leave out speech, and where to cut its sound.

Whisper may leave out a sentence, above all of another person: it writes a window as if one person spoke. Attention
then stretches the words beside the hole over it, or strews words in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.recognition.decoding import DecodedWord
from engine.recognition.encoder import FRAME_RATE
from engine.recognition.hole import SHORT, SHORTEST_SHARE, SLACK, Hole
from engine.recognition.joined_words import WordPart
from engine.regions import Span
from engine.text.bare_speech import (
    MARGIN,
    BareStretch,
    TimedText,
    bare_stretches,
    covered_spans,
)

SMOOTHED = 5  # frames over which loudness is averaged
SYLLABLE = 8  # frames in which the level of speech changes
LEAST_CHANGE = (
    0.08  # 3 dB in log-mel units; fillers and breaths change by up to 0.06, sentences by 0.11 or more
)


def find_holes(
    speech: Sequence[Span], words: Sequence[DecodedWord], seconds: float, least: float
) -> list[Hole]:
    """Returns where the words of a window leave out speech, in order.

    speech   detected speech, (start, end) in window seconds
    seconds  of the window
    least    seconds of bare speech in all that count as left out
    """
    timed = [TimedText(word.text.strip(), word.start, word.end) for word in words]
    covers = covered_spans(timed)
    stretches = bare_stretches(speech, timed, least)
    runs = [run for stretch in stretches if (run := _longest_run(stretch, timed, covers))[2] >= least]
    return [_hole(timed, covers, (start, end), seconds) for start, end, _ in runs]


def without_hole(words: Sequence[DecodedWord], at: int) -> DecodedWord:
    """Returns the word at an index, if it is part of a longer one, without the time that it cannot have taken."""
    if not isinstance(words[at], WordPart):
        return words[at]
    timed = [TimedText(word.text.strip(), word.start, word.end) for word in words]
    start, end = covered_spans(timed)[at]
    return replace(words[at], start=start, end=end)


def _longest_run(
    stretch: BareStretch, words: Sequence[TimedText], covers: Sequence[Span]
) -> tuple[float, float, float]:
    """Returns the longest run of pieces between which no word has times that are likely: start, end, bare seconds."""
    likely = [span for word, span in zip(words, covers, strict=True) if span == (word.start, word.end)]
    runs: list[list[Span]] = []
    for piece in stretch.pieces:
        if runs and not any(runs[-1][-1][1] <= _middle(span) <= piece[0] for span in likely):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    bare = [sum(end - start for start, end in run) for run in runs]
    longest = runs[bare.index(max(bare))]
    return longest[0][0], longest[-1][1], max(bare)


def _hole(words: Sequence[TimedText], covers: Sequence[Span], bare: Span, seconds: float) -> Hole:
    start, end = bare
    middles = [_middle(span) for span in covers]
    first = next((at for at, middle in enumerate(middles) if middle > start), len(words))
    last = next((at for at, middle in enumerate(middles) if at >= first and middle >= end), len(words))
    starts = (max(0.0, start - MARGIN),) * 2
    ends = (min(seconds, end + MARGIN),) * 2
    if first:
        word, (begin, until) = words[first - 1], covers[first - 1]
        stretched = until < word.end
        least = SHORTEST_SHARE * (until - begin)
        starts = (begin + least, until) if stretched else (word.end - SLACK, start + SLACK)
    if last < len(words):
        word, (begin, until) = words[last], covers[last]
        stretched = begin > word.start
        least = SHORTEST_SHARE * (until - begin)
        ends = (begin, until - least) if stretched else (end - SLACK, word.start + SLACK)
    return Hole(first, last, start, end, starts, ends)


def _middle(span: Span) -> float:
    return (span[0] + span[1]) / 2


def cut_span(hole: Hole, features: NDArray[np.float32], longest: float) -> Span:
    """Returns where to cut the sound of a hole, in seconds: where it is quietest near its ends.

    features  (n_mels, frames) of the window, log-mel
    longest   seconds; of a longer hole the span holds the beginning, up to a quiet place in its second half
    """
    level = np.convolve(np.pad(features.mean(axis=0), SMOOTHED // 2, mode="edge"), np.ones(SMOOTHED), "valid")
    start, end = _quietest(level, hole.starts), _quietest(level, hole.ends)
    if end - start > longest:
        end = _quietest(level, (start + longest / 2, start + longest))
    return start, end


def may_hold_words(hole: Hole, features: NDArray[np.float32]) -> bool:
    """Returns whether a hole is long, or its level changes as that of words does.

    features  (n_mels, frames) of the window, log-mel
    """
    if hole.seconds >= SHORT:
        return True
    level = features[:, round(hole.start * FRAME_RATE) : round(hole.end * FRAME_RATE)].mean(axis=0)
    change = np.abs(level[SYLLABLE:] - level[:-SYLLABLE])
    return bool(len(change)) and float(change.mean()) >= LEAST_CHANGE


def _quietest(level: NDArray[np.floating], between: Span) -> float:
    first, last = (min(max(round(time * FRAME_RATE), 0), len(level)) for time in sorted(between))
    return (first + int(level[first:last].argmin()) if first < last else first) / FRAME_RATE
