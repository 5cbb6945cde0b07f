"""Runs jobs of the queue on the engine, in threads."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from engine.engine import Engine
from engine.errors import TEMPORARY, StorageFull, WordlightError, internal_error
from engine.options import Options
from engine.updates import Update
from jobs.errors import LeaseLost
from jobs.leases import LivingWorker
from jobs.models import Job
from jobs.queue import LEASE_SECONDS, JobQueue
from jobs.signals import Signals
from jobs.texts import options_of

LOOK_SECONDS = 1.0  # between two looks for jobs that other processes have queued
PAUSE_SECONDS = 5.0  # before the next job, if the engine has no room or something has failed
HEARTBEAT_SECONDS = LEASE_SECONDS / 3

_log = logging.getLogger("wordlight.jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkKind:
    """What workers do.

    count  most jobs at work at a time
    claim  takes the next job from the queue
    run    works at a job to its end, until the event is set; raises LeaseLost if the job is to be left as it is
    later  errors after which the job goes back into the queue; after others it has failed
    """

    count: int
    claim: Callable[[], Job | None]
    run: Callable[[Job, threading.Event], None]
    later: tuple[type[WordlightError], ...] = TEMPORARY


def work_for_programs(engine: Engine, queue: JobQueue, locate: Callable[[Job], Path], count: int) -> WorkKind:
    """Returns the work at jobs whose result stays in the database; `locate` finds a job's recording."""

    def run(job: Job, stop: threading.Event) -> None:
        with closing(_steps(engine, queue, job, media=locate(job), stop=stop)) as steps:
            for step in steps:
                if stop.is_set():
                    raise LeaseLost
                if step.checkpoint is not None or step.speaker_news is not None or step.segments:
                    queue.record(job.id, step)
                if step.transcript is not None:
                    queue.finish(job.id, step.transcript)

    return WorkKind(count=count, claim=queue.claim, run=run)


def _steps(
    engine: Engine, queue: JobQueue, job: Job, *, media: Path, stop: threading.Event
) -> Generator[Update]:
    """Yields the engine's updates of a job, without what its events have from earlier workers."""
    text = queue.text(job)
    if text is None:
        yield from engine.stream(media, Options.of(job.options), stop, queue.checkpoints(job))
        return
    # An alignment starts from the beginning: it has no checkpoints, for the text leads it.
    shown = queue.shown(job)
    for update in engine.stream_alignment(media, text, options_of(job.options), stop):
        yield replace(update, segments=tuple(each for each in update.segments if each.id >= shown))


class Workers:
    """A thread for each running job, one that takes jobs from the queue, and one that renews their leases."""

    def __init__(
        self,
        engine: Engine,
        queue: JobQueue,
        signals: Signals,
        living: LivingWorker,
        kind: WorkKind,
    ) -> None:
        self._engine = engine
        self._queue = queue
        self._signals = signals
        self._living = living
        self._kind = kind
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._at_work: dict[str, threading.Event] = {}  # job -> set to stop it
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Starts the threads in the background."""
        if not self._kind.count:
            return
        self._engine.start()
        self._rescue()
        self._threads = [
            threading.Thread(target=self._take_jobs, name="job-queue", daemon=True),
            threading.Thread(target=self._beat, name="job-leases", daemon=True),
        ]
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

    def _take_jobs(self) -> None:
        places = threading.Semaphore(self._kind.count)
        while not self._closing.is_set():
            seen = self._signals.queue_changes
            if not places.acquire(timeout=LOOK_SECONDS):
                continue
            job = self._take_job()
            if job is None:
                places.release()
                self._signals.wait_queued(seen, LOOK_SECONDS)
                continue
            thread = threading.Thread(target=self._work, args=(job, places), name="job", daemon=True)
            self._threads = [*(each for each in self._threads if each.is_alive()), thread]
            thread.start()

    def _take_job(self) -> Job | None:
        # A job taken while the models load would count an attempt that its recording did not cause.
        if self._engine.status == "loading":
            return None
        try:
            return self._kind.claim()
        except Exception:
            _log.exception("no job could be taken")
            self._closing.wait(PAUSE_SECONDS)
            return None

    def _work(self, job: Job, places: threading.Semaphore) -> None:
        try:
            if not self._run(job):
                self._closing.wait(PAUSE_SECONDS)
        except Exception:
            _log.exception("a worker failed")
            self._closing.wait(PAUSE_SECONDS)
        finally:
            places.release()
            self._signals.queued()

    def _run(self, job: Job) -> bool:
        """Runs a job to its end, or returns it to the queue; returns whether to take the next one at once."""
        stop = threading.Event()
        with self._lock:
            self._at_work[job.id] = stop
        try:
            self._kind.run(job, stop)
            return True
        except LeaseLost:
            return True
        except self._kind.later:
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
