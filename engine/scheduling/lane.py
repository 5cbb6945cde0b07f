"""The queue of one request's windows and its results."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence

import numpy as np

from engine.errors import OutOfMemory, ShuttingDown
from engine.recognition.decoding import DecodingOptions
from engine.recognition.language_tracker import LanguageTracker
from engine.regions import Span
from engine.sampling import SAMPLE_RATE
from engine.scheduling.batch import BatchItem, BatchRecognizer, QueuedWindow, WindowResult
from engine.scheduling.language_gate import LanguageGate
from engine.windows import Window


class Lane:
    """Queues the windows of one request, and returns their results in order.

    `put`, `put_window`, `reserve`, `end`, `get`, `check`, `ready`, `has_room` and `settled_language` are for the
    one thread that reads the recording, `hand_in` is for any; they take the lock themselves. The scheduler calls
    all other methods with the lock held.
    """

    def __init__(
        self,
        recognizer: BatchRecognizer,
        tracker: LanguageTracker,
        options: DecodingOptions,
        changed: threading.Condition,
        stop: threading.Event | None = None,
    ) -> None:
        """Takes the scheduler's condition; once `stop` is set, no window enters a batch."""
        self.recognizer = recognizer
        self.options = options
        self.stop = stop or threading.Event()
        self.ended = False  # no more windows will be added or read
        self.is_new = True  # no window of the lane has been in a batch yet
        self._changed = changed
        self._gate = LanguageGate(tracker)
        self._waiting: deque[QueuedWindow] = deque()
        self._added = 0  # windows so far
        self._read = 0  # of these, results that `get` has returned
        self._results: dict[int, WindowResult | Exception] = {}  # by index
        self._closed = False

    def put(
        self,
        samples: np.ndarray,
        speech: Sequence[Span] = (),
        index: int | None = None,
        faint: tuple[Span, ...] = (),
    ) -> None:
        """Adds a window without waiting.

        samples  (n,) float32 at 16 kHz
        speech   detected speech, (start, end) in window seconds
        index    that `reserve` returned for the window; None for the next one
        faint    the spans of `speech` that louder sound hid at first

        The features are computed here, so that no worker's device waits for them. Raises OutOfMemory, or
        ShuttingDown.
        """
        self.check()
        try:
            features = self.recognizer.features(samples)
        except MemoryError as error:
            raise OutOfMemory() from error
        with self._changed:
            self.check()
            if index is None:
                index = self.reserve()
            seconds = len(samples) / SAMPLE_RATE
            self._waiting.append(QueuedWindow(index, features, seconds, speech=speech, faint=faint))
            self._changed.notify_all()

    def put_window(self, window: Window, index: int | None = None) -> None:
        """Adds a window of a recording without waiting; `index` and errors are those of `put`."""
        self.put(window.samples, window.speech, index, window.faint)

    def reserve(self) -> int:
        """Returns the index of the next window, which is put later, or decoded elsewhere and handed in."""
        with self._changed:
            self._added += 1
            return self._added - 1

    def hand_in(self, index: int, result: WindowResult) -> None:
        """Stores the result of a window that has been decoded elsewhere, unless it has one."""
        with self._changed:
            self._store(index, result)
            self._changed.notify_all()

    def has_room(self, most: int) -> bool:
        """Returns whether fewer than `most` windows wait for a batch or for the language."""
        with self._changed:
            return self.unfinished < most

    @property
    def settled_language(self) -> tuple[str, float] | None:
        """The language that all further windows will have, with its probability; None while it can change."""
        with self._changed:
            return self._gate.settled_language

    def check(self) -> None:
        """Raises ShuttingDown if the scheduler is closed and decodes no more windows."""
        if self._closed:
            raise ShuttingDown()

    def end(self) -> None:
        """Says that no more windows follow, so that no window is held for a later one."""
        with self._changed:
            self.ended = True
            self._decide_if_last()
            self._changed.notify_all()

    def get(self, timeout: float | None = None) -> WindowResult | None:
        """Returns the next window's result; None if none comes within `timeout` seconds.

        Raises the error of that window's decoding, and ShuttingDown once the scheduler is closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self.ready or self._closed, timeout)
            if not self.ready:
                self.check()
                return None
            result = self._results.pop(self._read)
            self._read += 1
        if isinstance(result, Exception):
            raise result
        return result

    @property
    def in_flight_elsewhere(self) -> int:
        """The number of windows that other processes work at together: none."""
        return 0

    @property
    def ready(self) -> bool:
        """Returns whether `get` returns at once."""
        return self._read in self._results

    @property
    def pending(self) -> bool:
        """Returns whether a window of this lane can go into a batch."""
        return bool(self._waiting) and not self.stop.is_set()

    @property
    def waiting(self) -> int:
        """Returns the number of windows that wait for a batch."""
        return len(self._waiting)

    @property
    def unfinished(self) -> int:
        """Returns the number of windows that wait for a batch or for the language."""
        return len(self._waiting) + self._gate.held

    def next_compatible(self, other: BatchItem | None) -> QueuedWindow | None:
        """Returns the next window that may share a batch with `other`, if any."""
        for window in self._waiting:
            if self.needs_language(window) and self.overtakes(window):
                return None  # the language is found in the order of the recording
            if other is None or self._fits_beside(window, other):
                return window
        return None

    def needs_language(self, window: QueuedWindow) -> bool:
        """Returns whether a window's language is still to be detected."""
        return self._gate.needs_language(window)

    def watches_language(self, window: QueuedWindow) -> bool:
        """Returns whether a window of known language is reported if its own is another."""
        return self._gate.watches(window)

    def overtakes(self, window: QueuedWindow) -> bool:
        """Returns whether taking this window would overtake an older one."""
        return window is not self._waiting[0]

    def take(self, window: QueuedWindow) -> QueuedWindow:
        """Takes a window out of the queue, for a batch."""
        self._waiting.remove(window)
        self.is_new = False
        return self._gate.enter(window)

    def deliver(self, window: QueuedWindow, result: WindowResult | Exception) -> None:
        """Stores the result of a window for `get`."""
        if self._gate.abandon(window):
            # The reader stops at this failed window, so held windows must not wait for later ones.
            self.ended = True
            self._decide_if_last()
        self._store(window.index, result)

    def is_next_to_identify(self, window: QueuedWindow) -> bool:
        """Returns whether all windows before this one have been identified."""
        return self._gate.is_next(window)

    def assign_language(
        self, window: QueuedWindow, probabilities: Mapping[str, float]
    ) -> QueuedWindow | None:
        """Returns the window with its language, or None if the window leaves the batch.

        The window leaves if the language is not decided yet, or if held windows come before it. It then goes
        into a later batch.
        """
        if window.language is not None:
            return self._gate.observe(window, probabilities) if self.watches_language(window) else window
        self._gate.identify(window, probabilities)
        if not self._gate.decided:
            self._decide_if_last()
            return None
        if self._gate.held == 1 and not self._released:
            return self._gate.release()[0]
        self._put_back()
        return None

    def clear(self) -> None:
        """Drops all windows that are in no batch, since the request has ended."""
        self._waiting.clear()
        self._gate.clear()

    def close(self) -> None:
        """Drops the waiting windows; the reader's calls raise ShuttingDown from now on."""
        self._closed = True
        self._waiting.clear()

    def _store(self, index: int, result: WindowResult | Exception) -> None:
        if index >= self._read:
            self._results.setdefault(index, result)

    def _fits_beside(self, window: QueuedWindow, other: BatchItem) -> bool:
        length = self.recognizer.padded_length
        same_model = self.recognizer is other.lane.recognizer
        return same_model and length(window.features) == length(other.window.features)

    def _decide_if_last(self) -> None:
        only_released = self._released == len(self._waiting)
        if self.ended and self._gate.held and not self._gate.is_identifying and only_released:
            self._gate.decide()
            self._put_back()

    def _put_back(self) -> None:
        for position, window in enumerate(self._gate.release(), self._released):
            self._waiting.insert(position, window)

    @property
    def _released(self) -> int:
        """Returns the number of waiting windows of known language, which come first."""
        return sum(window.language is not None for window in self._waiting)
