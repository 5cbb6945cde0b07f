"""Workers give the device batches that are filled in turn from all live requests.

A request is a lane: it puts windows of speech in as they are found and takes what was heard out, in
order. Each batch takes a window a lane, round and round, until it is full, so that an hour-long file
leaves room for the others; and a lane that has had nothing yet does not even wait for the batch at
work: it is served between that batch's encoding and its decoding.

A GPU has one worker and large batches. A CPU has a worker a core, as far as memory allows, each with small
batches: threads that share a batch wait for each other at every step of its decoding, all the more where
other work takes a core from one of them.
"""

from __future__ import annotations

import atexit
import math
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from engine.errors import Busy, OutOfMemory, ShuttingDown
from engine.log import LOGGER
from engine.memory import out_of_memory, trim_heap
from engine.recognition.encoder import Encoded
from engine.recognition.language_tracker import LanguageTracker
from engine.recognition.prompts import DecodingOptions, DecodingRequest
from engine.scheduling.lane import BatchItem, BatchRecognizer, Lane, WindowResult, needs_language
from engine.stopwatch import Stopwatch

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

    batch_size  windows of a batch at most; halved for good where the device runs out of memory
    most        lanes at a time; beyond, a request is told to come back
    workers     batches at work side by side
    """

    def __init__(self, batch_size: int, most: int, workers: int = 1) -> None:
        self.batch_size = batch_size
        self._most = most
        self.workers = workers
        self._changed = threading.Condition()
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
        manner: DecodingOptions = DecodingOptions(),
        stop: threading.Event | None = None,
    ) -> Iterator[Lane]:
        """Gives a request its lane; leaving drops what waits in it. Raises Busy or Closed.

        language  as in `Options`: a code, MIXED, or None to find it out
        stop      nothing of it goes into a further batch once this is set
        """
        lane = Lane(recognizer, LanguageTracker(language), manner, self._changed, stop or threading.Event())
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
                lane._waiting.clear()
                lane._held.clear()
                if lane in self._lanes:
                    self._lanes.remove(lane)
                self._changed.notify_all()

    @property
    def windows_in_flight(self) -> int:
        """How many windows are at work at a time, at most."""
        return self.batch_size * self.workers

    def stats(self) -> SchedulerStats:
        with self._changed:
            waiting = sum(len(lane._waiting) + len(lane._held) for lane in self._lanes)
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
        """Refuses new lanes, and leaves `grace` seconds to those there are.

        Then it ends the work after the batch that is under way, and waits for that, `last_batch` seconds or
        LAST_BATCH; lanes that wait raise Closed.
        """
        atexit.unregister(self.close)
        with self._changed:
            self._refusing = True
            self._changed.wait_for(lambda: not self._lanes, grace)
            self._closed = True
            for lane in self._lanes:
                lane._over = True
                lane._waiting.clear()
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
                        trim_heap()  # hundredths of a second, in which nobody has a lane
                if self._closed:
                    return
            # Turn about: between two batches, and within each, newcomers have one of their own and no more,
            # so that a stream of short recordings holds up no long one.
            self._let_newcomers_pass()
            with self._changed:
                batch = self._take(newcomers=False)
            self._serve(batch)

    def _called(self) -> bool:
        return self._closed or any(lane.pending for lane in self._lanes)

    def _rested(self) -> bool:
        """Tells once that nothing has been at work for PAUSE. Called with the lock held."""
        rested = (
            not self._lanes and self._worked is not None and time.monotonic() - self._worked >= IDLE_SECONDS
        )
        if rested:
            self._worked = None
        return rested

    def _take(self, newcomers: bool) -> list[BatchItem]:
        """Fills a batch, a window a lane in turn, for one model. Called with the lock held.

        newcomers  takes only from lanes that have had nothing yet
        """
        batch: list[BatchItem] = []
        lanes = deque(lane for lane in self._lanes if lane.pending and (lane._new or not newcomers))
        room = self._room()
        while lanes and len(batch) < room:
            lane = lanes.popleft()
            sound = lane.next_compatible(batch[0] if batch else None)
            if sound is None:
                continue
            first = not lane.overtakes(sound)
            batch.append((lane, lane.take(sound)))
            # A lane's first window goes alone, so that its first words come soon.
            if lane._waiting and not lane._new:
                lanes.append(lane)
            lane._new = False
            if first:  # else it is still the turn of the one that was passed
                self._lanes.remove(lane)
                self._lanes.append(lane)
        return batch

    def _room(self) -> int:
        """Returns how many windows a batch may have.

        Where no lane is to have more than waits, it is a worker's share of that: none has two windows while
        another has nothing to do.
        """
        lanes = [lane for lane in self._lanes if lane.pending]
        if not all(lane.ended for lane in lanes):
            return self.batch_size
        waiting = sum(len(lane._waiting) for lane in lanes)
        return min(self.batch_size, math.ceil(waiting / self.workers))

    def _serve(self, batch: list[BatchItem], newcomers: bool = False) -> None:
        """Works a batch through. Where it fails, its halves are tried, down to the window at fault.

        newcomers  it is one of newcomers, which others do not pass
        """
        parts = deque([batch] if batch else [])
        while parts:
            part = parts.popleft()
            most = self.batch_size  # another worker may halve it at any moment
            if len(part) > most:  # memory has run short since the batch was filled
                parts.appendleft(part[most:])
                part = part[:most]
            outcome = self._outcome(part, newcomers)
            if isinstance(outcome, Exception) and len(part) > 1:
                half = (len(part) + 1) // 2
                if out_of_memory(outcome):
                    self.batch_size = min(self.batch_size, half)
                    LOGGER.warning("out of memory: batches of %d from now on", self.batch_size)
                parts.extendleft([part[half:], part[:half]])
            elif part:
                self._give(part, [outcome] if isinstance(outcome, Exception) else outcome)

    def _outcome(self, batch: list[BatchItem], newcomers: bool) -> list[WindowResult] | Exception:
        """Returns what was heard, or why that failed. What the batch had taken of memory is free again."""
        try:
            return self._hear(batch, newcomers)
        except Exception as error:
            traceback.clear_frames(error.__traceback__)  # they hold what was encoded
            if len(batch) > 1 or not out_of_memory(error):
                return error
            LOGGER.exception("out of memory with one window")
            return OutOfMemory()

    def _give(self, batch: Sequence[BatchItem], outcome: Sequence[WindowResult | Exception]) -> None:
        with self._changed:
            self._worked = time.monotonic()
            self._batches += 1
            self._windows += len(batch)
            for (lane, sound), served in zip(batch, outcome, strict=True):
                lane.deliver(sound, served)
            self._changed.notify_all()

    def _hear(self, batch: list[BatchItem], newcomers: bool) -> list[WindowResult]:
        recognizer = batch[0][0].recognizer
        watch = Stopwatch()
        with watch.stage("encode"):
            encoded = recognizer.encode([sound.features for _, sound in batch])
        rows: list[dict[str, float]] = [{} for _ in batch]
        with self._changed:  # another worker may be hearing the window before this very moment
            wanted = any(map(needs_language, batch))
        if wanted:
            with watch.stage("language"):
                rows = recognizer.detect_language(encoded)
        encoded = self._tell(batch, rows, encoded)
        if not newcomers:
            self._let_newcomers_pass()
        if not batch:
            return []
        with watch.stage("decode"):
            told = [sound.language for _, sound in batch if sound.language is not None]
            asks = [
                DecodingRequest(language, lane.manner)
                for (lane, _), (language, _) in zip(batch, told, strict=True)
            ]
            heard = recognizer.decode(encoded, asks, [sound.speech for _, sound in batch])
        shares = {stage: taken / len(batch) for stage, taken in watch.seconds.items()}
        return [WindowResult(it, *language, shares) for it, language in zip(heard, told, strict=True)]

    def _tell(self, batch: list[BatchItem], rows: Sequence[Mapping[str, float]], encoded: Encoded) -> Encoded:
        """Tells each window its language. Those that have to wait for it leave the batch and what is encoded."""
        told = []
        with self._changed:
            for (lane, sound), row in zip(batch, rows, strict=True):
                self._changed.wait_for(partial(lane.is_next_to_identify, sound))
                told.append(lane.assign_language(sound, row))
                self._changed.notify_all()  # another worker may have the one after it
        stay = [row for row, sound in enumerate(told) if sound is not None]
        # In place: where decoding fails, the halves that are tried are of those that are left.
        batch[:] = [(batch[row][0], sound) for row, sound in enumerate(told) if sound is not None]
        return encoded.pick(stay) if 0 < len(stay) < len(told) else encoded

    def _let_newcomers_pass(self) -> None:
        """Serves whoever has had nothing yet."""
        with self._changed:
            batch = self._take(newcomers=True)
        self._serve(batch, newcomers=True)
