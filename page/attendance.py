"""Notes which work a page shows at the moment."""

from __future__ import annotations

import threading
import time

ASK_SECONDS = 10.0  # a page that shows work asks again after so many seconds at most
PRESENT_SECONDS = 2 * ASK_SECONDS  # after its last question, a page is taken for closed
FORGET_SECONDS = 30 * 86_400.0  # after which nothing is known of a line


class Attendance:
    """When a page last asked for each line of jobs.

    longest  seconds for which work goes on without any page
    """

    def __init__(self, longest: float) -> None:
        self._longest = max(PRESENT_SECONDS, longest)
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._asked: dict[str, float] = {}

    def note(self, line: str) -> None:
        """Notes that a page shows the work of a line."""
        now = time.monotonic()
        with self._lock:
            self._asked[line] = now
            for name, asked in list(self._asked.items()):
                if now - asked > FORGET_SECONDS:
                    del self._asked[name]

    def lines(self) -> list[str]:
        """Returns the lines that a page shows."""
        oldest = time.monotonic() - PRESENT_SECONDS
        with self._lock:
            return [line for line, asked in self._asked.items() if asked > oldest]

    def is_over(self, line: str) -> bool:
        """Returns whether no page has shown a line for too long; a restart of the server begins the time anew."""
        with self._lock:
            return time.monotonic() - self._asked.get(line, self._began) > self._longest
