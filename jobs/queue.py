"""The queue of jobs for the workers: claim, lease, checkpoints, end, return.

A worker can write only to a job that it still holds. A worker that was paused for longer than its lease, or whose job
was cancelled, gets LeaseLost, and nothing is stored.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from engine.errors import WordlightError
from engine.pipeline.checkpoint import Checkpoint
from engine.text_alignment.given_text import GivenText
from engine.transcript import Transcript
from engine.updates import Update
from jobs.database import Database
from jobs.errors import LeaseLost
from jobs.models import Event, Job, Result
from jobs.signals import Signals
from jobs.store import end, of_programs
from jobs.texts import find_text

LEASE_SECONDS = 15.0  # after the last heartbeat, when another machine takes a job
# Attempts without one more finished window: a recording that brings the server down is given up.
MAX_ATTEMPTS = 20
_GIVEN_UP = {
    "code": "given_up",
    "message": f"The server has ended {MAX_ATTEMPTS} times while it was at this recording.",
    "hint": "Send it in another format, or in parts.",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """A caller with jobs in the queue; the least one is next."""

    running: int  # of its jobs
    served_at: float  # when its last job was taken
    first_at: float  # when the oldest in the queue was submitted
    caller: str

    @property
    def order(self) -> tuple[int, float, float]:
        return self.running, self.served_at, self.first_at


@dataclass(frozen=True, slots=True)
class Share:
    """The part of the queue that some workers take their jobs from.

    owner       whose jobs they take; None for those of programs, over HTTP or the command line
    caller_max  how many jobs of one caller may be at work; 0 sets no limit
    """

    owner: str | None = None
    caller_max: int = 0

    @property
    def condition(self) -> ColumnElement[bool]:
        return of_programs() if self.owner is None else Job.owner == self.owner


PROGRAMS = Share()


class JobQueue:
    """The queue of one database, for one process of the name `worker`."""

    def __init__(self, database: Database, signals: Signals, worker: str) -> None:
        self._database = database
        self._signals = signals
        self.worker = worker

    def claim(self, share: Share = PROGRAMS, lines: Collection[str] | None = None) -> Job | None:
        """Takes the next job, fairly among callers; returns None if none can be taken.

        lines  to take a job of these lines only
        """
        # Workers ask every second and mostly find nothing: this reads one row of an index, and takes no write lock.
        with self._database.read() as session:
            if session.scalar(_any_queued(share)) is None:
                return None
        ready = [Job.state == "queued", share.condition, _is_first_of_line()]
        if lines is not None:
            ready.append(Job.line.in_(lines))
        with self._database.write() as session:
            for turn in _turns(session, ready):
                if share.caller_max and turn.running >= share.caller_max:
                    continue
                job = session.scalar(
                    select(Job)
                    .where(*ready, Job.caller == turn.caller)
                    .order_by(Job.created_at, Job.id)
                    .limit(1)
                    .with_for_update(skip_locked=True)
                )
                if job is not None:
                    self._take(session, job)
                    break
            else:
                return None
        self._signals.changed(job.id)
        return job

    def checkpoints(self, job: Job) -> list[Checkpoint]:
        """Returns the checkpoints of a job, in order."""
        wanted = (
            select(Event.checkpoint)
            .where(Event.job_id == job.id, Event.checkpoint.is_not(None))
            .order_by(Event.number)
        )
        with self._database.read() as session:
            return [Checkpoint.from_dict(data) for data in session.scalars(wanted) if data is not None]

    def text(self, job: Job) -> GivenText | None:
        """Returns the text that a job aligns with its recording; None if it transcribes. Raises BadText."""
        with self._database.read() as session:
            return find_text(session, job.id, job.options)

    def shown(self, job: Job) -> int:
        """Returns the number of segments in the events of a job."""
        wanted = select(Event.data).where(Event.job_id == job.id, Event.name == "update")
        with self._database.read() as session:
            return sum(len(data["segments"]) for data in session.scalars(wanted))

    def record(self, job_id: str, step: Update) -> None:
        """Stores a step with segments, finished windows or news of speakers. Raises LeaseLost and StorageFull."""
        checkpoint = step.checkpoint and json.loads(json.dumps(step.checkpoint.to_dict(), default=float))
        with self._database.write() as session:
            job = self._own(session, job_id)
            job.attempts = 0
            job.seconds_done, job.seconds_total = step.seconds_done, step.seconds_total
            job.seconds_left, job.language = step.seconds_left, step.language
            job.lease_until = time.time() + LEASE_SECONDS
            job.last_event += 1
            session.add(
                Event(
                    job_id=job_id,
                    number=job.last_event,
                    name="update",
                    data=step.to_dict(),
                    checkpoint=checkpoint,
                )
            )
        self._signals.changed(job_id)

    def finish(self, job_id: str, transcript: Transcript) -> None:
        """Stores the transcript and ends the job. Raises LeaseLost and StorageFull."""
        document = zlib.compress(json.dumps(transcript.to_dict()).encode(), 6)
        with self._database.write() as session:
            job = self._own(session, job_id)
            job.seconds_done = job.seconds_total = transcript.duration
            job.language = transcript.language
            session.add(Result(job_id=job_id, document=document))
            end(session, job, "done", {"duration": round(transcript.duration, 3)})
        self._signals.ended(job_id, "done")

    def complete(self, job_id: str) -> None:
        """Deletes the job, whose result is stored elsewhere. Raises LeaseLost and StorageFull."""
        with self._database.write() as session:
            session.delete(self._own(session, job_id))
        self._signals.changed(job_id)
        self._signals.queued()  # the next one of its line can be taken

    def suspend(self, job_id: str) -> None:
        """Cancels the job with all that was finished, so that it can be queued again. Raises LeaseLost."""
        with self._database.write() as session:
            end(session, self._own(session, job_id), "cancelled", {})
        self._signals.ended(job_id, "cancelled")
        self._signals.queued()

    def fail(self, job_id: str, error: WordlightError) -> None:
        """Ends the job with an error. Raises LeaseLost and StorageFull."""
        with self._database.write() as session:
            job = self._own(session, job_id)
            _fail(session, job, error.to_dict()["error"])
        self._signals.ended(job_id, "failed")
        self._signals.queued()

    def give_back(self, job_id: str) -> None:
        """Returns a job and its checkpoints to the queue. Raises LeaseLost."""
        with self._database.write() as session:
            job = self._own(session, job_id)
            job.attempts = max(0, job.attempts - 1)  # the recording did not cause this end
            _requeue(session, job)
        self._signals.changed(job_id)

    def hold(self, jobs: Collection[str]) -> set[str]:
        """Renews the leases of this process's jobs; returns the jobs that it has lost."""
        if not jobs:
            return set()
        with self._database.write() as session:
            mine = (Job.id.in_(jobs), Job.worker == self.worker, Job.state == "running")
            session.execute(update(Job).where(*mine).values(lease_until=time.time() + LEASE_SECONDS))
            return set(jobs) - set(session.scalars(select(Job.id).where(*mine)))

    def rescue(self, dead: Collection[str] = ()) -> int:
        """Returns the jobs of dead workers to the queue; returns their number.

        dead  names of workers that are known to have ended; others count as dead when their lease is over
        """
        lost = (Job.lease_until < time.time()) | Job.worker.in_(dead)
        wanted = select(Job).where(Job.state == "running", lost).with_for_update(skip_locked=True)
        with self._database.write() as session:
            found = session.scalars(wanted).all()
            given_up = {job.id for job in found if job.attempts >= MAX_ATTEMPTS}
            for job in found:
                if job.id in given_up:
                    _fail(session, job, _GIVEN_UP)
                else:
                    _requeue(session, job)
        for job in found:
            if job.id in given_up:
                self._signals.ended(job.id, "failed")
            else:
                self._signals.changed(job.id)
        if found:
            self._signals.queued()
        return len(found)

    def _take(self, session: Session, job: Job) -> None:
        now = time.time()
        job.state, job.worker, job.lease_until = "running", self.worker, now + LEASE_SECONDS
        job.started_at = now
        job.attempts += 1
        job.last_event += 1
        session.add(_state_event(job))

    def _own(self, session: Session, job_id: str) -> Job:
        job = session.get(Job, job_id, with_for_update=True)
        if job is None or job.worker != self.worker or job.state != "running":
            raise LeaseLost
        return job


@cache
def _any_queued(share: Share) -> Select[str]:
    """Returns the query for any queued job of a share; built once, since building it costs more than running it."""
    return select(Job.id).where(Job.state == "queued", share.condition).limit(1)


def _is_first_of_line() -> ColumnElement[bool]:
    other = aliased(Job)
    return or_(Job.line.is_(None), ~exists().where(other.line == Job.line, other.state == "running"))


def _turns(session: Session, ready: Collection[ColumnElement[bool]]) -> list[Turn]:
    """Returns the callers with jobs that can be taken, the next one first."""
    waiting = session.execute(
        select(Job.caller, func.min(Job.created_at)).where(*ready).group_by(Job.caller)
    ).all()
    if not waiting:
        return []
    callers = [caller for caller, _ in waiting]
    running: dict[str, int] = {
        caller: count
        for caller, count in session.execute(
            select(Job.caller, func.count()).where(Job.state == "running").group_by(Job.caller)
        )
    }
    served: dict[str, float | None] = {
        caller: last
        for caller, last in session.execute(
            select(Job.caller, func.max(Job.started_at)).where(Job.caller.in_(callers)).group_by(Job.caller)
        )
    }
    turns = [Turn(running.get(who, 0), served.get(who) or 0.0, first, who) for who, first in waiting]
    return sorted(turns, key=lambda turn: turn.order)


def _fail(session: Session, job: Job, error: dict[str, Any]) -> None:
    job.error = error
    end(session, job, "failed", {"error": error})


def _requeue(session: Session, job: Job) -> None:
    job.state, job.worker, job.lease_until, job.seconds_left = "queued", None, None, None
    job.last_event += 1
    session.add(_state_event(job))


def _state_event(job: Job) -> Event:
    return Event(job_id=job.id, number=job.last_event, name=job.state, data={"state": job.state})
