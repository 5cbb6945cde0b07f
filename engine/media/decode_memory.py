"""The memory of all ffmpeg processes of one engine together: a place for each, and an end to what takes too much.

A place is free while what the others take, and room for one more ordinary recording, stay below the limit. While
ffmpeg runs, a thread measures each process. If they exceed the limit together, the largest is ended.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from engine.errors import Busy, ShuttingDown, WordlightError
from engine.media.ffmpeg_exit import over_limit
from engine.memory import available

SHARE = 4  # ffmpeg may take one part in so many of the machine's or container's memory
ORDINARY_BYTES = 16 << 20  # which one ffmpeg takes: 5 to 12 MiB for MP3, AAC, Opus and FLAC
WAIT_SECONDS = 60.0  # for a place; a client that is refused then may try again
STACK_BYTES = 128 << 20  # of address space for the stacks of ffmpeg's threads, of which it fills hardly any
LOOK_SECONDS = 0.05  # between two looks at the processes, and at whether a waiting reader has been stopped
QUICK_SECONDS = 0.02  # the same once half of the memory is taken: ffmpeg takes some 1 GB in a second
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class DecodePlace:
    """Room for one ffmpeg at a time.

    limit  bytes that it may allocate, None for no limit of this kind
    taken  bytes that it holds
    fault  why it was ended, None if it was not
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self.taken = 0
        self.fault: WordlightError | None = None
        self._lock = threading.Lock()
        self._process: tuple[int, Callable[[], None]] | None = None

    def watch(self, pid: int, kill: Callable[[], None]) -> None:
        """Begins to measure a process; `kill` ends it."""
        with self._lock:
            self._process = pid, kill

    def unwatch(self) -> None:
        """Ends measuring. Call it before the process is reaped: its number may then go to another."""
        with self._lock:
            self._process, self.taken = None, 0

    def measure(self) -> int:
        """Returns the bytes that its process holds, 0 if the system does not tell."""
        with self._lock:
            self.taken = _taken(self._process[0]) if self._process else 0
            return self.taken

    def end(self, fault: WordlightError) -> None:
        """Ends its process; the reader raises `fault`."""
        with self._lock:
            if self._process and self.fault is None:
                self.fault = fault
                self._process[1]()


class DecodeMemory:
    """Bounds the memory of all ffmpeg processes together.

    `limit` is in bytes; 0 is a quarter of what the machine or container has.
    """

    def __init__(self, limit: int = 0) -> None:
        self._limit = limit
        self._changed = threading.Condition()
        self._places: list[DecodePlace] = []
        self._waiting: deque[object] = deque()  # in the order of their arrival
        self._watching = False
        self._closed = False

    @cached_property
    def limit(self) -> int | None:
        """The bytes for all together, None if neither the setting nor the machine tells."""
        found = available("cpu")
        return self._limit or (found[1] // SHARE if found else None)

    @contextmanager
    def place(self, stopped: Callable[[], bool] = lambda: False) -> Iterator[DecodePlace | None]:
        """Waits for a place and gives it, or None if the reader has been stopped meanwhile.

        Raises Busy if there is none within WAIT_SECONDS, ShuttingDown if the engine closes.
        """
        place = self._enter(stopped)
        try:
            yield place
        finally:
            if place is not None:
                with self._changed:
                    self._places.remove(place)
                    self._changed.notify_all()

    def close(self) -> None:
        """Turns away the readers that wait, and all to come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _enter(self, stopped: Callable[[], bool]) -> DecodePlace | None:
        turn = object()
        deadline = time.monotonic() + WAIT_SECONDS
        with self._changed:
            self._waiting.append(turn)
            try:
                while self._waiting[0] is not turn or not self._has_room():
                    if self._closed:
                        raise ShuttingDown("The engine is shutting down.", "Try again in a minute.")
                    if stopped():
                        return None
                    if time.monotonic() > deadline:
                        raise _busy()
                    self._changed.wait(LOOK_SECONDS)
            finally:
                self._waiting.remove(turn)
                self._changed.notify_all()
            place = DecodePlace(None if self.limit is None else self.limit + STACK_BYTES)
            self._places.append(place)
            if not self._watching and self.limit is not None:
                self._watching = True
                threading.Thread(target=self._watch, name="decode-memory", daemon=True).start()
            return place

    def _has_room(self) -> bool:
        if not self._places or self.limit is None:
            return True
        expected = sum(max(place.taken, ORDINARY_BYTES) for place in self._places)
        return expected + ORDINARY_BYTES <= self.limit

    def _watch(self) -> None:
        """Measures the processes for as long as there are any."""
        assert self.limit is not None, "without a limit, nothing is watched"
        while True:
            with self._changed:
                places = list(self._places)
                if not places:
                    self._watching = False
                    return
            total = sum(place.measure() for place in places if place.fault is None)
            if total > self.limit:
                largest = max(
                    (place for place in places if place.fault is None), key=lambda place: place.taken
                )
                largest.end(over_limit() if largest.taken > self.limit else _busy())
            time.sleep(QUICK_SECONDS if 2 * total > self.limit else LOOK_SECONDS)


def _busy() -> Busy:
    return Busy(
        "Other recordings take all the memory that there is for reading them.", "Try again in a minute."
    )


def _taken(pid: int) -> int:
    """Returns the resident bytes of a process that are its own, without the pages of files and libraries."""
    with suppress(OSError, IndexError, ValueError):
        fields = Path(f"/proc/{pid}/statm").read_text().split()
        return (int(fields[1]) - int(fields[2])) * _PAGE_BYTES
    return 0
