"""What goes into a batch and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.recognition.decoding import DecodingOptions, DecodingRequest, DecodingResult
from engine.recognition.encoder import Encoded
from engine.regions import Span


class BatchRecognizer(Protocol):
    """What lanes and workers need of a `Recognizer`."""

    def features(self, samples: np.ndarray) -> np.ndarray: ...
    def padded_length(self, features: np.ndarray) -> int: ...
    def encode(self, windows: Sequence[np.ndarray]) -> Encoded: ...
    def detect_language(self, encoded: Encoded) -> list[dict[str, float]]: ...
    def decode(
        self, encoded: Encoded, asks: Sequence[DecodingRequest], speech: Sequence[Sequence[Span]]
    ) -> list[DecodingResult]: ...


@dataclass(frozen=True, slots=True, eq=False)
class QueuedWindow:
    """A window that waits.

    index     how many windows of its lane come before it
    features  what the model encodes of it
    seconds   how long it lasts
    speech    where speech was found in it, in seconds
    language  with its probability, once that is known
    languages probabilities of all languages, if they helped to find it
    """

    index: int
    features: np.ndarray
    seconds: float
    speech: Sequence[Span]
    language: tuple[str, float] | None = None
    languages: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class WindowResult:
    """What the model made of one window.

    language, probability  of what is spoken in it
    seconds                the window's share of what each stage took
    languages              probabilities of all languages, if they helped to find the language
    """

    heard: DecodingResult
    language: str
    probability: float
    seconds: dict[str, float]
    languages: Mapping[str, float] | None = None


class WindowOwner(Protocol):
    """What a batch needs of the lane that a window came from. The scheduler's lock guards the methods."""

    recognizer: BatchRecognizer
    options: DecodingOptions

    def needs_language(self, window: QueuedWindow) -> bool: ...
    def is_next_to_identify(self, window: QueuedWindow) -> bool: ...
    def assign_language(
        self, window: QueuedWindow, probabilities: Mapping[str, float]
    ) -> QueuedWindow | None: ...
    def deliver(self, window: QueuedWindow, result: WindowResult | Exception) -> None: ...


@dataclass(frozen=True, slots=True)
class BatchItem:
    """A window in a batch, and the lane that it came from."""

    lane: WindowOwner
    window: QueuedWindow
