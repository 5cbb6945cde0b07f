"""Feeds one recording's windows to the scheduler, and yields results in order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Protocol

from engine.recognition.language_tracker import MAX_UNSURE_WINDOWS
from engine.regions import KnownUntil
from engine.scheduling.batch import WindowResult
from engine.stopwatch import Stopwatch
from engine.windows import OpenSpeech, Window

SIGN_OF_LIFE = 0.5  # seconds between heartbeats, at which a caller can stop


@dataclass(frozen=True, slots=True)
class DecodedWindow:
    """Holds a window and its result."""

    window: Window
    result: WindowResult


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Says that nothing is new; no words come before `silent_until` seconds."""

    silent_until: float


class WindowLane(Protocol):
    """Declares the part of `Lane` that a feed uses; see there."""

    @property
    def ready(self) -> bool: ...

    @property
    def in_flight_elsewhere(self) -> int:
        """The number of windows that other processes work at together, at most."""
        ...

    def put_window(self, window: Window) -> None: ...

    def end(self) -> None: ...

    def check(self) -> None: ...

    def get(self, timeout: float | None = None) -> WindowResult | None: ...


class WindowFeed:
    """Reads ahead while the scheduler works, but no further than needed.

    That is twice the windows in flight, or the windows that detecting the language may take.
    """

    def __init__(
        self,
        lane: WindowLane,
        windows: Iterator[Window | KnownUntil | OpenSpeech],
        windows_in_flight: int,
        watch: Stopwatch,
        may_read: Callable[[], bool] = lambda: True,
        wait: Callable[[float], None] = time.sleep,
        offer: Callable[[OpenSpeech], None] = lambda _: None,
    ) -> None:
        """Prepares to read.

        may_read  says whether there is sound to read, and whatever else takes it has room for more
        wait      waits for that, at most so many seconds
        offer     takes live speech that has not ended, while no window waits
        """
        self._may_read = may_read
        self._wait = wait
        self._offer = offer
        self._lane = lane
        self._windows = windows
        self._in_flight = windows_in_flight
        self._watch = watch
        self._waiting: deque[Window] = deque()
        self._reading = True
        self._silent_until = 0.0
        self._read_until = 0.0  # seconds before which no further window begins

    @property
    def complete_until(self) -> float:
        """Seconds before which all windows have been given back; endless after the last one."""
        return min([self._read_until, *(window.start for window in self._waiting)])

    @property
    def _ahead(self) -> int:
        return max(MAX_UNSURE_WINDOWS, 2 * (self._in_flight + self._lane.in_flight_elsewhere))

    def __iter__(self) -> Iterator[list[DecodedWindow] | Heartbeat]:
        """Yields decoded windows in order, as many as are ready, with heartbeats between."""
        while True:
            yield from self._read_ahead()
            if not self._waiting:
                return
            yield Heartbeat(self._silent_until)
            decoded = self._decoded()
            if decoded:
                yield decoded

    def _read_ahead(self) -> Iterator[Heartbeat]:
        while self._reading and len(self._waiting) < self._ahead and not self._lane.ready:
            self._lane.check()
            if not self._may_read():
                if self._waiting:
                    return
                self._wait(SIGN_OF_LIFE)
                yield Heartbeat(self._silent_until)
                continue
            match next(self._windows, None):
                case Window() as window:
                    with self._watch.stage("encode"):
                        self._lane.put_window(window)
                    self._waiting.append(window)
                case OpenSpeech() as speech:
                    if not self._waiting:
                        self._offer(speech)
                case None:
                    self._reading = False
                    self._read_until = inf
                    self._lane.end()
                case KnownUntil(seconds):
                    self._read_until = seconds
                    if not self._waiting:
                        self._silent_until = seconds
                    yield Heartbeat(self._silent_until)

    def _decoded(self) -> list[DecodedWindow]:
        decoded: list[DecodedWindow] = []
        while self._waiting and (self._lane.ready or not decoded):
            result = self._lane.get(SIGN_OF_LIFE)
            if result is None:
                break
            self._watch.add(result.seconds)
            decoded.append(DecodedWindow(self._waiting.popleft(), result))
        return decoded
