"""Moves word edges to pauses in the sound, which Whisper's attention does not see.

Attention gives every moment to some word, even a pause: the word before or after the pause is too long by its
length. The sound level shows the pause, and word edges near it move to its edges.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.sampling import SAMPLE_RATE

FRAME_SECONDS = 0.01  # seconds of one frame of the sound level
SMOOTHED = 3  # frames that the level is smoothed over

# Chosen on `word_timing --part tune`.
LOUD = 0.3  # share of the way from the quiet to the loud level, in dB; above it is speech
DEPTH = 40.0  # dB below the loud level; everything below counts as quiet
MIN_PAUSE = 0.12  # seconds; shorter silence may be a closed mouth inside a word
MAX_MOVE = 0.15  # seconds that an edge moves to a pause at most

SHORTEST = 0.03  # seconds that a word keeps at least when its edge moves
# Seconds that a word may last: a base, and more for each letter and digit.
MAX_WORD, PER_LETTER, PER_DIGIT = 0.8, 0.2, 0.6

Span = tuple[float, float]


def snap_to_pauses(samples: np.ndarray, words: Sequence[str], spans: Sequence[Span]) -> list[Span]:
    """Returns the spans with edges moved to nearby pauses, and impossible lengths cut.

    samples  (n,) float32 at 16 kHz
    spans    each word's start and end in seconds from the first sample, in order
    """
    if not spans:
        return []
    starts, ends = np.array(spans, float).T
    pauses = _pauses(samples)
    for place, (silent, sounding) in _places(starts, ends, pauses).items():
        low, high = silent - MAX_MOVE, sounding + MAX_MOVE
        if place > 0 and low <= ends[place - 1] <= high and silent - starts[place - 1] >= SHORTEST:
            ends[place - 1] = silent
        if place < len(starts) and low <= starts[place] <= high and ends[place] - sounding >= SHORTEST:
            starts[place] = sounding
    for silent, sounding in pauses:
        for index in np.flatnonzero((starts >= silent) & (ends <= sounding)):
            _push_out_of_pause(starts, ends, int(index), silent=silent, sounding=sounding)
    longest = np.array([_longest(word) for word in words])
    # Attention gives the silence before all speech to the first word.
    starts[0] = max(starts[0], ends[0] - longest[0])
    ends = np.minimum(np.maximum(starts, ends), starts + longest)
    ends[:-1] = np.minimum(ends[:-1], np.maximum(starts[:-1], starts[1:]))
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _places(starts: np.ndarray, ends: np.ndarray, pauses: np.ndarray) -> dict[int, Span]:
    """Returns the longest pause between each two words, by the index of the second."""
    before, after = np.r_[-np.inf, ends], np.r_[starts, np.inf]
    middles = np.r_[starts[0], (ends[:-1] + starts[1:]) / 2, ends[-1]]
    found: dict[int, Span] = {}
    for silent, sounding in pauses:
        away = np.maximum(np.minimum(before, after) - sounding, silent - np.maximum(before, after))
        off_middle = np.abs(middles - (silent + sounding) / 2)
        place = int(np.lexsort((off_middle, np.maximum(away, 0)))[0])
        if place not in found or sounding - silent > found[place][1] - found[place][0]:
            found[place] = silent, sounding
    return found


def _push_out_of_pause(
    starts: np.ndarray, ends: np.ndarray, index: int, silent: float, sounding: float
) -> None:
    """Moves a word that lies in a pause to the pause's nearer edge, in place.

    The word takes the time it needs from its neighbour there, at most half of the neighbour's.
    """
    length = ends[index] - starts[index]
    to_next = sounding - ends[index] <= starts[index] - silent
    if (to_next or index == 0) and index + 1 < len(starts):
        edge = min(sounding + length, (sounding + ends[index + 1]) / 2)
        if edge > max(sounding, starts[index + 1]):
            starts[index], ends[index] = sounding, edge
            starts[index + 1] = edge
    elif index > 0:
        edge = max(silent - length, (silent + starts[index - 1]) / 2)
        if edge < min(silent, ends[index - 1]):
            starts[index], ends[index] = edge, silent
            ends[index - 1] = edge


def _pauses(samples: np.ndarray) -> np.ndarray:
    """Returns the pauses, (pauses, 2) in seconds."""
    hop = round(FRAME_SECONDS * SAMPLE_RATE)
    frames = samples[: len(samples) // hop * hop].reshape(-1, hop)
    if not len(frames):
        return np.empty((0, 2))
    power = np.convolve(np.mean(frames.astype(np.float32) ** 2, axis=1), np.ones(SMOOTHED) / SMOOTHED, "same")
    level = 10 * np.log10(power + 1e-10)
    loud = np.percentile(level, 95)
    quiet = max(np.percentile(level, 10), loud - DEPTH)
    sounding = level > quiet + LOUD * (loud - quiet)
    turns = np.flatnonzero(np.diff(np.r_[True, sounding, True])).reshape(-1, 2)
    return turns[turns[:, 1] - turns[:, 0] >= round(MIN_PAUSE / FRAME_SECONDS)] * FRAME_SECONDS


def _longest(word: str) -> float:
    digits = sum(c.isdigit() for c in word)
    return MAX_WORD + PER_LETTER * (len(word) - digits) + PER_DIGIT * digits
