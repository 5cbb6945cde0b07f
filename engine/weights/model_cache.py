"""A bounded cache of loaded models that drops models when memory is short or nothing uses them."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Generic, TypeVar

from engine import memory
from engine.errors import WordlightError

T = TypeVar("T")

RETRY_AFTER = 600.0  # seconds until a model that failed to load is tried again
EVERY = ""  # stands for all models of a cache in `keep`


class ModelCache(Generic[T]):
    """Caches loaded models by name. Thread-safe; a load delays no other model.

    load   loads the model of a name; may raise
    most   most models in memory; beyond that, the least recently used is dropped
    short  returns whether memory is short; then models are dropped, the least recently used first, until it
           is not. The model asked for stays. Called before a load and at every use

    A dropped model stays usable for its current users; its memory is free after its last use.
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
        self._held: OrderedDict[str, Future[T]] = OrderedDict()  # the least recently used first
        self._failed: dict[str, tuple[float, WordlightError]] = {}  # name -> (monotonic seconds, error)
        self._users = Counter[str]()  # blocks of `keep` that are running, by name
        self._used: dict[str, float] = {}  # name of a held model -> monotonic seconds of its last use

    @property
    def names(self) -> list[str]:
        """Returns the names of the models in memory, the least recently used first."""
        return list(self.loaded)

    @property
    def loaded(self) -> dict[str, T]:
        """Returns the models in memory by name; that is no use of them."""
        with self._lock:
            done = [(name, future) for name, future in self._held.items() if future.done()]
        return {name: future.result() for name, future in done if future.exception() is None}

    @contextmanager
    def keep(self, name: str = EVERY) -> Iterator[None]:
        """Keeps a model, once it is loaded, from `drop_unused` during the block; EVERY keeps all."""
        with self._lock:
            self._users[name] += 1
        try:
            yield
        finally:
            with self._lock:
                self._users[name] -= 1
                if name in self._held:
                    self._used[name] = time.monotonic()

    def drop_unused(self, seconds: float) -> list[str]:
        """Drops the models that nothing keeps and nothing has used for so long; returns their names.

        Their memory is free after `memory.release`.
        """
        oldest = time.monotonic() - seconds
        with self._lock:
            if self._users[EVERY]:
                return []
            unused = [
                name
                for name, future in self._held.items()
                if future.done() and not self._users[name] and self._used[name] <= oldest
            ]
            dropped = [self._forget(name) for name in unused]
        del dropped  # not with the lock held: a large model takes a moment to go
        return unused

    def get(self, name: str) -> T:
        """Returns the model, loaded if needed. Raises the errors of `load`.

        A WordlightError is raised again without another load until `retry_after` seconds have passed.
        """
        with self._lock:
            when, error = self._failed.get(name, (0.0, None))
            if error is not None and time.monotonic() - when < self._retry_after:
                raise error
            mine = name not in self._held
            future = self._held.setdefault(name, Future())
            self._held.move_to_end(name)
            self._used[name] = time.monotonic()
        self._make_room(name)
        if mine:
            self._fill(name, future)
        return future.result()

    def _fill(self, name: str, future: Future[T]) -> None:
        try:
            model = self._load(name)
            with self._lock:
                self._used[name] = time.monotonic()
            future.set_result(model)
        except BaseException as error:
            with self._lock:
                self._forget(name)
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
                self._forget(other)
            memory.release(self._device)  # before memory is checked again

    def _forget(self, name: str) -> Future[T] | None:
        """Takes a model out of the cache and returns it. Called with the lock held."""
        self._used.pop(name, None)
        return self._held.pop(name, None)
