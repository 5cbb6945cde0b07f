"""Word edges set where speech stops and begins again, which Whisper's attention does not see.

Attention gives every moment to some word, pauses too: the word before a pause or the one after it is
too long by what the pause takes. Sound tells where a pause lies, and the edges that are near it move there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.audio import SAMPLE_RATE

FRAME = 0.01  # seconds of sound judged together
SMOOTHED = 3  # frames

# Chosen on `word_timing --part tune`.
LOUD = 0.3  # of the way in dB from what is quiet here to what is loud; above it is speech
DEPTH = 40.0  # dB below what is loud; nothing need be quieter to be quiet
PAUSE = 0.12  # seconds; shorter silence may be a closed mouth inside a word
REACH = 0.15  # seconds that attention may be off an edge of a pause

SHORTEST = 0.03  # seconds that no edge moves into a word
LONGEST, PER_LETTER, PER_DIGIT = 0.8, 0.2, 0.6  # seconds that a word may last, and more with its length

Span = tuple[float, float]


def at_pauses(samples: np.ndarray, words: Sequence[str], spans: Sequence[Span]) -> list[Span]:
    """Returns the spans with those edges moved to a pause that lie by it, and none impossibly long.

    samples  (n,) at 16 kHz
    spans    each word's start and end in seconds from the first sample, in order
    """
    if not spans:
        return []
    starts, ends = np.array(spans, float).T
    before, after = np.r_[-np.inf, ends], np.r_[starts, np.inf]  # of each place between two words
    places = np.r_[starts[0], (ends[:-1] + starts[1:]) / 2, ends[-1]]
    for silent, sounding in _pauses(samples):
        away = np.maximum(np.minimum(before, after) - sounding, silent - np.maximum(before, after))
        off_middle = np.abs(places - (silent + sounding) / 2)
        place = np.lexsort((off_middle, np.maximum(away, 0)))[0]
        low, high = silent - REACH, sounding + REACH
        if low <= before[place] <= high and silent - starts[place - 1] >= SHORTEST:
            ends[place - 1] = silent
        if low <= after[place] <= high and ends[place] - sounding >= SHORTEST:
            starts[place] = sounding
    longest = [_longest(word) for word in words]
    starts[0] = max(starts[0], ends[0] - longest[0])  # the silence before all speech is the first word's
    return [
        (float(start), float(min(max(start, end), start + most)))
        for start, end, most in zip(starts, ends, longest, strict=True)
    ]


def _pauses(samples: np.ndarray) -> np.ndarray:
    """Returns where there is no speech, (pauses, 2) in seconds."""
    hop = round(FRAME * SAMPLE_RATE)
    frames = samples[: len(samples) // hop * hop].reshape(-1, hop)
    if not len(frames):
        return np.empty((0, 2))
    power = np.convolve(np.mean(frames.astype(np.float32) ** 2, axis=1), np.ones(SMOOTHED) / SMOOTHED, "same")
    level = 10 * np.log10(power + 1e-10)
    loud = np.percentile(level, 95)
    quiet = max(np.percentile(level, 10), loud - DEPTH)
    sounding = level > quiet + LOUD * (loud - quiet)
    turns = np.flatnonzero(np.diff(np.r_[True, sounding, True])).reshape(-1, 2)
    return turns[turns[:, 1] - turns[:, 0] >= round(PAUSE / FRAME)] * FRAME


def _longest(word: str) -> float:
    digits = sum(c.isdigit() for c in word)
    return LONGEST + PER_LETTER * (len(word) - digits) + PER_DIGIT * digits
