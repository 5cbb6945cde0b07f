"""A request's windows on their way to the scheduler's worker and back."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from engine.asks import Ask, Manner
from engine.asr import Heard
from engine.audio import SAMPLE_RATE
from engine.encoded import Encoded, padded
from engine.errors import Closed
from engine.gaps import Span
from engine.spoken import Spoken


class Hearing(Protocol):
    """What the worker needs of a `Recognizer`."""

    def encode(self, windows: Sequence[np.ndarray]) -> Encoded: ...
    def detect_language(self, encoded: Encoded) -> list[dict[str, float]]: ...
    def decode(
        self, encoded: Encoded, asks: Sequence[Ask], speech: Sequence[Sequence[Span]]
    ) -> list[Heard]: ...


@dataclass(frozen=True, slots=True)
class Served:
    """What became of one window.

    language     spoken in it, with its probability
    seconds      the window's share of what each stage took
    """

    heard: Heard
    language: str
    probability: float
    seconds: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A window that waits: samples (n,) float32 at 16 kHz, and the spans of speech in it, in seconds."""

    samples: np.ndarray
    speech: Sequence[Span]

    @property
    def frames(self) -> int:
        """What the encoder is given; windows of one batch are given the same."""
        return padded(len(self.samples) / SAMPLE_RATE)


@dataclass(eq=False)  # two requests are never the same one, whatever they hold
class Lane:
    """One request's windows. Its methods are for the one thread that reads the recording."""

    recognizer: Hearing
    spoken: Spoken
    manner: Manner
    _changed: threading.Condition
    stop: threading.Event = field(default_factory=threading.Event)
    _waiting: deque[Sound] = field(default_factory=deque)
    _served: deque[Served | Exception] = field(default_factory=deque)
    _new: bool = True  # nothing of it has been at work yet
    _over: bool = False

    def put(self, samples: np.ndarray, speech: Sequence[Span] = ()) -> None:
        """Adds a window, (n,) float32 at 16 kHz, and where speech was found in it; does not wait."""
        with self._changed:
            self._waiting.append(Sound(samples, speech))
            self._changed.notify_all()

    def get(self, timeout: float | None = None) -> Served | None:
        """Returns the next window's outcome, or None where there is none within `timeout` seconds.

        Raises what decoding that window raised, and Closed where the engine shuts down.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._served or self._over, timeout)
            if not self._served:
                if self._over:
                    raise Closed("The engine is shutting down.", "Try again in a minute.")
                return None
            served = self._served.popleft()
        if isinstance(served, Exception):
            raise served
        return served

    @property
    def pending(self) -> bool:
        """Tells whether a window of it is to be served."""
        return bool(self._waiting) and not self.stop.is_set()

    @property
    def ready(self) -> bool:
        """Tells whether `get` returns at once."""
        return bool(self._served)


Turn = tuple[Lane, Sound]  # a window at work


def alike(one: Turn, two: Turn) -> bool:
    """Tells whether two windows may share a batch."""
    return one[0].recognizer is two[0].recognizer and one[1].frames == two[1].frames


def spoken_in(lane: Lane, sound: Sound, probabilities: dict[str, float]) -> tuple[str, float]:
    """Returns the language of a window and its probability."""
    if lane.spoken.listens:
        lane.spoken.hear(probabilities, len(sound.samples) / SAMPLE_RATE)
    assert lane.spoken.language is not None, "it was given or has just been heard"
    return lane.spoken.language, lane.spoken.probability
