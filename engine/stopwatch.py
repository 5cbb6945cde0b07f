"""Measures the seconds of work per stage, counting each second once."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Stopwatch:
    """Adds up the time of stages; an inner stage's time does not count in the outer."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._inner = 0.0  # seconds of the stages inside the open one
        self.seconds: dict[str, float] = defaultdict(float)

    @property
    def elapsed(self) -> float:
        """Returns the seconds since the stopwatch was made."""
        return time.perf_counter() - self._began

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts the time inside `with` to a stage."""
        outer, self._inner = self._inner, 0.0
        began = time.perf_counter()
        try:
            yield
        finally:
            taken = time.perf_counter() - began
            self.seconds[name] += taken - self._inner
            self._inner = outer + taken

    def add(self, seconds: Mapping[str, float]) -> None:
        """Adds the seconds of work that was done elsewhere."""
        for stage, taken in seconds.items():
            self.seconds[stage] += taken

    def each(self, name: str, items: Iterable[T]) -> Iterator[T]:
        """Yields the items, and counts the time that each takes to come."""
        iterator = iter(items)
        while True:
            with self.stage(name):
                item = next(iterator, None)
            if item is None:
                return
            yield item
