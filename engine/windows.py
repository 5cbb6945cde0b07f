"""A window of speech, and the parts of the file that it was cut from."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from engine.sampling import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """Part of the file inside a window: file time `start` to `end`, beginning at `offset` in the window."""

    start: float
    end: float
    offset: float

    @property
    def duration(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Window:
    """At most 30 s of speech.

    samples  (n,) float32 at 16 kHz
    pieces   of the file, which they are
    speech   where in the window speech was found: (start, end) in window seconds, in order; nowhere, where
             detection is off and finds none
    channel  of the recording, if its channels are transcribed one by one
    """

    samples: np.ndarray
    pieces: tuple[SourceSpan, ...]
    speech: tuple[tuple[float, float], ...] = ()
    channel: int = 0

    @property
    def start(self) -> float:
        return self.pieces[0].start

    @property
    def end(self) -> float:
        return self.pieces[-1].end

    @property
    def duration(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    def to_file(self, start: float, end: float) -> tuple[float, float]:
        """Maps a span of window time into the file.

        A word lies in one piece: where a span crosses a cut pause, it is kept to the piece that
        holds its middle.
        """
        piece = self.piece_at((start + end) / 2)
        # Not by its duration: end - start + start may be a bit more than the end.
        inside = [min(max(t - piece.offset, 0.0) + piece.start, piece.end) for t in (start, end)]
        return inside[0], inside[1]

    def piece_at(self, time: float) -> SourceSpan:
        """Returns the piece that holds a moment of window time."""
        index = bisect_right([piece.offset for piece in self.pieces], time) - 1
        return self.pieces[max(index, 0)]
