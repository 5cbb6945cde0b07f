"""Speaker turns, and the interface that every diarizer has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import InvalidOption

Samples = NDArray[np.float32]  # mono, 16 kHz, -1 to 1


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's uninterrupted speech.

    start, end  seconds of the recording
    speaker     number of the speaker, from 0
    """

    start: float
    end: float
    speaker: int


@dataclass(frozen=True, slots=True)
class Diarization:
    """Speaker turns of a recording, or of the part of it that has been added so far.

    turns        one speaker at each moment, in order of start
    overlaps     stretches (start, end) in seconds in which two speakers talk at once, in order
    certainties  for each speaker number, how surely it is one person and no other, 0 to 1. Numbers that no
                 turn has any more (merged into an older number) keep their place with certainty 0
    near         for each speaker number, the other speaker whose voice is so similar that the two may be one
                 person; None if there is no such speaker
    second       turns of the second speaker within the overlaps, in order of start
    """

    turns: tuple[Turn, ...] = ()
    overlaps: tuple[tuple[float, float], ...] = ()
    certainties: tuple[float, ...] = ()
    near: tuple[int | None, ...] = ()
    second: tuple[Turn, ...] = ()

    @property
    def speakers(self) -> tuple[int, ...]:
        """Numbers of the speakers that have a turn, in ascending order."""
        return tuple(sorted({turn.speaker for turn in self.turns}))


@dataclass(frozen=True, slots=True)
class SpeakerCount:
    """Limits on the number of speakers. Raises InvalidOption if no number is within them.

    minimum  1 or more
    maximum  None sets no limit
    """

    minimum: int = 1
    maximum: int | None = None

    def __post_init__(self) -> None:
        if self.minimum < 1 or (self.maximum is not None and self.maximum < self.minimum):
            raise InvalidOption(
                f"The number of speakers is {self.minimum} to {self.maximum}.",
                "The minimum must be 1 or more, and the maximum no less than the minimum.",
                field="speakers",
            )

    @property
    def exact(self) -> int | None:
        """The number of speakers if only one is possible, else None."""
        return self.minimum if self.minimum == self.maximum else None

    def clamp(self, number: int) -> int:
        """Returns the nearest number within the limits."""
        number = max(number, self.minimum)
        return number if self.maximum is None else min(number, self.maximum)


class DiarizationSession(Protocol):
    """Diarization of one recording while it is read. Calls must not overlap in time."""

    def add(self, block: Samples) -> None:
        """Adds the next samples and analyses every window that they complete.

        block  (n,) consecutive mono float32 samples at 16 kHz, of any length
        """

    def current(self) -> Diarization:
        """Returns provisional turns of the samples added so far.

        A speaker number keeps meaning the same voice in later results as far as the evidence allows.
        """

    def finish(self) -> Diarization:
        """Returns the final turns, with numbers that agree with earlier results as far as possible."""

    def close(self) -> None:
        """Releases the memory of the session. May be called several times, and instead of `finish`."""


class Diarizer(Protocol):
    """A model that tells speakers apart, shared between recordings and threads."""

    @property
    def name(self) -> str:
        """Name for health reports and results, such as "embedded"."""

    def open(self, count: SpeakerCount) -> DiarizationSession:
        """Begins the diarization of one recording."""
