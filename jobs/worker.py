"""Runs jobs of the queue on the engine, in threads."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from engine.engine import Engine
from engine.errors import (
    Busy,
    DecodingInterrupted,
    NotReady,
    ShuttingDown,
    StorageFull,
    WordlightError,
    internal_error,
)
from engine.options import Options
from jobs.errors import LeaseLost
from jobs.leases import LivingWorker
from jobs.models import Job
from jobs.queue import LEASE_SECONDS, JobQueue
from jobs.signals import Signals

LOOK_SECONDS = 1.0  # between two looks for jobs that other processes have queued
PAUSE_SECONDS = 5.0  # before the next job, if the engine has no room or something has failed
HEARTBEAT_SECONDS = LEASE_SECONDS / 3

# Errors that the recording does not cause: the job is tried again later.
_LATER = (Busy, NotReady, ShuttingDown, DecodingInterrupted, StorageFull)

_log = logging.getLogger("wordlight.jobs")


class Workers:
    """The worker threads of this process, and one that renews their leases."""

    def __init__(
        self,
        engine: Engine,
        queue: JobQueue,
        signals: Signals,
        living: LivingWorker,
        locate: Callable[[Job], Path],
    ) -> None:
        """`locate` returns the path of a job's recording."""
        self._engine = engine
        self._queue = queue
        self._signals = signals
        self._living = living
        self._locate = locate
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._at_work: dict[str, threading.Event] = {}  # job -> set to stop it
        self._threads: list[threading.Thread] = []

    def start(self, count: int) -> None:
        """Starts this number of workers in the background."""
        if not count:
            return
        self._engine.start()
        self._rescue()
        work = [threading.Thread(target=self._work, name=f"job-{n}", daemon=True) for n in range(count)]
        self._threads = [*work, threading.Thread(target=self._beat, name="job-leases", daemon=True)]
        for thread in self._threads:
            thread.start()

    def stop(self, job_id: str) -> None:
        """Stops a cancelled or deleted job of this process at its next batch."""
        with self._lock:
            if stop := self._at_work.get(job_id):
                stop.set()

    def refuse(self) -> None:
        """Takes no further job; running ones go on."""
        self._closing.set()
        self._signals.queued()

    def close(self, wait: float) -> None:
        """Returns running jobs and their checkpoints to the queue.

        Then waits for the threads; their last steps are not stored.
        """
        self.refuse()
        with self._lock:
            left = list(self._at_work)
            for stop in self._at_work.values():
                stop.set()
        for job_id in left:
            try:
                self._queue.give_back(job_id)
            except LeaseLost:  # it ended just now
                continue
            except Exception:
                _log.exception(
                    "a job could not be given back"
                )  # another worker takes it when its lease is over
        until = time.monotonic() + wait
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _work(self) -> None:
        while not self._closing.is_set():
            try:
                # A job taken while the models load would count an attempt that its recording did not cause.
                job = None if self._engine.status == "loading" else self._queue.claim()
                if job is None:
                    self._signals.wait_queued(LOOK_SECONDS)
                elif not self._run(job):
                    self._closing.wait(PAUSE_SECONDS)
            except Exception:
                _log.exception("a worker failed")
                self._closing.wait(PAUSE_SECONDS)

    def _run(self, job: Job) -> bool:
        """Runs a job to its end, or returns it to the queue; returns whether to take the next one at once."""
        stop = threading.Event()
        with self._lock:
            self._at_work[job.id] = stop
        try:
            self._transcribe(job, stop)
            return True
        except LeaseLost:
            return True
        except _LATER:
            return self._give_back(job)
        except WordlightError as error:
            self._fail(job, error)
        except Exception:
            _log.exception("a job failed")
            self._fail(job, internal_error())
        finally:
            with self._lock:
                del self._at_work[job.id]
        return True

    def _transcribe(self, job: Job, stop: threading.Event) -> None:
        resume = self._queue.checkpoints(job)
        media, options = self._locate(job), Options.of(job.options)
        with closing(self._engine.stream(media, options, stop, resume)) as steps:
            for step in steps:
                if stop.is_set():
                    raise LeaseLost
                if step.checkpoint is not None or step.speaker_news is not None:
                    self._queue.record(job.id, step)
                if step.transcript is not None:
                    self._queue.finish(job.id, step.transcript)

    def _give_back(self, job: Job) -> bool:
        try:
            self._store(lambda: self._queue.give_back(job.id))
        except LeaseLost:
            return True
        return False

    def _fail(self, job: Job, error: WordlightError) -> None:
        try:
            self._store(lambda: self._queue.fail(job.id, error))
        except LeaseLost:
            _log.info("a failed job had been taken away")

    def _store(self, change: Callable[[], None]) -> None:
        """Applies a change to a job; waits while the disk is full. Raises LeaseLost."""
        while True:
            try:
                return change()
            except StorageFull:
                if self._closing.wait(PAUSE_SECONDS):
                    return  # another worker takes the job when its lease is over

    def _beat(self) -> None:
        while not self._closing.wait(HEARTBEAT_SECONDS):
            try:
                with self._lock:
                    held = list(self._at_work)
                for job_id in self._queue.hold(held):
                    self.stop(job_id)
                self._rescue()
            except Exception:
                _log.exception("leases could not be prolonged")

    def _rescue(self) -> None:
        dead = self._living.dead()
        if found := self._queue.rescue(dead):
            _log.info("%d jobs of ended workers are queued again", found)
        self._living.bury(dead)
