"""Holds the windows of one request back until the language of its recording is known."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace

from engine.recognition.language_tracker import LanguageTracker
from engine.scheduling.batch import QueuedWindow


class LanguageGate:
    """Decides the language of a recording from its windows, which it sees in their order.

    A window of unknown language is encoded once. If that does not decide the language yet, the gate holds the
    window and releases it, with its language, once later windows have decided. The gate is not thread-safe:
    its lane calls it with the scheduler's lock held.
    """

    def __init__(self, tracker: LanguageTracker) -> None:
        self._tracker = tracker
        self._identifying: deque[int] = (
            deque()
        )  # indices of windows in a batch whose language is not known yet
        self._held: list[QueuedWindow] = []

    @property
    def held(self) -> int:
        """How many windows wait for the language."""
        return len(self._held)

    @property
    def is_identifying(self) -> bool:
        """Whether a window in a batch may still decide the language."""
        return bool(self._identifying)

    @property
    def decided(self) -> bool:
        """Whether the language is known as far as the windows seen so far can tell."""
        return self._tracker.decided

    def needs_language(self, window: QueuedWindow) -> bool:
        """Returns whether the probabilities of languages are wanted for a window."""
        return window.language is None and self._tracker.wants_probabilities

    def enter(self, window: QueuedWindow) -> QueuedWindow:
        """Returns the window as it goes into a batch: with its language, if no further evidence is wanted."""
        if self.needs_language(window):
            self._identifying.append(window.index)
            return window
        return window if window.language is not None else self._with_language(window)

    def is_next(self, window: QueuedWindow) -> bool:
        """Returns whether all windows before this one have been identified."""
        return window.language is not None or self._identifying[0] == window.index

    def identify(self, window: QueuedWindow, probabilities: Mapping[str, float]) -> None:
        """Takes in the probabilities of languages of the next window, and holds the window."""
        self._identifying.popleft()
        if self._tracker.wants_probabilities:
            self._tracker.update(probabilities, window.seconds)
            window = replace(window, languages=probabilities)
        self._held.append(window)

    def abandon(self, window: QueuedWindow) -> bool:
        """Forgets a window that failed; returns whether it failed before it was identified."""
        if window.index not in self._identifying:
            return False
        self._identifying.remove(window.index)
        return True

    def decide(self) -> None:
        """Decides the language from the evidence there is, since no more is to come."""
        self._tracker.decide()

    def release(self) -> list[QueuedWindow]:
        """Returns the windows held, with their language, and holds none from now on."""
        released = [self._with_language(window) for window in self._held]
        self._held.clear()
        return released

    def clear(self) -> None:
        """Drops the windows held."""
        self._held.clear()

    def _with_language(self, window: QueuedWindow) -> QueuedWindow:
        assert self._tracker.language is not None, "it was given, or a window has just decided it"
        return replace(window, language=(self._tracker.language, self._tracker.probability))
