"""Databases of both kinds, and the parts of a server that work on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from jobs.database import Database, open_database
from jobs.leases import LivingWorker
from jobs.queue import JobQueue
from jobs.recordings import JobsFolder, Recordings, digest_of
from jobs.signals import Signals
from jobs.store import JobStore, Limits, Order
from tests.support.postgresql import new_database

_numbers = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs.sqlite3'}"
    return new_database(request.getfixturevalue("postgresql"), f"jobs{next(_numbers)}")


@dataclass
class Server:
    """What one server process has of the jobs, but for its threads."""

    folder: JobsFolder
    database: Database
    recordings: Recordings
    store: JobStore
    living: LivingWorker
    queue: JobQueue

    @classmethod
    def on(cls, database_url: str, parent: Path, limits: Limits | None = None) -> Server:
        folder = JobsFolder.claim(parent)
        database = open_database(database_url, folder.root / ".lock")
        recordings, signals = Recordings(folder, database), Signals()
        living = LivingWorker(folder.workers)
        store = JobStore(database, recordings, signals, limits or Limits(10_000, 0))
        return cls(folder, database, recordings, store, living, JobQueue(database, signals, living.name))

    def order(self, content: bytes = b"sound", **more: object) -> Order:
        """Returns an order whose recording has just been uploaded."""
        upload = self.folder.incoming / f"upload{next(_numbers)}"
        upload.write_bytes(content)
        values: dict = {"options": {"language": "en"}, "caller": "ann", **more}
        return Order(digest=digest_of(upload), upload=upload, **values)

    def close(self) -> None:
        self.living.close()
        self.database.close()


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    server = Server.on(database_url, tmp_path)
    yield server
    server.close()


@pytest.fixture
def other(database_url: str, tmp_path: Path, server: Server) -> Iterator[Server]:
    """Another process on the same database and folder."""
    other = Server.on(database_url, tmp_path)
    yield other
    other.close()
