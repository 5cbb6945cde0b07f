"""Limits the memory of all ffmpeg processes of one engine together.

A new process waits until there is room for one more ordinary recording beside those that are being read. While
ffmpeg runs, a thread measures each process. If they exceed the limit together, the largest process is ended.
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

SHARE = 4  # by default, ffmpeg may take one part in so many of the memory of the machine or container
ORDINARY_BYTES = 16 << 20  # expected of one ffmpeg: 5 to 12 MiB for MP3, AAC, Opus and FLAC
WAIT_SECONDS = 60.0  # for a slot, before the request gets 503 with Retry-After
STACK_BYTES = 128 << 20  # of address space for the stacks of ffmpeg's threads; hardly any of it is filled
POLL_SECONDS = (
    0.05  # between two measurements, and between two checks of whether a waiting reader was stopped
)
QUICK_SECONDS = 0.02  # the same once half of the limit is taken: ffmpeg takes some 1 GB per second
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class MemorySlot:
    """Holds the memory of one reader, which runs one ffmpeg at a time.

    limit  bytes that the process may allocate; None for no such limit
    taken  bytes that the process holds
    fault  the error that ended the process, if any
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self.taken = 0
        self.fault: WordlightError | None = None
        self._lock = threading.Lock()
        self._process: tuple[int, Callable[[], None]] | None = None

    def watch(self, pid: int, kill: Callable[[], None]) -> None:
        """Starts measuring a process; `kill` ends it."""
        with self._lock:
            self._process = pid, kill

    def unwatch(self) -> None:
        """Stops measuring. Call it before the process is reaped, since another process may get its number then."""
        with self._lock:
            self._process, self.taken = None, 0

    def measure(self) -> int:
        """Returns the bytes that the process holds; 0 if the system does not tell."""
        with self._lock:
            self.taken = _taken(self._process[0]) if self._process else 0
            return self.taken

    def end(self, fault: WordlightError) -> None:
        """Ends the process; its reader raises `fault`."""
        with self._lock:
            if self._process and self.fault is None:
                self.fault = fault
                self._process[1]()


class FfmpegMemory:
    """Limits the memory of all ffmpeg processes together, and hands out slots in the order of arrival.

    limit  bytes; 0 is a quarter of the memory of the machine or container
    """

    def __init__(self, limit: int = 0) -> None:
        self._limit = limit
        self._changed = threading.Condition()
        self._slots: list[MemorySlot] = []
        self._waiting: deque[object] = deque()  # in the order of their arrival
        self._watching = False
        self._closed = False

    @cached_property
    def limit(self) -> int | None:
        """The bytes for all processes; None if neither the setting nor the system states them."""
        found = available("cpu")
        return self._limit or (found[1] // SHARE if found else None)

    @contextmanager
    def slot(self, stopped: Callable[[], bool] = lambda: False) -> Iterator[MemorySlot | None]:
        """Waits for a slot and yields it; yields None if `stopped` returns true first.

        Raises Busy after WAIT_SECONDS, ShuttingDown if the engine closes.
        """
        slot = self._enter(stopped)
        try:
            yield slot
        finally:
            if slot is not None:
                with self._changed:
                    self._slots.remove(slot)
                    self._changed.notify_all()

    def close(self) -> None:
        """Refuses the waiting readers and all later ones."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _enter(self, stopped: Callable[[], bool]) -> MemorySlot | None:
        turn = object()
        deadline = time.monotonic() + WAIT_SECONDS
        with self._changed:
            self._waiting.append(turn)
            try:
                while self._waiting[0] is not turn or not self._has_room():
                    if self._closed:
                        raise ShuttingDown()
                    if stopped():
                        return None
                    if time.monotonic() > deadline:
                        raise _busy()
                    self._changed.wait(POLL_SECONDS)
            finally:
                self._waiting.remove(turn)
                self._changed.notify_all()
            slot = MemorySlot(None if self.limit is None else self.limit + STACK_BYTES)
            self._slots.append(slot)
            if not self._watching and self.limit is not None:
                self._watching = True
                threading.Thread(target=self._watch, name="ffmpeg-memory", daemon=True).start()
            return slot

    def _has_room(self) -> bool:
        if not self._slots or self.limit is None:
            return True
        expected = sum(max(slot.taken, ORDINARY_BYTES) for slot in self._slots)
        return expected + ORDINARY_BYTES <= self.limit

    def _watch(self) -> None:
        """Measures the processes as long as a slot is taken."""
        assert self.limit is not None, "processes are measured only against a limit"
        while True:
            with self._changed:
                slots = list(self._slots)
                if not slots:
                    self._watching = False
                    return
            total = sum(slot.measure() for slot in slots if slot.fault is None)
            if total > self.limit:
                largest = max((slot for slot in slots if slot.fault is None), key=lambda slot: slot.taken)
                largest.end(over_limit() if largest.taken > self.limit else _busy())
            time.sleep(QUICK_SECONDS if 2 * total > self.limit else POLL_SECONDS)


def _busy() -> Busy:
    return Busy("Other recordings take all the memory for reading media files.", "Try again in a minute.")


def _taken(pid: int) -> int:
    """Returns the resident bytes of a process, without the pages of files and libraries."""
    with suppress(OSError, IndexError, ValueError):
        fields = Path(f"/proc/{pid}/statm").read_text().split()
        return (int(fields[1]) - int(fields[2])) * _PAGE_BYTES
    return 0
