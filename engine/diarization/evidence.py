"""What has been heard of a recording's voices: runs, and vectors of windows and of pieces of runs.

Vectors are kept and sound is not: an hour takes some 6 MB.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.diarization.parts import EMBEDDING_SIZE, Run, Vectors
from engine.diarization.windows import window_span

# Seconds; shorter runs have no vector of their own. A vector of 0.2 s tells little, but more than the local speaker
# that the segmentation takes the run for: a window has no more than three of them.
SHORTEST_RUN = 0.2
PIECE = 1.5  # seconds of a run that are embedded together
WHOLE = 2.25  # seconds up to which a run is one piece; of 3 s, a second speaker in it was missed
SPACING = 3.0  # seconds from the start of one piece of a longer run to that of the next one, at most
CLOSEST = 0.75  # seconds between pieces from which no further one is put between them
# Share of the usual cosine of neighbouring pieces below which another person may speak in the second one.
DOUBTFUL = 0.75
USUAL, USUAL_PAIRS = 0.65, 8  # cosine that is expected before any was seen, and for how many pairs it counts


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a run of one voice, start and end in seconds, and its vector (192,) of length 1."""

    start: float
    end: float
    vector: NDArray[np.float32]


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

    def blend(self, index: int, vector: NDArray[np.float32], seconds: float) -> None:
        """Turns a vector towards another one of the same voice."""
        self._vectors[index] = _unit(self._vectors[index] * self._seconds[index] + vector * seconds)
        self._seconds[index] += seconds

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

    windows    vectors of local speakers: embedded by themselves, or the mean of pieces of their runs
    window_of  index in `windows` by (window, local speaker), for those that have a vector
    pieces     vectors of pieces of runs of one voice
    runs       all runs, and for each the pieces in it: first index, one past the last
    """

    def __init__(self) -> None:
        self.windows = VectorStore()
        self.window_of: dict[tuple[int, int], int] = {}
        self._alike: list[float] = []  # for each vector in `windows`, see `least_alike`
        self._parts: dict[int, list[int]] = {}  # pieces behind each vector in `windows`
        self.pieces = VectorStore()
        self.piece_times: list[tuple[float, float]] = []
        self.runs: list[Run] = []
        self.pieces_of: list[tuple[int, int]] = []
        self._embedded: set[tuple[int, int]] = set()  # local speakers embedded by themselves

    @property
    def vectors(self) -> int:
        """Number of vectors."""
        return len(self.windows) + len(self.pieces)

    @property
    def least_alike(self) -> NDArray[np.float64]:
        """For each vector in `windows`, the smallest cosine (n,) between two pieces that it is the mean of.

        It is 1 if there is but one piece, or if the local speaker was embedded by itself.
        """
        return np.array(self._alike)

    def add_window(self, key: tuple[int, int], vector: NDArray[np.float32], seconds: float) -> None:
        """Adds the vector of a local speaker that is embedded by itself."""
        self._embedded.add(key)
        self._append_window(key, vector, seconds)

    def add_run(self, run: Run, pieces: Sequence[Piece]) -> None:
        """Adds a run, and the pieces of it that could be embedded, in order."""
        first = len(self.pieces)
        times = [(piece.start, piece.end) for piece in pieces]
        for piece, seconds in zip(
            pieces, np.diff(edges_of(run, times)).tolist() if times else (), strict=True
        ):
            self.pieces.append(piece.vector, seconds)
        self.piece_times += times
        self.runs.append(run)
        self.pieces_of.append((first, len(self.pieces)))
        if pieces:
            for key in run.voices[0]:
                if key not in self._embedded:
                    self._add_part(key, run, pieces, first)

    def _append_window(self, key: tuple[int, int], vector: NDArray[np.float32], seconds: float) -> None:
        self.window_of[key] = self.windows.append(vector, seconds)
        self._alike.append(1.0)

    def _add_part(self, key: tuple[int, int], run: Run, pieces: Sequence[Piece], first_piece: int) -> None:
        """Adds what a run has of a window to the vector of the window's local speaker.

        first_piece  index of the first of `pieces` in `self.pieces`
        """
        first, last = window_span(key[0])
        first, last = max(run.start, first), min(run.end, last)
        if last <= first:
            return
        shares = np.array(
            [max(0.0, min(piece.end, last) - max(piece.start, first)) for piece in pieces], np.float32
        )
        if not shares.any():  # the window ends between two pieces
            middles = np.array([(piece.start + piece.end) / 2 for piece in pieces])
            shares[np.abs(middles - (first + last) / 2).argmin()] = 1.0
        vector = _unit(shares @ np.stack([piece.vector for piece in pieces]))
        seconds = last - first
        if key in self.window_of:
            self.windows.blend(self.window_of[key], vector, seconds)
        else:
            self._append_window(key, vector, seconds)
        self._compare(self.window_of[key], (first_piece + np.flatnonzero(shares)).tolist())

    def _compare(self, index: int, pieces: list[int]) -> None:
        """Compares further pieces behind a vector in `windows` with each other and with those before them."""
        parts = self._parts.setdefault(index, [])
        parts += pieces
        vectors = self.pieces.vectors
        alike = vectors[parts] @ vectors[pieces].T
        self._alike[index] = min(self._alike[index], float(alike.min()))


def pieces_of(run: Run) -> list[tuple[float, float]]:
    """Returns the pieces (start, end), in seconds, that a run is embedded in; none for overlapping speech."""
    if len(run.voices) != 1 or run.duration < SHORTEST_RUN:
        return []
    if run.duration <= WHOLE:
        return [(run.start, run.end)]
    number = int(np.ceil((run.duration - PIECE) / SPACING - 1e-6)) + 1
    length = min(PIECE, run.duration / number)
    return [(start, start + length) for start in np.linspace(run.start, run.end - length, number).tolist()]


class Neighbours:
    """What neighbouring pieces are usually like, which noise and echo change."""

    def __init__(self) -> None:
        self._sum, self._pairs = USUAL * USUAL_PAIRS, USUAL_PAIRS

    def add(self, pieces: Sequence[Piece]) -> None:
        """Takes the pieces of a run, in order."""
        for one, other in itertools.pairwise(pieces):
            self._sum += float(one.vector @ other.vector)
            self._pairs += 1

    def doubtful_places(self, pieces: Sequence[Piece]) -> list[tuple[float, float]]:
        """Returns the places (start, end), in seconds, halfway between neighbouring pieces that differ."""
        least = DOUBTFUL * self._sum / self._pairs
        return [
            ((one.start + other.start) / 2, (one.end + other.end) / 2)
            for one, other in itertools.pairwise(pieces)
            if other.start - one.start > CLOSEST and float(one.vector @ other.vector) < least
        ]


def edges_of(run: Run, times: Sequence[tuple[float, float]]) -> list[float]:
    """Returns the seconds at which each of a run's pieces, given by start and end, gives way to the next one."""
    middles = [(one[1] + other[0]) / 2 for one, other in itertools.pairwise(times)]
    return [run.start, *middles, run.end]


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
