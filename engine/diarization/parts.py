"""What the parts of the embedded diarizer hand to each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # (n, EMBEDDING_SIZE), each of length 1
EMBEDDING_SIZE = 192

Voice = tuple[tuple[int, int], ...]  # (window, local speaker), one or two that are the same voice


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch in which the same people speak; at least one does.

    start, end  seconds
    voices      for each of them, its local speakers
    """

    start: float
    end: float
    voices: tuple[Voice, ...]

    @property
    def duration(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch and the clusters of those who speak in it; the second one interrupts or agrees."""

    start: float
    end: float
    speakers: tuple[int, ...]
