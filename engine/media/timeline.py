"""Puts decoded sound at its time in the recording: second 0 is where a player has it.

The zero is set once, at a recording's first sound. After that, sound only moves on: silence fills gaps, and what
follows a join of two recordings, whose times begin anew, follows what was before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from engine.media.ffmpeg_log import FfmpegLog
from engine.media.matroska import MatroskaSamples
from engine.sampling import SAMPLE_RATE, to_samples

# Containers whose times count from the recording's start, so that late sound is late. Chromium and Firefox play them
# so. All others, as transport streams, have a clock that runs from anywhere: the first stream's start is second 0.
_FROM_ZERO = ("mov,", "matroska,", "ogg")

LONGEST_SILENCE = 3600.0  # seconds that a file may lack; times that are farther apart are of different clocks
_JITTER = 0.1  # seconds by which times may be off without a gap, as they are if whole packets are counted
_CONFIRMED = 0.5  # seconds of pieces that show whether there is a gap before them
_ROUNDING = 0.001  # seconds; times come in milliseconds
_FILLED_AT_A_TIME = 30.0  # seconds of silence


def zero_of(log: FfmpegLog) -> float:
    """Returns the time in the file, in seconds, that is second 0 of the recording."""
    counts_from_zero = log.container.startswith(_FROM_ZERO) and 0 <= log.start <= LONGEST_SILENCE
    return 0.0 if counts_from_zero else log.start


def place_samples(
    pieces: Iterable[tuple[float, bytes]], stream: MatroskaSamples, zero: float
) -> Iterator[np.ndarray]:
    """Yields the samples of a stream, (n, channels), each piece at its time.

    zero  seconds of the stream's clock that are second 0 of the recording
    """
    timeline = Timeline(zero)
    for time, data in pieces:
        yield from timeline.place(time, np.frombuffer(data, np.float32).reshape(-1, stream.channels))
    yield from timeline.end()


class Timeline:
    """Places the sound of one track piece by piece."""

    def __init__(self, zero: float) -> None:
        """zero  seconds of the first piece's clock that are second 0"""
        self._zero = zero
        self._placed = 0  # samples
        self._begun = False
        self._held: list[tuple[float, np.ndarray]] = []  # pieces after a gap, until these confirm it
        self._held_samples = 0

    def place(self, time: float, samples: np.ndarray) -> Iterator[np.ndarray]:
        """Yields a piece at its time: silence before it, if there is a gap, and its samples.

        time     seconds, on the clock of the file
        samples  (n, channels)
        """
        if not self._begun:
            self._begun = True
            yield from self._begin(time - self._zero, samples)
            return
        if not self._held and time - self._now <= _JITTER:
            yield self._put(samples)
            return
        self._held.append((time, samples))
        self._held_samples += len(samples)
        span = max(time - self._held[0][0], self._held_samples / SAMPLE_RATE)
        if span >= _CONFIRMED:
            yield from self._settle()

    def end(self) -> Iterator[np.ndarray]:
        """Yields what waited for a next piece."""
        yield from self._settle()

    def _settle(self) -> Iterator[np.ndarray]:
        """Yields the pieces that waited, after their gaps if time has gone on in them.

        When the rate changes, ffmpeg 5 gives one piece a time that is far ahead, and all later ones the same until
        they have come up with it.
        """
        held, self._held, self._held_samples = self._held, [], 0
        if not held:
            return
        sound = sum(len(samples) for _, samples in held[:-1]) / SAMPLE_RATE
        goes_on = held[-1][0] - held[0][0] >= sound - _JITTER
        for time, samples in held:
            gap = time - self._now
            if goes_on and gap > LONGEST_SILENCE:
                self._zero += gap
            elif goes_on and gap > _JITTER:
                yield from self._silence(gap, samples)
            yield self._put(samples)

    @property
    def _now(self) -> float:
        """The end of the placed sound on the clock of the file, in seconds."""
        return self._zero + self._placed / SAMPLE_RATE

    def _begin(self, at: float, samples: np.ndarray) -> Iterator[np.ndarray]:
        if at > LONGEST_SILENCE:
            self._zero += at
        elif at > _ROUNDING:
            yield from self._silence(at, samples)
        elif at < -_ROUNDING:
            samples = samples[to_samples(-at) :]
        if len(samples):
            yield self._put(samples)
        else:  # all of it is before the start; the next piece may begin there
            self._begun = False

    def _silence(self, seconds: float, like: np.ndarray) -> Iterator[np.ndarray]:
        left = to_samples(seconds)
        while left > 0:
            count = min(left, to_samples(_FILLED_AT_A_TIME))
            left -= count
            yield self._put(np.zeros((count, like.shape[1]), np.float32))

    def _put(self, samples: np.ndarray) -> np.ndarray:
        self._placed += len(samples)
        return samples
