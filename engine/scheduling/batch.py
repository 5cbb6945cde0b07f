"""The items that go into a batch and the results that come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.recognition.decoding import DecodingOptions, DecodingRequest, DecodingResult
from engine.recognition.encoder import Encoded
from engine.regions import Span


class BatchRecognizer(Protocol):
    """Declares the part of `Recognizer` that lanes and workers use."""

    def features(self, samples: np.ndarray) -> np.ndarray:
        """Returns log-mel features (n_mels, frames) of (n,) float32 samples at 16 kHz."""
        ...

    def padded_length(self, features: np.ndarray) -> int:
        """Returns the mel frames that a window is padded to, equal within a batch."""
        ...

    def encode(self, windows: Sequence[np.ndarray]) -> Encoded:
        """Encodes features (n_mels, frames) of windows."""
        ...

    def detect_language(self, encoded: Encoded, thorough: bool = True) -> list[dict[str, float]]:
        """Returns each window's language probabilities, by code; `thorough` looks twice if one is uncertain."""
        ...

    def decode(
        self, encoded: Encoded, asks: Sequence[DecodingRequest], speech: Sequence[Sequence[Span]]
    ) -> list[DecodingResult]:
        """Decodes each window; `speech` is (start, end) in window seconds."""
        ...

    def keep(self, encoded: Encoded) -> Sequence[Encoded | None]:
        """Returns each window by itself, to be kept; None if the encoder's outputs cannot outlive the call."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class QueuedWindow:
    """Holds a window that waits in a lane.

    index      number of windows before it in the lane
    features   log-mel features (n_mels, frames)
    seconds    duration of the window
    speech     detected speech, (start, end) in window seconds
    faint      the spans of `speech` that louder sound hid at first
    language   (code, probability), once known
    languages  probabilities of all languages, if they helped to detect the language
    other      the window's own language, if it is clearly another than `language`
    """

    index: int
    features: np.ndarray
    seconds: float
    speech: Sequence[Span]
    faint: tuple[Span, ...] = ()
    language: tuple[str, float] | None = None
    languages: Mapping[str, float] | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class WindowResult:
    """Holds the result of one window.

    language, probability  the spoken language, Whisper's code, and its probability
    seconds                the window's share of the seconds that each stage took
    languages              probabilities of all languages, if they helped to detect the language
    other                  the window's own language, if it is clearly another than `language`
    encoded                the window as it was encoded, if the request keeps that
    """

    heard: DecodingResult
    language: str
    probability: float
    seconds: dict[str, float]
    languages: Mapping[str, float] | None = None
    other: str | None = None
    encoded: Encoded | None = None


class WindowOwner(Protocol):
    """Declares the part of `Lane` that a batch uses, under the scheduler's lock."""

    recognizer: BatchRecognizer
    options: DecodingOptions

    def needs_language(self, window: QueuedWindow) -> bool:
        """Returns whether a window's language is still to be detected."""
        ...

    def watches_language(self, window: QueuedWindow) -> bool:
        """Returns whether a window of known language is reported if its own is another."""
        ...

    def is_next_to_identify(self, window: QueuedWindow) -> bool:
        """Returns whether all windows before this one have been identified."""
        ...

    def assign_language(
        self, window: QueuedWindow, probabilities: Mapping[str, float]
    ) -> QueuedWindow | None:
        """Returns the window with its language, or None if the window leaves the batch."""
        ...

    def deliver(self, window: QueuedWindow, result: WindowResult | Exception) -> None:
        """Stores the result of a window."""
        ...


@dataclass(frozen=True, slots=True)
class BatchItem:
    """Holds a window in a batch, and its lane."""

    lane: WindowOwner
    window: QueuedWindow
