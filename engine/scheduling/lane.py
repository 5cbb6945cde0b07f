"""A request's windows on their way to the scheduler's workers and back."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from engine.errors import OutOfMemory, ShuttingDown
from engine.media.audio_reader import SAMPLE_RATE
from engine.recognition.encoder import Encoded
from engine.recognition.language_tracker import LanguageTracker
from engine.recognition.missed_speech import Span
from engine.recognition.prompts import DecodingOptions, DecodingRequest
from engine.recognition.recognizer import DecodingResult


class BatchRecognizer(Protocol):
    """What lanes and workers need of a `Recognizer`."""

    def features(self, samples: np.ndarray) -> np.ndarray: ...
    def padded_length(self, features: np.ndarray) -> int: ...
    def encode(self, windows: Sequence[np.ndarray]) -> Encoded: ...
    def detect_language(self, encoded: Encoded) -> list[dict[str, float]]: ...
    def decode(
        self, encoded: Encoded, asks: Sequence[DecodingRequest], speech: Sequence[Sequence[Span]]
    ) -> list[DecodingResult]: ...


@dataclass(frozen=True, slots=True)
class WindowResult:
    """What became of one window.

    language     spoken in it, with its probability
    seconds      the window's share of what each stage took
    """

    heard: DecodingResult
    language: str
    probability: float
    seconds: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class QueuedWindow:
    """A window that waits.

    place     how many windows of its lane come before it
    features  what the model encodes of it
    seconds   how long it lasts
    speech    where speech was found in it, in seconds
    told      its language, with its probability, once that is known
    """

    index: int
    features: np.ndarray
    seconds: float
    speech: Sequence[Span]
    language: tuple[str, float] | None = None


@dataclass(eq=False)  # two requests are never the same one, whatever they hold
class Lane:
    """One request's windows. Its methods are for the one thread that reads the recording."""

    recognizer: BatchRecognizer
    spoken: LanguageTracker
    manner: DecodingOptions
    _changed: threading.Condition
    stop: threading.Event = field(default_factory=threading.Event)
    _waiting: deque[QueuedWindow] = field(default_factory=deque)
    _held: list[QueuedWindow] = field(
        default_factory=list
    )  # heard, until it is known which language they are in
    _untold: deque[int] = field(default_factory=deque)  # places of those at work of which it is not yet known
    ended: bool = False  # none is to follow, or none that anybody comes to
    _put: int = 0  # windows so far
    _got: int = 0  # of these, given out again
    _served: dict[int, WindowResult | Exception] = field(default_factory=dict)  # by place
    _new: bool = True  # nothing of it has been at work yet
    _over: bool = False

    def put(self, samples: np.ndarray, speech: Sequence[Span] = ()) -> None:
        """Adds a window, (n,) float32 at 16 kHz, and where speech was found in it; does not wait.

        Its features are made here, so that no worker's device waits for them. Raises OutOfMemory, or Closed.
        """
        self.check()
        try:
            features = self.recognizer.features(samples)
        except MemoryError as error:
            raise OutOfMemory() from error
        with self._changed:
            self.check()
            self._waiting.append(QueuedWindow(self._put, features, len(samples) / SAMPLE_RATE, speech))
            self._put += 1
            self._changed.notify_all()

    def check(self) -> None:
        """Raises Closed once the engine has shut down: nothing that is put would be served."""
        if self._over:
            raise ShuttingDown("The engine is shutting down.", "Try again in a minute.")

    def end(self) -> None:
        """Says that no window is to follow, so that none waits for the next."""
        with self._changed:
            self.ended = True
            self._settle_if_last()
            self._changed.notify_all()

    def get(self, timeout: float | None = None) -> WindowResult | None:
        """Returns the next window's outcome, or None where there is none within `timeout` seconds.

        Raises what decoding that window raised, and Closed where the engine shuts down.
        """
        with self._changed:
            self._changed.wait_for(lambda: self.ready or self._over, timeout)
            if not self.ready:
                self.check()
                return None
            served = self._served.pop(self._got)
            self._got += 1
        if isinstance(served, Exception):
            raise served
        return served

    @property
    def pending(self) -> bool:
        """Tells whether a window of it is to be served."""
        return bool(self._waiting) and not self.stop.is_set()

    def next_compatible(self, other: BatchItem | None) -> QueuedWindow | None:
        """Returns the next window to be at work, in the batch of another if there is one; None if none may be.

        Called with the lock held, as are those below.
        """
        for sound in self._waiting:
            if needs_language((self, sound)) and self.overtakes(sound):
                return None  # a language is found in the order of the recording
            if other is None or can_share_batch(other, (self, sound)):
                return sound
        return None

    def overtakes(self, sound: QueuedWindow) -> bool:
        """Tells whether a window that waits would be at work before one that waits longer."""
        return sound is not self._waiting[0]

    def take(self, sound: QueuedWindow) -> QueuedWindow:
        """Returns a window that waits, to be at work now."""
        self._waiting.remove(sound)
        if needs_language((self, sound)):
            self._untold.append(sound.index)
            return sound
        return sound if sound.language is not None else replace(sound, language=self._language)

    def deliver(self, sound: QueuedWindow, served: WindowResult | Exception) -> None:
        """Takes in what became of a window."""
        if sound.index in self._untold:  # it failed before that
            self._untold.remove(sound.index)
            # Who reads comes no further than this one, so that those held wait for none beyond those put so far.
            self.ended = True
            self._settle_if_last()
        self._served[sound.index] = served

    def is_next_to_identify(self, sound: QueuedWindow) -> bool:
        """Tells whether those before it have been told: a language is found in the order of the recording."""
        return sound.language is not None or self._untold[0] == sound.index

    def assign_language(self, sound: QueuedWindow, probabilities: Mapping[str, float]) -> QueuedWindow | None:
        """Returns the window with its language; None where that is not known yet, or others wait before it.

        Then it is put back, and comes to be at work once more.
        """
        if sound.language is not None:
            return sound
        self._untold.popleft()
        if self.spoken.wants_probabilities:
            self.spoken.update(probabilities, sound.seconds)
        self._held.append(sound)
        if not self.spoken.decided:
            self._settle_if_last()
            return None
        if len(self._held) == 1 and not self._told_again:
            return replace(self._held.pop(), language=self._language)
        self._put_back()
        return None

    def _settle_if_last(self) -> None:
        if self.ended and self._held and not self._untold and self._told_again == len(self._waiting):
            self.spoken.decide()
            self._put_back()

    def _put_back(self) -> None:
        for place, sound in enumerate(self._held, self._told_again):
            self._waiting.insert(place, replace(sound, language=self._language))
        self._held.clear()

    @property
    def _told_again(self) -> int:
        """How many wait for the second time, told: they stand before those of which it is not yet known."""
        return sum(it.language is not None for it in self._waiting)

    @property
    def _language(self) -> tuple[str, float]:
        assert self.spoken.language is not None, "it was given or has just been heard"
        return self.spoken.language, self.spoken.probability

    @property
    def ready(self) -> bool:
        """Tells whether `get` returns at once."""
        return self._got in self._served


BatchItem = tuple[Lane, QueuedWindow]  # a window at work


def can_share_batch(one: BatchItem, two: BatchItem) -> bool:
    """Tells whether two windows may share a batch."""
    heard = one[0].recognizer
    return heard is two[0].recognizer and heard.padded_length(one[1].features) == heard.padded_length(
        two[1].features
    )


def needs_language(turn: BatchItem) -> bool:
    """Tells whether the probabilities of languages are wanted for a window. Called with the lock held."""
    lane, sound = turn
    return sound.language is None and lane.spoken.wants_probabilities
