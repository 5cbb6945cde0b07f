"""Jobs that can be cancelled without a loss, and queued again: those of the page."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import select

from jobs.database import Database
from jobs.models import UNFINISHED, Event, Job
from jobs.signals import Signals
from jobs.store import end, owned


class SuspendableJobs:
    """Jobs in the database, as the page sees them; `JobStore` has the rest."""

    def __init__(self, database: Database, signals: Signals) -> None:
        self._database = database
        self._signals = signals

    def steps(self, job_id: str) -> list[dict[str, Any]]:
        """Returns what a job's events tell of its finished windows, in order."""
        wanted = select(Event.data).where(Event.job_id == job_id, Event.name == "update")
        with self._database.read() as session:
            return list(session.scalars(wanted.order_by(Event.number)))

    def unfinished(self, owner: str) -> list[Job]:
        """Returns an owner's unfinished jobs."""
        wanted = select(Job).where(Job.owner == owner, Job.state.in_(UNFINISHED))
        with self._database.read() as session:
            return list(session.scalars(wanted))

    def suspend(self, job_id: str, owner: str, worker: str) -> bool:
        """Cancels a job, so that it can be queued again; returns False if it is over or `worker` runs it.

        Another worker that runs it notices at its next window. Raises JobNotFound.
        """
        with self._database.write() as session:
            job = owned(session.get(Job, job_id, with_for_update=True), owner)
            if job.state not in UNFINISHED or job.worker == worker:
                return False
            end(session, job, "cancelled", {})
        self._signals.changed(job_id)
        return True

    def resume(self, job_id: str, owner: str) -> bool:
        """Queues a job again that was suspended or has failed; returns whether it was. Raises JobNotFound."""
        with self._database.write() as session:
            job = owned(session.get(Job, job_id, with_for_update=True), owner)
            if job.state not in ("cancelled", "failed"):
                return False
            job.state, job.finished_at, job.error, job.attempts = "queued", None, None, 0
            job.created_at = time.time()
            job.last_event += 1
            session.add(Event(job_id=job_id, number=job.last_event, name="queued", data={"state": "queued"}))
        self._signals.changed(job_id)
        self._signals.queued()
        return True
