"""Releases models that are not used for long, so that an idle server gives its memory back."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from engine import memory
from engine.log import LOGGER, log_unloaded
from engine.weights.model_cache import ModelCache

LOOKS = 4  # at the caches while a model becomes old enough: it is released within 1.25 times the set seconds
LONGEST_SECONDS = 60.0  # between two looks


class Unloader:
    """A thread that releases the unused models of some caches; they are loaded again at their next use.

    seconds  without use after which a model is released; 0 never releases one
    """

    def __init__(self, caches: Sequence[ModelCache[Any]], seconds: float, device: str) -> None:
        self._caches = caches
        self._seconds = seconds
        self._device = device
        self._ended = threading.Event()

    def start(self) -> None:
        """Starts the thread in the background, if models are ever released."""
        if self._seconds:
            threading.Thread(target=self._work, name="unload-models", daemon=True).start()

    def close(self) -> None:
        """Releases nothing more."""
        self._ended.set()

    def _work(self) -> None:
        while not self._ended.wait(min(self._seconds / LOOKS, LONGEST_SECONDS)):
            try:
                self._release()
            except Exception:
                LOGGER.exception("unused models could not be released")

    def _release(self) -> None:
        names = [name for cache in self._caches for name in cache.drop_unused(self._seconds)]
        if names:
            memory.release(self._device)
            log_unloaded(names)
