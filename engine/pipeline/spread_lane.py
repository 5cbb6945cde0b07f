"""Spreads the windows of one recording over helpers: other processes that decode what they have room for."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.log import LOGGER
from engine.options import Options
from engine.recognition.language_tracker import MAX_UNSURE_WINDOWS
from engine.scheduling.batch import WindowResult
from engine.scheduling.lane import Lane
from engine.scheduling.portion import Helpers, Portion, PortionRefused, PortionWork
from engine.windows import Window

LEAST_WINDOWS = 4  # of a portion, so that a helper of one core works some seconds at it
LOOK_SECONDS = 0.05  # between two looks at the helpers while there is nothing to give back
ANSWER_SECONDS = 1.0  # in which a helper must take a portion; all have as much as they can do if none does
# After a refusal the next portion is offered later and later, since each offer carries the sound of its windows.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 4.0
# Windows that helpers may have together: two hours of speech, which are half a gigabyte here.
MOST_ELSEWHERE = 512


@contextmanager
def spread(
    lane: Lane, helpers: Helpers | None, options: Options, in_flight: int
) -> Iterator[Lane | SpreadLane]:
    """Yields the lane of a recording, spread over helpers if there are any; leaving ends their work.

    in_flight  windows that the workers of this process decode at the same time
    """
    if helpers is None or helpers.most < 1:
        yield lane
        return
    spread_lane = SpreadLane(lane, helpers, options, in_flight)
    try:
        yield spread_lane
    finally:
        spread_lane.close()


@dataclass(slots=True, eq=False)
class _Offer:
    """A portion that has been offered, and the indices of its windows that have no result yet."""

    windows: dict[int, Window]
    work: PortionWork
    began: float = field(default_factory=time.monotonic)  # on the monotonic clock
    is_taken: bool = False


class SpreadLane:
    """Gives windows to the lane of this process and to helpers, and returns the results in order.

    The language is decided from windows of this process alone; only then are portions offered. Helpers come before
    the own workers, which take what helpers leave: reading and finding speech, which are done here alone, then have
    the processor. A window whose helper fails or ends is decoded here.

    All methods are for the one thread that reads the recording.
    """

    def __init__(self, lane: Lane, helpers: Helpers, options: Options, in_flight: int) -> None:
        """Takes the lane of this process; the arguments are as in `spread`."""
        self._lane = lane
        self._helpers = helpers
        self._options = options
        self._own_room = max(MAX_UNSURE_WINDOWS, 2 * in_flight)  # windows that wait for the own workers
        self._size = max(LEAST_WINDOWS, in_flight)
        self._lock = threading.Lock()  # guards the fields below, which threads of portions change too
        self._waiting: deque[tuple[int, Window]] = deque()  # for anybody, with their indices
        # For this process alone, since a helper has failed at them.
        self._returned: deque[tuple[int, Window]] = deque()
        self._offers: list[_Offer] = []
        self._next_offer = 0.0  # on the monotonic clock
        self._pause = FIRST_PAUSE
        self._twice = -1  # the last window that is decoded here beside a helper
        self._read_all = self._closed = False

    @property
    def in_flight_elsewhere(self) -> int:
        """The number of windows that helpers have, and a portion more."""
        portions = len(self._offers) + 1
        return min(portions * self._size, MOST_ELSEWHERE)

    @property
    def ready(self) -> bool:
        """Returns whether `get` returns at once."""
        return self._lane.ready

    def put_window(self, window: Window) -> None:
        """Adds a window without waiting. Raises as `Lane.put` does."""
        index = self._lane.reserve()
        with self._lock:
            self._waiting.append((index, window))
        self._hand_out()

    def end(self) -> None:
        """Says that no more windows follow."""
        self._read_all = True
        self._hand_out()

    def check(self) -> None:
        """Looks after the portions. Raises ShuttingDown if this process decodes no more windows."""
        self._lane.check()
        self._hand_out()

    def get(self, timeout: float | None = None) -> WindowResult | None:
        """Returns the next window's result, as `Lane.get` does, and raises its errors."""
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            self._hand_out()
            result = self._lane.get(LOOK_SECONDS)
            if result is not None:
                return result
            if until is not None and time.monotonic() >= until:
                return None
            self._double()

    def close(self) -> None:
        """Ends the work of all helpers."""
        with self._lock:
            self._closed = True
            offers = list(self._offers)
        for offer in offers:
            offer.work.cancel()

    def _hand_out(self) -> None:
        """Offers a portion if a helper may take one, and gives the own workers what is left to them."""
        if self._lane.stop.is_set():
            self.close()
            return
        self._take_back()
        settled = self._lane.settled_language
        if settled is not None and self._may_offer():
            self._offer(*settled)
        while (item := self._take_own()) is not None:
            index, window = item
            self._lane.put_window(window, index)
        if self._read_all and not self._lane.ended and (settled is not None or not self._waiting):
            self._lane.end()

    def _may_offer(self) -> bool:
        with self._lock:
            asking = any(not offer.is_taken for offer in self._offers)
            elsewhere = sum(len(offer.windows) for offer in self._offers)
            return (
                not asking
                and len(self._offers) < self._helpers.most
                and elsewhere + self._size <= MOST_ELSEWHERE
                and time.monotonic() >= self._next_offer
                and (len(self._waiting) >= self._size or (self._read_all and bool(self._waiting)))
            )

    def _offer(self, language: str, probability: float) -> None:
        with self._lock:
            count = min(self._size, len(self._waiting))
            windows = dict(self._waiting.popleft() for _ in range(count))
            portion = Portion(tuple(windows.values()), self._options, language, probability)
            offer = _Offer(windows, self._helpers.offer(portion))
            self._offers.append(offer)
        threading.Thread(
            target=self._follow, args=(offer, tuple(windows)), name="portion", daemon=True
        ).start()

    def _take_back(self) -> None:
        """Ends an offer that no helper has taken in time."""
        with self._lock:
            late = [
                offer
                for offer in self._offers
                if not offer.is_taken and time.monotonic() - offer.began > ANSWER_SECONDS
            ]
        for offer in late:
            self._settle(offer, refused=True)
            offer.work.cancel()

    def _take_own(self) -> tuple[int, Window] | None:
        """Returns the next window for the own workers, if they have room for it.

        While a portion is offered there is none but those that must be decoded here.
        """
        if not self._lane.has_room(self._own_room):
            return None
        with self._lock:
            if self._returned:
                return self._returned.popleft()
            asking = any(not offer.is_taken for offer in self._offers)
            return None if asking or not self._waiting else self._waiting.popleft()

    def _double(self) -> None:
        """Decodes here too, while there is nothing else to do, the next window that a helper has: it may be slow."""
        if not self._lane.has_room(1):
            return
        with self._lock:
            if self._waiting or self._returned:
                return
            left = {index: window for offer in self._offers for index, window in offer.windows.items()}
            index = min((index for index in left if index > self._twice), default=None)
            if index is None:
                return
            self._twice = index
        self._lane.put_window(left[index], index)

    def _follow(self, offer: _Offer, indices: Sequence[int]) -> None:
        """Takes the results of a portion as they come, in a thread of its own."""
        refused, at = False, 0
        try:
            for results in offer.work:
                with self._lock:
                    offer.is_taken, self._pause = True, FIRST_PAUSE
                for result in results:
                    self._lane.hand_in(indices[at], result)
                    with self._lock:
                        offer.windows.pop(indices[at], None)
                    at += 1
        except PortionRefused:
            refused = True
        except BaseException as error:  # a cancelled answer may raise asyncio's CancelledError
            if not self._closed and offer.is_taken:
                LOGGER.warning("a portion of a recording came back: %s", type(error).__name__)
        finally:
            self._settle(offer, refused=refused)

    def _settle(self, offer: _Offer, *, refused: bool) -> None:
        """Takes back the windows of a portion that have no result, once."""
        with self._lock:
            if offer not in self._offers:
                return
            self._offers.remove(offer)
            if refused or not offer.is_taken:
                self._waiting.extendleft(reversed(offer.windows.items()))
                self._next_offer = time.monotonic() + self._pause
                self._pause = min(2 * self._pause, LONGEST_PAUSE)
            else:
                self._returned.extend(offer.windows.items())
