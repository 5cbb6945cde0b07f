"""Shares the models among requests: workers fill batches from all lanes in turn.

Each request has a lane. The request puts windows into its lane as they are found, and takes the results out
in order. A batch takes one window from each lane in turn until it is full, so that an hour-long file leaves
room for the others. The first window of a new lane does not wait for the current batch: it is decoded between
that batch's encoding and decoding.

A GPU has one worker and large batches. A CPU has a worker for each core, at most four, with small batches:
threads that share a batch wait for each other at every decoding step, and longer if other work takes a core.
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
from engine.scheduling.drafts import Draft, DraftQueue
from engine.scheduling.lane import Lane

LAST_BATCH = 60.0  # seconds that `close` waits for the current batch
IDLE_SECONDS = 5.0  # seconds without a request after which the kept memory is given back


@dataclass(frozen=True, slots=True)
class SchedulerStats:
    """Holds the load of the workers, and their counts since the start."""

    recordings: int
    recordings_limit: int
    windows_waiting: int
    batch_size: int
    workers: int
    batches: int
    windows: int


class Scheduler:
    """Runs the workers that decode the windows of all lanes.

    batch_size  most windows in a batch; halved for good if the device runs out of memory
    most        most lanes at the same time; further requests raise Busy
    workers     number of batches that run in parallel
    drafts      whether live speech that has not ended is drafted while the workers have nothing else to do
    alone       most windows in a batch while there is one lane, if that is more. One worker keeps to `batch_size`,
                so that a new lane waits no longer than for such a batch.
    """

    def __init__(
        self, batch_size: int, most: int, workers: int = 1, drafts: bool = True, alone: int = 0
    ) -> None:
        self.batch_size = batch_size
        self._alone = alone
        self._most = most
        self.workers = workers
        self.drafts = drafts
        self._changed = threading.Condition()
        self._runner = BatchRunner(self._changed)
        self._lanes: deque[Lane] = deque()  # the next one to be served comes first
        self._drafts = DraftQueue(workers)
        self._busy = self._large = 0  # workers that are decoding; those with more than `batch_size` windows
        self._refusing = self._closed = False
        # Time of the last batch on the monotonic clock; None once memory has been given back.
        self._worked: float | None = None
        self._batches = self._windows = 0  # decoded so far
        self.threads = [
            threading.Thread(target=self._work, name=f"scheduler-{number}", daemon=True)
            for number in range(workers)
        ]
        for worker in self.threads:
            worker.start()
        # A thread inside a model's native code at interpreter exit crashes the process.
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
        """Yields a lane for one request; leaving drops its waiting windows.

        language  as in `Options`: a code, MIXED, or None to detect it
        stop      once set, no further window of the lane goes into a batch
        tracker   has seen the windows of an earlier run; a new one if None

        Raises Busy or ShuttingDown.
        """
        tracker = tracker or LanguageTracker(language)
        lane = Lane(recognizer, tracker, options, changed=self._changed, stop=stop)
        with self._changed:
            if self._refusing:
                raise ShuttingDown()
            if len(self._lanes) >= self._most:
                raise Busy(
                    f"{self._most} recordings are being transcribed already.", "Try again in 20 seconds."
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

    def draft(self, draft: Draft) -> None:
        """Decodes a draft when no window waits."""
        with self._changed:
            self._drafts.add(draft)
            self._changed.notify_all()

    def drop_draft(self, draft: Draft) -> None:
        """Forgets a draft, unless it is being decoded."""
        with self._changed:
            self._drafts.drop(draft)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps the workers from taking windows during the block, so that a caller can put several at once."""
        with self._changed:
            yield

    @property
    def is_closing(self) -> bool:
        """Whether new lanes are refused."""
        return self._refusing

    @property
    def windows_in_flight(self) -> int:
        """Returns the number of windows that are in batches at the same time, at most."""
        return self.batch_size + max(self.batch_size, self._alone) * (self.workers - 1)

    def stats(self) -> SchedulerStats:
        """Returns the current load and counts."""
        with self._changed:
            return SchedulerStats(
                recordings=len(self._lanes),
                recordings_limit=self._most,
                windows_waiting=sum(lane.unfinished for lane in self._lanes),
                batch_size=self.batch_size,
                workers=self.workers,
                batches=self._batches,
                windows=self._windows,
            )

    def close(self, grace: float = 0.0, last_batch: float | None = None) -> None:
        """Refuses new lanes and gives the running ones `grace` seconds to finish.

        Then the workers end after their current batch, for which this waits `last_batch` seconds (LAST_BATCH
        if None). Calls on waiting lanes raise ShuttingDown.
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
        for worker in self.threads:
            if worker is not threading.current_thread():
                worker.join(max(0.0, until - time.monotonic()))

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._changed.wait_for(self._called, IDLE_SECONDS):
                    if self._rested():
                        trim_heap()  # takes some 0.01 s, while there is no lane
                if self._closed:
                    return
                pending = any(lane.pending for lane in self._lanes)
                draft = None if pending else self._drafts.take(self._busy)
                self._busy += 1
            if draft is not None:
                draft.decode()
            else:
                self._decode_windows()
            draft = None  # it holds the model of a request that may have ended
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def _decode_windows(self) -> None:
        """Decodes one batch.

        New requests get one batch between two regular batches and one inside each, so that short recordings cannot
        starve a long one.
        """
        self._let_newcomers_pass()
        with self._changed:
            batch = self._take(newcomers=False)
            is_large = len(batch) > self.batch_size
            self._large += is_large
        self._serve(batch)
        with self._changed:
            self._large -= is_large

    def _called(self) -> bool:
        return self._closed or any(lane.pending for lane in self._lanes) or self._drafts.may_begin(self._busy)

    def _rested(self) -> bool:
        """Returns True once after IDLE_SECONDS without work. Called with the lock held."""
        if self._lanes or self._worked is None or time.monotonic() - self._worked < IDLE_SECONDS:
            return False
        self._worked = None
        return True

    def _take(self, newcomers: bool) -> list[BatchItem]:
        """Fills a batch for one model, with one window of each lane in turn.

        newcomers  takes only from lanes of which no window has been decoded yet

        Called with the lock held.
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
            if first:  # otherwise the lane keeps its turn for the window that was overtaken
                self._lanes.remove(lane)
                self._lanes.append(lane)
        return batch

    def _room(self) -> int:
        """Returns the most windows that a batch may have now.

        If all lanes have ended, the remaining windows are divided evenly among the workers.
        """
        lanes = [lane for lane in self._lanes if lane.pending]
        may_be_large = len(self._lanes) == 1 and self._large < self.workers - 1
        size = max(self.batch_size, self._alone) if may_be_large else self.batch_size
        if not all(lane.ended for lane in lanes):
            return size
        return min(size, math.ceil(sum(lane.waiting for lane in lanes) / self.workers))

    def _serve(self, batch: list[BatchItem], newcomers: bool = False) -> None:
        """Decodes a batch and, after a failure, its halves, down to the window at fault.

        newcomers  whether the batch holds first windows, which other first windows do not overtake
        """
        parts = deque([batch] if batch else [])
        while parts:
            part = parts.popleft()
            most = max(self.batch_size, self._alone)  # another worker may halve them at any time
            if len(part) > most:  # memory has run out since the batch was filled
                parts.appendleft(part[most:])
                part = part[:most]
            outcome = self._runner.run(part, (lambda: None) if newcomers else self._let_newcomers_pass)
            items, error = outcome.items, outcome.error
            if error is not None and len(items) > 1:
                half = (len(items) + 1) // 2
                if out_of_memory(error):
                    self.batch_size, self._alone = min(self.batch_size, half), min(self._alone, half)
                    LOGGER.warning("out of memory: batches of %d from now on", half)
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
        """Decodes the first window of each lane that has none decoded yet."""
        with self._changed:
            batch = self._take(newcomers=True)
        self._serve(batch, newcomers=True)
