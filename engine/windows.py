"""A window of speech, and the parts of the file that make it up."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from engine.sampling import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """Holds a part of the file in a window: file times, and its offset in the window."""

    start: float
    end: float
    offset: float

    @property
    def duration(self) -> float:
        """Returns the length in seconds."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Window:
    """Holds at most 30 s of speech.

    samples  (n,) float32 at 16 kHz
    pieces   the parts of the file that make up the samples, in order
    speech   detected speech, (start, end) in window seconds, in order; empty if there is none
    channel  the channel, if channels are transcribed one by one
    faint    the spans of `speech` that louder sound hid at first
    """

    samples: np.ndarray
    pieces: tuple[SourceSpan, ...]
    speech: tuple[tuple[float, float], ...] = ()
    channel: int = 0
    faint: tuple[tuple[float, float], ...] = ()

    @property
    def start(self) -> float:
        """Returns the file time at which the window starts, in seconds."""
        return self.pieces[0].start

    @property
    def end(self) -> float:
        """Returns the file time at which the window ends, in seconds."""
        return self.pieces[-1].end

    @property
    def duration(self) -> float:
        """Returns the length in seconds, without the pauses that were cut."""
        return len(self.samples) / SAMPLE_RATE

    def to_file(self, start: float, end: float) -> tuple[float, float]:
        """Maps a span of window time to file time, both in seconds.

        A word lies in one piece: a span that crosses a cut pause is limited to the piece that holds its
        middle.
        """
        piece = self.piece_at((start + end) / 2)
        # Limited by `end`, not by the duration: end - start + start may exceed the end by rounding.
        inside = [min(max(t - piece.offset, 0.0) + piece.start, piece.end) for t in (start, end)]
        return inside[0], inside[1]

    def piece_at(self, time: float) -> SourceSpan:
        """Returns the piece that holds a moment of window time, in seconds."""
        index = bisect_right([piece.offset for piece in self.pieces], time) - 1
        return self.pieces[max(index, 0)]


@dataclass(frozen=True, slots=True)
class OpenSpeech:
    """Holds live speech that has not ended: from its start, in seconds of the sound, to where it has been read.

    samples  (n,) float32 at 16 kHz
    """

    start: float
    end: float
    samples: np.ndarray
