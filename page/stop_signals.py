"""Stop signals for running transcriptions, per browser tab.

gradio's own `cancels` ends a run from outside. What the run has sent by then may reach the page after the message
that the run has stopped. A second click on Transcribe may be ignored, since the browser still counts the run as
pending. A signalled run ends itself instead, and remains the only one that writes to the page.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class StopSignal(threading.Event):
    """Set once a run must stop; `left` if its page was closed, so that the user has not asked for it."""

    left = False


class StopSignals:
    """The signals of running transcriptions, by the browser tab (gradio's session) that started them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str | None, set[StopSignal]] = {}

    @contextmanager
    def watch(self, session: str | None) -> Iterator[StopSignal]:
        """Yields a signal that is set once the tab asks for a stop."""
        signal = StopSignal()
        with self._lock:
            self._running.setdefault(session, set()).add(signal)
        try:
            yield signal
        finally:
            with self._lock:
                self._running[session].discard(signal)
                if not self._running[session]:
                    del self._running[session]

    def stop(self, session: str | None, left: bool = False) -> None:
        """Sets the signals of a tab, of which there may be none; `left` if its page was closed."""
        with self._lock:
            for signal in self._running.get(session, ()):
                signal.left = left
                signal.set()
