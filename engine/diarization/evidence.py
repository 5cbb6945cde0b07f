"""What has been heard of a recording's voices: runs, and vectors of windows and of pieces of runs.

Vectors are kept and sound is not: an hour takes some 6 MB.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.diarization.parts import EMBEDDING_SIZE, Run, Vectors

SHORTEST_RUN = 0.7  # seconds; shorter runs have no vector of their own
PIECE = 1.5  # seconds of a run that are embedded together
PIECE_STEP = 0.75  # seconds
WHOLE = 2.25  # seconds up to which a run is one piece


class VectorStore:
    """Vectors (n, 192) and the seconds of speech behind each, in arrays that grow."""

    def __init__(self) -> None:
        self._vectors = np.zeros((64, EMBEDDING_SIZE), np.float32)
        self._seconds = np.zeros(64, np.float64)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def vectors(self) -> Vectors:
        return self._vectors[: self._size]

    @property
    def seconds(self) -> NDArray[np.float64]:
        return self._seconds[: self._size]

    def append(self, vector: NDArray[np.float32], seconds: float) -> int:
        """Adds a vector and returns its index."""
        if self._size == len(self._vectors):
            grown = self._size * 3 // 2
            self._vectors = np.resize(self._vectors, (grown, EMBEDDING_SIZE))
            self._seconds = np.resize(self._seconds, grown)
        self._vectors[self._size] = vector
        self._seconds[self._size] = seconds
        self._size += 1
        return self._size - 1


class Evidence:
    """Everything that speakers are found from, in order of time.

    windows    vectors of local speakers
    window_of  index in `windows` by (window, local speaker), for those that could be embedded
    pieces     vectors of pieces of runs of one voice
    runs       all runs, and for each the pieces in it: first index, one past the last
    """

    def __init__(self) -> None:
        self.windows = VectorStore()
        self.window_of: dict[tuple[int, int], int] = {}
        self.pieces = VectorStore()
        self.piece_times: list[tuple[float, float]] = []
        self.runs: list[Run] = []
        self.pieces_of: list[tuple[int, int]] = []

    @property
    def vectors(self) -> int:
        """Number of vectors."""
        return len(self.windows) + len(self.pieces)

    def add_window(self, key: tuple[int, int], vector: NDArray[np.float32], seconds: float) -> None:
        self.window_of[key] = self.windows.append(vector, seconds)

    def add_run(self, run: Run, pieces: list[tuple[float, float, NDArray[np.float32]]]) -> None:
        """Adds a run and the pieces of it that could be embedded: start, end, vector."""
        first = len(self.pieces)
        for start, end, vector in pieces:
            # Pieces of long runs overlap, so that each stands for the time to the next.
            seconds = end - start
            self.pieces.append(vector, min(seconds, PIECE_STEP) if seconds >= PIECE - 0.1 else seconds)
            self.piece_times.append((start, end))
        self.runs.append(run)
        self.pieces_of.append((first, len(self.pieces)))


def pieces_of(run: Run) -> list[tuple[float, float]]:
    """Returns the pieces (start, end), in seconds, that a run is embedded in; none for overlapping speech."""
    if len(run.voices) != 1 or run.duration < SHORTEST_RUN:
        return []
    if run.duration <= WHOLE:
        return [(run.start, run.end)]
    number = int(np.ceil((run.duration - PIECE) / PIECE_STEP)) + 1
    return [(start, start + PIECE) for start in np.linspace(run.start, run.end - PIECE, number).tolist()]
