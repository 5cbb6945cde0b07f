"""Limits how many recordings, and how much audio, one caller may have in progress."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil

from engine.config import Config
from engine.errors import RateLimited
from engine.updates import Update

MINUTE = 60.0  # seconds
AUDIO_RETRY_SECONDS = 30  # Retry-After if the caller has too much audio in progress


@dataclass
class _Caller:
    """One caller: its recordings in progress, and when those of the last minute came, oldest first."""

    slots: list[Slot] = field(default_factory=list)
    came: deque[float] = field(default_factory=deque)  # monotonic seconds

    @property
    def seconds(self) -> float:
        """Seconds of audio in progress, as far as they are known."""
        return sum(slot.seconds for slot in self.slots)


class Slot:
    """One recording in progress.

    seconds  of its audio: as the file states, or as decoded so far if that is more
    """

    def __init__(self, limits: CallerLimits, caller: _Caller) -> None:
        self.seconds = 0.0
        self._limits = limits
        self._caller = caller

    def note(self, update: Update) -> None:
        """Notes the recording's length. Raises RateLimited if its caller has too much audio in progress."""
        seconds = max(update.seconds_total or 0.0, update.seconds_done)
        if seconds > self.seconds:
            self._limits.count_seconds(self._caller, self, seconds)


class CallerLimits:
    """The limits of each caller, shared by the HTTP routes, the page and its API."""

    def __init__(self, config: Config) -> None:
        self._concurrency = config.caller_concurrency
        self._per_minute = config.caller_per_minute
        self._seconds = config.caller_seconds
        self._lock = threading.Lock()
        self._callers: dict[str, _Caller] = {}

    @contextmanager
    def slot(self, name: str) -> Iterator[Slot]:
        """Counts one recording of a caller until the block ends. Raises RateLimited.

        Yields its slot, whose `note` must be called with each of the engine's updates.
        """
        with self._lock:
            self._forget_idle_callers()
            caller = self._callers.setdefault(name, _Caller())
            self._check(caller)
            slot = Slot(self, caller)
            caller.slots.append(slot)
            caller.came.append(time.monotonic())
        try:
            yield slot
        finally:
            with self._lock:
                caller.slots.remove(slot)

    def count_seconds(self, caller: _Caller, slot: Slot, seconds: float) -> None:
        """Counts a recording's audio. Raises RateLimited if the caller has too much in progress."""
        with self._lock:
            others = caller.seconds - slot.seconds
            if self._seconds and others and others + seconds > self._seconds:
                raise self._too_much_audio()
            slot.seconds = seconds

    def _too_much_audio(self) -> RateLimited:
        return RateLimited(
            f"You may have {self._seconds:,.0f} seconds of audio in progress, and your recordings are longer.",
            "Wait until one of them is done.",
            retry_after=AUDIO_RETRY_SECONDS,
        )

    def _check(self, caller: _Caller) -> None:
        if self._concurrency and len(caller.slots) >= self._concurrency:
            running = "1 transcription" if self._concurrency == 1 else f"{self._concurrency} transcriptions"
            raise RateLimited(f"You already have {running} running.", "Wait until one is done.")
        if self._seconds and caller.seconds >= self._seconds:
            raise self._too_much_audio()
        if self._per_minute and len(caller.came) >= self._per_minute:
            wait = ceil(MINUTE - (time.monotonic() - caller.came[0]))
            raise RateLimited(
                f"You have sent {self._per_minute} recordings within a minute, the most that is accepted.",
                f"Send the next in {wait} seconds.",
                retry_after=wait,
            )

    def _forget_idle_callers(self) -> None:
        """Forgets requests older than a minute, and callers without any."""
        oldest = time.monotonic() - MINUTE
        for name, caller in list(self._callers.items()):
            while caller.came and caller.came[0] <= oldest:
                caller.came.popleft()
            if not caller.slots and not caller.came:
                del self._callers[name]
