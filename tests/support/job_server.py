"""What one server process has of the jobs, without its threads."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path

from jobs.database import Database, open_database
from jobs.leases import LivingWorker
from jobs.queue import JobQueue
from jobs.recordings import JobsFolder, Recordings, digest_of
from jobs.signals import Signals
from jobs.store import JobStore, Limits, Order
from jobs.suspended import SuspendableJobs

_numbers = count()


@dataclass
class Server:
    """What one server process has of the jobs, but for its threads."""

    folder: JobsFolder
    database: Database
    recordings: Recordings
    store: JobStore
    living: LivingWorker
    queue: JobQueue
    suspendable: SuspendableJobs

    @classmethod
    def on(cls, database_url: str, parent: Path, limits: Limits | None = None) -> Server:
        folder = JobsFolder.claim(parent)
        database = open_database(database_url, folder.root / ".lock")
        recordings, signals = Recordings(folder, database), Signals()
        living = LivingWorker(folder.workers)
        store = JobStore(database, recordings, signals, limits or Limits(10_000, 0))
        queue = JobQueue(database, signals, living.name)
        suspendable = SuspendableJobs(database, signals)
        return cls(folder, database, recordings, store, living, queue, suspendable)

    def order(self, content: bytes = b"sound", **more: object) -> Order:
        """Returns an order whose recording has just been uploaded."""
        upload = self.folder.incoming / f"upload{next(_numbers)}"
        upload.write_bytes(content)
        values: dict = {"options": {"language": "en"}, "caller": "ann", **more}
        return Order(digest=digest_of(upload), upload=upload, **values)

    def close(self) -> None:
        self.living.close()
        self.database.close()
