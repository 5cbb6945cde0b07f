"""Drafts: quick decodings of live speech that has not ended, for when the workers have nothing else to do."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import Event

import numpy as np

from engine.log import LOGGER
from engine.recognition.decoding import DecodingOptions, DecodingRequest, DecodingResult
from engine.scheduling.batch import BatchRecognizer


@dataclass(slots=True, eq=False, kw_only=True)
class Draft:
    """Holds speech to be decoded once, and what was heard.

    features  log-mel features (n_mels, frames)
    language  Whisper's code; None detects it
    among     the languages that may be detected; none if any may
    heard     the result; None as long as there is none, or if decoding has failed
    done      set when it has been decoded, or has failed
    """

    recognizer: BatchRecognizer
    features: np.ndarray
    options: DecodingOptions
    language: str | None = None
    among: tuple[str, ...] = ()
    heard: DecodingResult | None = None
    done: Event = field(default_factory=Event)

    def decode(self) -> None:
        """Decodes the speech; a failure is logged, since the final text follows anyway."""
        try:
            encoded = self.recognizer.encode([self.features])
            language = self.language or self._detected(self.recognizer.detect_language(encoded, False)[0])
            (self.heard,) = self.recognizer.decode(encoded, [DecodingRequest(language, self.options)], [])
        except Exception as error:
            LOGGER.warning("a draft of live speech failed: %s", error)
        finally:
            self.done.set()

    def _detected(self, chances: dict[str, float]) -> str:
        return max(self.among or chances, key=lambda code: chances.get(code, 0.0))


class DraftQueue:
    """Queues drafts, in the order in which they came. Every method is called with the scheduler's lock held."""

    def __init__(self, workers: int) -> None:
        """A draft begins only if another worker stays free for windows, or if there is no other worker."""
        self._most_busy = max(1, workers - 1)
        self._waiting: deque[Draft] = deque()

    def add(self, draft: Draft) -> None:
        self._waiting.append(draft)

    def drop(self, draft: Draft) -> None:
        """Forgets a draft, unless it has begun."""
        if draft in self._waiting:
            self._waiting.remove(draft)

    def may_begin(self, busy: int) -> bool:
        """Returns whether a draft may begin while so many workers are at work."""
        return bool(self._waiting) and busy < self._most_busy

    def take(self, busy: int) -> Draft | None:
        """Returns the draft to begin with, if one may begin."""
        return self._waiting.popleft() if self.may_begin(busy) else None
