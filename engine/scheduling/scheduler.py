"""Workers fill each batch in turn from all live requests.

Each request has a lane: it puts windows of speech in as they are found and takes results out, in order. A batch
takes a window from each lane, round and round, until it is full, so that an hour-long file leaves room for the
others. A lane that has had no window decoded yet does not even wait for the batch at work: its first window is
decoded between that batch's encoding and its decoding.

A GPU has one worker and large batches. A CPU has a worker for each core, at most four, with small batches: threads
that share a batch wait for each other at every step of its decoding, and longer if other work takes a core.
"""

from __future__ import annotations

import atexit
import math
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from engine.errors import Busy, ShuttingDown
from engine.log import LOGGER
from engine.memory import out_of_memory, trim_heap
from engine.recognition.decoding import DecodingOptions
from engine.recognition.language_tracker import LanguageTracker
from engine.scheduling.batch import BatchItem, BatchRecognizer, WindowResult
from engine.scheduling.batch_runner import BatchRunner
from engine.scheduling.lane import Lane

LAST_BATCH = 60.0  # seconds that closing waits for the batch under way
IDLE_SECONDS = 5.0  # seconds without a recording after which memory is given back that the next one would use


@dataclass(frozen=True, slots=True)
class SchedulerStats:
    """How busy the workers are, and what they have done since they began."""

    recordings: int
    recordings_limit: int
    windows_waiting: int
    batch_size: int
    workers: int
    batches: int
    windows: int


class Scheduler:
    """The workers and their lanes.

    batch_size  windows of a batch at most; halved for good if the device runs out of memory
    most        lanes at a time; further requests raise Busy
    workers     batches at work side by side
    """

    def __init__(self, batch_size: int, most: int, workers: int = 1) -> None:
        self.batch_size = batch_size
        self._most = most
        self.workers = workers
        self._changed = threading.Condition()
        self._runner = BatchRunner(self._changed)
        self._lanes: deque[Lane] = deque()  # the next one to be served first
        self._refusing = self._closed = False
        # When something was at work last, on the monotonic clock; None once memory has been given back.
        self._worked: float | None = None
        self._batches = self._windows = 0  # decoded so far
        self._workers = [
            threading.Thread(target=self._work, name=f"scheduler-{number}", daemon=True)
            for number in range(workers)
        ]
        for worker in self._workers:
            worker.start()
        # A thread inside a model's native code when the interpreter goes takes the process down with it.
        atexit.register(self.close)

    @contextmanager
    def lane(
        self,
        recognizer: BatchRecognizer,
        language: str | None,
        options: DecodingOptions = DecodingOptions(),
        stop: threading.Event | None = None,
        tracker: LanguageTracker | None = None,
    ) -> Iterator[Lane]:
        """Gives a request its lane; leaving drops what waits in it. Raises Busy or ShuttingDown.

        language  as in `Options`: a code, MIXED, or None to detect it
        stop      no window of the lane goes into a further batch once this is set
        tracker   has seen the windows of an earlier run; a new one if None
        """
        lane = Lane(recognizer, tracker or LanguageTracker(language), options, self._changed, stop)
        with self._changed:
            if self._refusing:
                raise ShuttingDown("The engine is shutting down.", "Try again in a minute.")
            if len(self._lanes) >= self._most:
                raise Busy(
                    f"{self._most} recordings are being transcribed already.", "Try again in a minute."
                )
            self._lanes.append(lane)
        try:
            yield lane
        finally:
            with self._changed:
                lane.clear()
                if lane in self._lanes:
                    self._lanes.remove(lane)
                self._changed.notify_all()

    @property
    def windows_in_flight(self) -> int:
        """How many windows are at work at a time, at most."""
        return self.batch_size * self.workers

    def stats(self) -> SchedulerStats:
        with self._changed:
            waiting = sum(lane.unfinished for lane in self._lanes)
            return SchedulerStats(
                recordings=len(self._lanes),
                recordings_limit=self._most,
                windows_waiting=waiting,
                batch_size=self.batch_size,
                workers=self.workers,
                batches=self._batches,
                windows=self._windows,
            )

    def close(self, grace: float = 0.0, last_batch: float | None = None) -> None:
        """Refuses new lanes and gives the present ones `grace` seconds to finish.

        Then the workers end after the batch at work, for which this waits `last_batch` seconds (LAST_BATCH if
        None). Lanes that wait raise ShuttingDown.
        """
        atexit.unregister(self.close)
        with self._changed:
            self._refusing = True
            self._changed.wait_for(lambda: not self._lanes, grace)
            self._closed = True
            for lane in self._lanes:
                lane.close()
            self._changed.notify_all()
        until = time.monotonic() + (LAST_BATCH if last_batch is None else last_batch)
        for worker in self._workers:
            if worker is not threading.current_thread():
                worker.join(max(0.0, until - time.monotonic()))

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._changed.wait_for(self._called, IDLE_SECONDS):
                    if self._rested():
                        trim_heap()  # hundredths of a second, while there is no lane
                if self._closed:
                    return
            # New requests get one batch between two regular batches and one inside each, so that short
            # recordings cannot starve a long one.
            self._let_newcomers_pass()
            with self._changed:
                batch = self._take(newcomers=False)
            self._serve(batch)

    def _called(self) -> bool:
        return self._closed or any(lane.pending for lane in self._lanes)

    def _rested(self) -> bool:
        """Returns True once after IDLE_SECONDS without work. Called with the lock held."""
        rested = (
            not self._lanes and self._worked is not None and time.monotonic() - self._worked >= IDLE_SECONDS
        )
        if rested:
            self._worked = None
        return rested

    def _take(self, newcomers: bool) -> list[BatchItem]:
        """Fills a batch for one model, one window of each lane in turn. Called with the lock held.

        newcomers  takes only from lanes that have had no window decoded yet
        """
        batch: list[BatchItem] = []
        lanes = deque(lane for lane in self._lanes if lane.pending and (lane.is_new or not newcomers))
        room = self._room()
        while lanes and len(batch) < room:
            lane = lanes.popleft()
            window = lane.next_compatible(batch[0] if batch else None)
            if window is None:
                continue
            first, was_new = not lane.overtakes(window), lane.is_new
            batch.append(BatchItem(lane, lane.take(window)))
            # A lane's first window goes alone, so that its first words come soon.
            if lane.waiting and not was_new:
                lanes.append(lane)
            if first:  # otherwise it is still the turn of the window that was overtaken
                self._lanes.remove(lane)
                self._lanes.append(lane)
        return batch

    def _room(self) -> int:
        """Returns how many windows a batch may have.

        When all lanes have ended, the remaining windows are divided evenly among the workers.
        """
        lanes = [lane for lane in self._lanes if lane.pending]
        if not all(lane.ended for lane in lanes):
            return self.batch_size
        return min(self.batch_size, math.ceil(sum(lane.waiting for lane in lanes) / self.workers))

    def _serve(self, batch: list[BatchItem], newcomers: bool = False) -> None:
        """Decodes a batch. If it fails, its halves are tried, down to the window at fault.

        newcomers  the batch is one of newcomers, which other newcomers do not overtake
        """
        parts = deque([batch] if batch else [])
        while parts:
            part = parts.popleft()
            most = self.batch_size  # another worker may halve it at any moment
            if len(part) > most:  # memory has run short since the batch was filled
                parts.appendleft(part[most:])
                part = part[:most]
            outcome = self._runner.run(part, (lambda: None) if newcomers else self._let_newcomers_pass)
            items, error = outcome.items, outcome.error
            if error is not None and len(items) > 1:
                half = (len(items) + 1) // 2
                if out_of_memory(error):
                    self.batch_size = min(self.batch_size, half)
                    LOGGER.warning("out of memory: batches of %d from now on", self.batch_size)
                parts.extendleft([items[half:], items[:half]])
            elif items:
                self._deliver(items, outcome.results if error is None else [error])

    def _deliver(self, batch: Sequence[BatchItem], results: Sequence[WindowResult | Exception]) -> None:
        with self._changed:
            self._worked = time.monotonic()
            self._batches += 1
            self._windows += len(batch)
            for item, result in zip(batch, results, strict=True):
                item.lane.deliver(item.window, result)
            self._changed.notify_all()

    def _let_newcomers_pass(self) -> None:
        """Decodes the first window of each lane that has had none decoded yet."""
        with self._changed:
            batch = self._take(newcomers=True)
        self._serve(batch, newcomers=True)
