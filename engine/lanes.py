"""A request's windows on their way to the scheduler's worker and back."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    told: tuple[str, float] | None = None  # its language, with its probability, once that is known

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
    _held: list[Sound] = field(default_factory=list)  # heard, until it is known which language they are in
    _at_work: int = 0  # windows of which it is not yet known
    _ended: bool = False
    _served: deque[Served | Exception] = field(default_factory=deque)
    _new: bool = True  # nothing of it has been at work yet
    _over: bool = False

    def put(self, samples: np.ndarray, speech: Sequence[Span] = ()) -> None:
        """Adds a window, (n,) float32 at 16 kHz, and where speech was found in it; does not wait."""
        with self._changed:
            self._waiting.append(Sound(samples, speech))
            self._changed.notify_all()

    def end(self) -> None:
        """Says that no window is to follow, so that none waits for the next."""
        with self._changed:
            self._ended = True
            self._settle_if_last()
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

    def take(self) -> Sound:
        """Returns the next window to be at work. Called with the lock held, as is `tell`."""
        sound = self._waiting.popleft()
        self._at_work += sound.told is None
        return sound

    def tell(self, sound: Sound, probabilities: Mapping[str, float]) -> Sound | None:
        """Returns the window with its language; None where it has to wait until that is known.

        Then it is put back, and comes to be at work once more.
        """
        if sound.told is not None:
            return sound
        self._at_work -= 1
        if self.spoken.listens:
            self.spoken.hear(probabilities, len(sound.samples) / SAMPLE_RATE)
        before = sum(it.told is not None for it in self._waiting)  # of the same batch, put back just now
        if self.spoken.settled and not self._held and not before:
            return replace(sound, told=self._language)
        if before:
            self._waiting.insert(before, replace(sound, told=self._language))
            return None
        self._held.append(sound)
        if self.spoken.settled:
            self._put_back()
        else:
            self._settle_if_last()
        return None

    def _settle_if_last(self) -> None:
        if self._ended and self._held and not self._waiting and not self._at_work:
            self.spoken.settle()
            self._put_back()

    def _put_back(self) -> None:
        self._waiting.extendleft(replace(sound, told=self._language) for sound in reversed(self._held))
        self._held.clear()

    @property
    def _language(self) -> tuple[str, float]:
        assert self.spoken.language is not None, "it was given or has just been heard"
        return self.spoken.language, self.spoken.probability

    @property
    def ready(self) -> bool:
        """Tells whether `get` returns at once."""
        return bool(self._served)


Turn = tuple[Lane, Sound]  # a window at work


def alike(one: Turn, two: Turn) -> bool:
    """Tells whether two windows may share a batch."""
    return one[0].recognizer is two[0].recognizer and one[1].frames == two[1].frames


def listens(turn: Turn) -> bool:
    """Tells whether the probabilities of languages are wanted for a window."""
    lane, sound = turn
    return sound.told is None and lane.spoken.listens
