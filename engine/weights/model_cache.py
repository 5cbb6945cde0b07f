"""Models in memory by name: loaded once, bounded in number, let go when memory runs short."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Generic, TypeVar

from engine import memory
from engine.errors import WordlightError

T = TypeVar("T")

RETRY_AFTER = 600.0  # seconds until a model that could not be loaded is tried again


class ModelCache(Generic[T]):
    """Safe to call from several threads; one that loads makes none wait but those who want the same.

    load   makes a model of its name; may raise
    most   models held; beyond, the least used is let go
    short  tells whether memory is short: then all but the model asked for are let go, the least used
           first, until it no longer is. Asked before a load and at every use

    A model that is let go lives on where it is in use, and its memory is given back with its last use.
    """

    def __init__(
        self,
        load: Callable[[str], T],
        most: int,
        device: str = "cpu",
        short: Callable[[], bool] | None = None,
        retry_after: float = RETRY_AFTER,
    ) -> None:
        self._load = load
        self._most = most
        self._device = device
        self._short = short or partial(memory.is_low, device)
        self._retry_after = retry_after
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Future[T]] = OrderedDict()  # the least used first
        self._failed: dict[str, tuple[float, WordlightError]] = {}  # when, in monotonic seconds, and why

    @property
    def names(self) -> list[str]:
        """Models in memory, the least used first."""
        with self._lock:
            return [name for name, future in self._held.items() if future.done()]

    def get(self, name: str) -> T:
        """Returns the model, loading it where need be. Raises what `load` raises; a WordlightError again
        and again without another try, until `retry_after` seconds have passed."""
        with self._lock:
            when, error = self._failed.get(name, (0.0, None))
            if error is not None and time.monotonic() - when < self._retry_after:
                raise error
            mine = name not in self._held
            future = self._held.setdefault(name, Future())
            self._held.move_to_end(name)
        self._make_room(name)
        if mine:
            self._fill(name, future)
        return future.result()

    def _fill(self, name: str, future: Future[T]) -> None:
        try:
            future.set_result(self._load(name))
        except BaseException as error:
            with self._lock:
                del self._held[name]
                if isinstance(error, WordlightError):
                    self._failed[name] = time.monotonic(), error
            future.set_exception(error)

    def _make_room(self, name: str) -> None:
        with self._lock:
            others = [other for other, future in self._held.items() if other != name and future.done()]
        for index, other in enumerate(others):
            if len(others) - index < self._most and not self._short():
                return
            with self._lock:
                self._held.pop(other, None)
            memory.release(self._device)  # before the next look at what is left
