"""Stores jobs for their callers: submit, read, list, cancel, delete."""

from __future__ import annotations

import json
import secrets
import time
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.errors import Busy, RateLimited
from engine.transcript import Transcript
from jobs.database import Database
from jobs.errors import JobNotFound, KeyReused, NotDone
from jobs.files import full_disk_refused, sync_file
from jobs.models import UNFINISHED, CallbackBody, Delivery, Event, Job, Result
from jobs.recordings import Recordings
from jobs.signals import Signals
from jobs.texts import add_text, delete_text

ID_BYTES = 16  # 128 bits, of 22 characters
PAGE = "page "  # how the owner of a page's jobs begins; that of a program is a digest, or nothing
BUSY_RETRY_SECONDS = 30  # Retry-After if too many jobs wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request for a job.

    digest           of the recording at `upload`
    source           path of a recording that stays in its place, instead of the two
    line             as in `Job`
    owner, caller    as in `Job`
    options          of the engine, by name; those of an alignment as `jobs.texts` stores them
    text             is aligned with the recording, which is transcribed if None
    details          returned with the job
    callback_url     is called when the job has ended, with its state or its result
    idempotency_key  the same key with the same recording and options is the same job
    """

    options: Mapping[str, Any]
    text: str | None = None
    digest: str | None = None
    upload: Path | None = None
    source: str | None = None
    line: str | None = None
    owner: str = ""
    caller: str = ""
    details: Mapping[str, Any] | None = None
    callback_url: str | None = None
    callback_body: CallbackBody = "state"
    idempotency_key: str | None = None

    @property
    def scope(self) -> str:
        """Returns the owner of the idempotency key; equal keys of two owners are different keys."""
        return self.owner or self.caller

    @property
    def fingerprint(self) -> str:
        """Returns a digest of everything that distinguishes this order from others."""
        content = [
            self.digest or self.source,
            dict(self.options),
            dict(self.details) if self.details is not None else None,
            self.callback_url,
            self.callback_body,
        ]
        content += [] if self.text is None else [sha256(self.text.encode()).hexdigest()]
        return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Limits:
    """The most unfinished jobs, of all callers and of one caller; 0 for one caller sets no limit."""

    jobs: int
    caller_jobs: int


class JobStore:
    """Jobs in the database."""

    def __init__(self, database: Database, recordings: Recordings, signals: Signals, limits: Limits) -> None:
        self._database = database
        self._recordings = recordings
        self._signals = signals
        self._limits = limits

    def submit(self, order: Order) -> tuple[Job, bool]:
        """Stores a job with its recording on the disk; returns the job and whether it is new.

        Raises KeyReused, Busy, RateLimited and StorageFull.
        """
        if order.upload is not None:
            with full_disk_refused():
                sync_file(order.upload)  # before the transaction, during which other writers wait
        try:
            with self._database.write() as session:
                if known := _same_key(session, order):
                    return known, False
                self._check_limits(session, order.caller)
                if order.digest is not None:
                    assert order.upload is not None
                    self._recordings.add(session, order.digest, order.upload)
                job = _new_job(order)
                session.add(job)
                session.flush()
                if order.text is not None:
                    add_text(session, job.id, order.text)
                session.add(Event(job_id=job.id, number=1, name="queued", data={"state": "queued"}))
        except IntegrityError:
            # Another process has stored a job of this key in between.
            with self._database.read() as session:
                if known := _same_key(session, order):
                    return known, False
            raise
        self._signals.queued()
        return job, True

    def get(self, job_id: str, owner: str = "") -> Job:
        """Returns a job that the owner may see. Raises JobNotFound."""
        with self._database.read() as session:
            return owned(session.get(Job, job_id), owner)

    def several(self, job_ids: Collection[str]) -> Sequence[Job]:
        """Returns the existing ones of these jobs, of all owners."""
        with self._database.read() as session:
            return session.scalars(select(Job).where(Job.id.in_(job_ids))).all()

    def exists(self, job_id: str) -> None:
        """Raises JobNotFound unless a job of any owner has this id."""
        with self._database.read() as session:
            if session.scalar(select(Job.id).where(Job.id == job_id)) is None:
                raise JobNotFound

    def page(self, owner: str, limit: int, after: tuple[float, str] | None = None) -> Sequence[Job]:
        """Returns an owner's jobs after (created_at, id), the newest first."""
        wanted = select(Job).where(Job.owner == owner).order_by(Job.created_at.desc(), Job.id.desc())
        if after is not None:
            wanted = wanted.where(tuple_(Job.created_at, Job.id) < after)
        with self._database.read() as session:
            return session.scalars(wanted.limit(limit)).all()

    def unfinished(self) -> dict[str, int]:
        """Returns how many jobs are queued and running, in all processes of the database."""
        wanted = select(Job.state, func.count()).where(Job.state.in_(UNFINISHED)).group_by(Job.state)
        with self._database.read() as session:
            found = {state: count for state, count in session.execute(wanted)}
        return {state: found.get(state, 0) for state in UNFINISHED}

    def place(self, job: Job) -> int | None:
        """Returns a queued job's place, from 1 on; None if it is not queued."""
        if job.state != "queued":
            return None
        with self._database.read() as session:
            rows = session.execute(
                select(Job.caller, func.count(), func.min(Job.created_at))
                .where(Job.state == "queued", of_programs())
                .group_by(Job.caller)
            ).all()
            older = select(func.count()).where(
                Job.state == "queued",
                of_programs(),
                Job.caller == job.caller,
                Job.created_at < job.created_at,
            )
            own = session.scalar(older) or 0
        # Callers take turns, so of each other one as many go before as of this one, or one more.
        others = [(count, first) for caller, count, first in rows if caller != job.caller]
        before = sum(min(count, own) + (count > own and first < job.created_at) for count, first in others)
        return 1 + own + before

    def events(self, job_id: str, after: int, limit: int = 100) -> Sequence[Event]:
        """Returns a job's events after a number, in order."""
        wanted = select(Event).where(Event.job_id == job_id, Event.number > after).order_by(Event.number)
        with self._database.read() as session:
            return session.scalars(wanted.limit(limit)).all()

    def transcript(self, job: Job) -> Transcript:
        """Returns the transcript of a job that is done. Raises NotDone, and JobNotFound if it was deleted."""
        if job.state != "done":
            raise NotDone(job.state)
        with self._database.read() as session:
            found = session.get(Result, job.id)
        if found is None:
            raise JobNotFound
        return Transcript.from_dict(json.loads(zlib.decompress(found.document)))

    def remove(self, job_id: str, owner: str = "") -> str:
        """Cancels an unfinished job, or deletes a finished one; returns "cancelled" or "deleted".

        Only the state of a cancelled job stays; its recording, options and text are deleted. Raises JobNotFound.
        """
        with self._database.write() as session:
            job = owned(session.get(Job, job_id, with_for_update=True), owner)
            recording, outcome = job.recording, "deleted"
            if job.state in UNFINISHED:
                outcome = "cancelled"
                session.execute(delete(Event).where(Event.job_id == job_id))
                job.recording = job.worker = job.lease_until = job.seconds_left = None
                job.options = {}
                end(session, job, "cancelled", {})
            else:
                session.delete(job)
        if recording is not None:
            self._recordings.release(recording)
        if outcome == "cancelled":
            self._signals.ended(job_id, outcome)
        else:
            self._signals.changed(job_id)
        return outcome

    def expire(self, before: float) -> int:
        """Deletes jobs that ended before a time, and unused recordings; returns the number of jobs."""
        with self._database.read() as session:
            old = session.execute(select(Job.id, Job.owner).where(Job.finished_at < before)).all()
        for job_id, owner in old:
            try:
                self.remove(job_id, owner)
            except JobNotFound:  # another server's sweep was faster
                continue
        self._recordings.sweep()
        return len(old)

    def _check_limits(self, session: Session, caller: str) -> None:
        unfinished = select(func.count()).where(Job.state.in_(UNFINISHED))
        if (session.scalar(unfinished) or 0) >= self._limits.jobs:
            raise Busy(f"{self._limits.jobs} jobs wait already.", "Try again in a minute.")
        most = self._limits.caller_jobs
        if most and (session.scalar(unfinished.where(Job.caller == caller)) or 0) >= most:
            raise RateLimited(
                f"{most} of your jobs are unfinished.", "Wait until one is done.", BUSY_RETRY_SECONDS
            )


def of_programs() -> ColumnElement[bool]:
    """Returns the condition that a job is none of the page's."""
    return ~Job.owner.startswith(PAGE)


def end(session: Session, job: Job, state: str, data: dict[str, Any]) -> None:
    """Ends a job in a transaction, with an event and, if requested, a webhook."""
    now = time.time()
    job.state, job.finished_at, job.worker, job.lease_until = state, now, None, None
    job.seconds_left = None
    job.last_event += 1
    delete_text(session, job.id)
    session.add(Event(job_id=job.id, number=job.last_event, name=state, data={"state": state, **data}))
    if job.callback_url:
        delivery_id = secrets.token_urlsafe(ID_BYTES)
        session.add(Delivery(id=delivery_id, job_id=job.id, state=state, created_at=now, next_at=now))


def _new_job(order: Order) -> Job:
    return Job(
        id=secrets.token_urlsafe(ID_BYTES),
        owner=order.owner,
        caller=order.caller,
        created_at=time.time(),
        recording=order.digest,
        source=order.source,
        line=order.line,
        options=dict(order.options),
        details=dict(order.details) if order.details is not None else None,
        callback_url=order.callback_url,
        callback_body=order.callback_body,
        idempotency_scope=order.scope if order.idempotency_key else None,
        idempotency_key=order.idempotency_key,
        fingerprint=order.fingerprint,
        last_event=1,
    )


def _same_key(session: Session, order: Order) -> Job | None:
    """Returns the job of the order's idempotency key. Raises KeyReused if its request was another one."""
    if order.idempotency_key is None:
        return None
    wanted = select(Job).where(
        Job.idempotency_scope == order.scope, Job.idempotency_key == order.idempotency_key
    )
    job = session.scalar(wanted)
    if job is not None and job.fingerprint != order.fingerprint:
        raise KeyReused
    return job


def owned(job: Job | None, owner: str) -> Job:
    """Returns a job that an owner may see. Raises JobNotFound."""
    if job is None or job.owner not in ("", owner):
        raise JobNotFound
    return job
