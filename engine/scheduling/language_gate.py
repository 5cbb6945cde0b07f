"""Holds one request's windows back until the language of its recording is known."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace

from engine.recognition.language_tracker import LanguageTracker
from engine.scheduling.batch import QueuedWindow


class LanguageGate:
    """Decides the language of a recording from its windows, which come in order.

    A window of unknown language is encoded once. If the language is still undecided then, the gate holds the
    window and releases it with its language once later windows have decided. The gate is not thread-safe: its
    lane calls it with the scheduler's lock held.
    """

    def __init__(self, tracker: LanguageTracker) -> None:
        self._tracker = tracker
        self._identifying: deque[int] = deque()  # indices of windows in a batch, of unknown language
        self._held: list[QueuedWindow] = []

    @property
    def held(self) -> int:
        """Returns the number of windows that wait for the language."""
        return len(self._held)

    @property
    def is_identifying(self) -> bool:
        """Returns whether a window in a batch may still decide the language."""
        return bool(self._identifying)

    @property
    def decided(self) -> bool:
        """Returns whether the windows so far have decided the language."""
        return self._tracker.decided

    @property
    def settled_language(self) -> tuple[str, float] | None:
        """The language that all further windows will have, with its probability; None while it can change."""
        tracker = self._tracker
        if tracker.wants_probabilities or tracker.language is None:
            return None
        return tracker.language, tracker.probability

    def needs_language(self, window: QueuedWindow) -> bool:
        """Returns whether a window's language is still to be detected."""
        return window.language is None and self._tracker.wants_probabilities

    def watches(self, window: QueuedWindow) -> bool:
        """Returns whether a window of known language is reported if its own is another."""
        return window.language is not None and window.languages is None and self._tracker.watches

    def observe(self, window: QueuedWindow, probabilities: Mapping[str, float]) -> QueuedWindow:
        """Returns the window with its own language, if that is clearly another than the one used for it."""
        assert window.language is not None
        other = self._tracker.other_language(probabilities, window.seconds, window.language[0])
        return replace(window, other=other)

    def enter(self, window: QueuedWindow) -> QueuedWindow:
        """Returns the window for a batch: with its language, if that is decided."""
        if self.needs_language(window):
            self._identifying.append(window.index)
            return window
        return window if window.language is not None else self._with_language(window)

    def is_next(self, window: QueuedWindow) -> bool:
        """Returns whether all windows before this one have been identified."""
        return window.language is not None or self._identifying[0] == window.index

    def identify(self, window: QueuedWindow, probabilities: Mapping[str, float]) -> None:
        """Adds the language probabilities of the next window, and holds the window."""
        self._identifying.popleft()
        if self._tracker.wants_probabilities:
            self._tracker.update(probabilities, window.seconds)
            window = replace(window, languages=probabilities)
        self._held.append(window)

    def abandon(self, window: QueuedWindow) -> bool:
        """Forgets a failed window; returns whether its language was still unknown."""
        if window.index not in self._identifying:
            return False
        self._identifying.remove(window.index)
        return True

    def decide(self) -> None:
        """Decides the language from the windows so far, since no more will come."""
        self._tracker.decide()

    def release(self) -> list[QueuedWindow]:
        """Returns the held windows with their language, and holds none from now on."""
        released = [self._with_language(window) for window in self._held]
        self._held.clear()
        return released

    def clear(self) -> None:
        """Drops the held windows."""
        self._held.clear()

    def _with_language(self, window: QueuedWindow) -> QueuedWindow:
        assert self._tracker.language is not None, "it was given, or a window has just decided it"
        known = replace(window, language=(self._tracker.language, self._tracker.probability))
        return known if window.languages is None else self.observe(known, window.languages)
