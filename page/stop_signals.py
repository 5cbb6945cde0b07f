"""Stop, as the one who waits means it: told to the run, which ends itself and says so.

gradio's own `cancels` ends a run from outside. What the run has sent by then may still be on its way,
and lands on the page after the word that it has stopped; a second click on Transcribe may be ignored
besides, since the browser counts the run as pending. So the run is told instead, and it alone writes
to the page.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class StopSignal(threading.Event):
    """Set once a run is to stop; `left` where its page is gone, so that nobody has asked for it."""

    left = False


class StopSignals:
    """The runs that may be told to stop, by the browser tab (gradio's session) that started them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str | None, set[StopSignal]] = {}

    @contextmanager
    def watch(self, session: str | None) -> Iterator[StopSignal]:
        """Gives the event that is set once the tab asks for a stop."""
        told = StopSignal()
        with self._lock:
            self._running.setdefault(session, set()).add(told)
        try:
            yield told
        finally:
            with self._lock:
                self._running[session].discard(told)
                if not self._running[session]:
                    del self._running[session]

    def stop(self, session: str | None, left: bool = False) -> None:
        """Tells every run of the tab to stop, asked to or because it is `left`; there may be none."""
        with self._lock:
            for told in self._running.get(session, ()):
                told.left = left
                told.set()
