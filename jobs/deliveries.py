"""Webhooks in the database: which are due, and what becomes of each."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from jobs.database import Database
from jobs.models import Delivery, Job

HELD_SECONDS = 90.0  # after which another process tries a delivery that this one has not come to an end with
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """When a webhook that failed is tried again: each time after twice as long.

    first, longest  seconds of the shortest and the longest wait
    give_up         seconds after which it is not tried any more
    spread          part of a wait by which it may be shorter or longer, so that not all come back together
    """

    first: float = 1.0
    longest: float = 3600.0
    give_up: float = DAY_SECONDS
    spread: float = 0.2

    def wait(self, attempts: int) -> float:
        """Returns the seconds to wait after so many tries."""
        seconds = min(self.longest, self.first * 2.0 ** min(attempts - 1, 30))
        return seconds * random.uniform(1 - self.spread, 1 + self.spread)


class Deliveries:
    """The webhooks that are still to be delivered."""

    def __init__(self, database: Database, backoff: Backoff | None = None) -> None:
        self._database = database
        self._backoff = backoff or Backoff()

    def take(self, most: int) -> Sequence[tuple[Delivery, Job]]:
        """Takes some that are due; no other process tries them for a while."""
        now = time.time()
        wanted = (
            select(Delivery, Job)
            .join(Job, Job.id == Delivery.job_id)
            .where(Delivery.next_at <= now)
            .order_by(Delivery.next_at)
            .limit(most)
            .with_for_update(of=Delivery, skip_locked=True)
        )
        with self._database.read() as session:  # mostly there is none, and a look needs no lock for writing
            if session.scalar(select(Delivery.id).where(Delivery.next_at <= now).limit(1)) is None:
                return []
        with self._database.write() as session:
            found = [(delivery, job) for delivery, job in session.execute(wanted)]
            for delivery, _ in found:
                delivery.next_at = now + HELD_SECONDS
                delivery.attempts += 1
        return found

    def give_back(self, delivery: Delivery) -> None:
        """Makes a webhook due that was taken and has not been tried to the end."""
        with self._database.write() as session:
            if (row := session.get(Delivery, delivery.id)) is not None:
                row.next_at = time.time()

    def done(self, delivery: Delivery) -> None:
        """Forgets a webhook that has arrived."""
        with self._database.write() as session:
            if (row := session.get(Delivery, delivery.id)) is not None:
                session.delete(row)

    def failed(self, delivery: Delivery) -> bool:
        """Has a webhook tried again later; returns whether it is given up instead."""
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
