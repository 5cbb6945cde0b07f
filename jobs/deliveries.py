"""Keeps the webhooks to deliver in the database, with the time of the next try."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from jobs.database import Database
from jobs.models import Delivery, Job

HELD_SECONDS = 90.0  # after which another process may try a delivery that this one has not finished
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """Times of further tries after a failure: each wait is twice the one before.

    first, longest  seconds of the shortest and the longest wait
    give_up         seconds after which tries end
    spread          random share of a wait, so that failed webhooks are not all tried at the same moment
    """

    first: float = 1.0
    longest: float = 3600.0
    give_up: float = DAY_SECONDS
    spread: float = 0.2

    def wait(self, attempts: int) -> float:
        """Returns the seconds to wait after this number of tries."""
        seconds = min(self.longest, self.first * 2.0 ** min(attempts - 1, 30))
        return seconds * random.uniform(1 - self.spread, 1 + self.spread)


class Deliveries:
    """The webhooks that are not delivered yet."""

    def __init__(self, database: Database, backoff: Backoff | None = None) -> None:
        self._database = database
        self._backoff = backoff or Backoff()

    def take(self, most: int) -> Sequence[tuple[Delivery, Job]]:
        """Takes some due webhooks; other processes leave them alone for a while."""
        now = time.time()
        wanted = (
            select(Delivery, Job)
            .join(Job, Job.id == Delivery.job_id)
            .where(Delivery.next_at <= now)
            .order_by(Delivery.next_at)
            .limit(most)
            .with_for_update(of=Delivery, skip_locked=True)
        )
        with self._database.read() as session:  # usually none is due, and reading needs no write lock
            if session.scalar(select(Delivery.id).where(Delivery.next_at <= now).limit(1)) is None:
                return []
        with self._database.write() as session:
            found = [(delivery, job) for delivery, job in session.execute(wanted)]
            for delivery, _ in found:
                delivery.next_at = now + HELD_SECONDS
                delivery.attempts += 1
        return found

    def give_back(self, delivery: Delivery) -> None:
        """Makes a webhook due again whose try was broken off."""
        with self._database.write() as session:
            if (row := session.get(Delivery, delivery.id)) is not None:
                row.next_at = time.time()

    def done(self, delivery: Delivery) -> None:
        """Deletes a delivered webhook."""
        with self._database.write() as session:
            if (row := session.get(Delivery, delivery.id)) is not None:
                session.delete(row)

    def failed(self, delivery: Delivery) -> bool:
        """Schedules the next try of a webhook; returns True if there is none, since it is given up."""
        now = time.time()
        with self._database.write() as session:
            row = session.get(Delivery, delivery.id)
            if row is None:
                return False
            row.next_at = now + self._backoff.wait(row.attempts)
            if row.next_at - row.created_at <= self._backoff.give_up:
                return False
            session.delete(row)
            return True
