"""Databases of every release come up to date, with all that is in them."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from engine.errors import SetupError
from jobs.database import open_database
from jobs.models import Base
from tests.support.job_server import Server
from tests.support.job_steps import step, transcript

FIRST = Path(__file__).with_name("first_schema.sql")


def test_the_database_of_the_first_release_comes_up_to_date_with_all_that_is_in_it(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "old.sqlite3") as old:
        old.executescript(FIRST.read_text())
    server = Server.on(f"sqlite:///{tmp_path / 'old.sqlite3'}", tmp_path)
    done = server.store.get("done-job", "a")
    assert done.state == "done" and done.details == {"talk": 1} and done.idempotency_key == "k"
    assert server.store.transcript(done).to_dict() == transcript().to_dict()
    assert [event.name for event in server.store.events("done-job", 0)][-1] == "done"
    job = server.queue.claim()
    assert job is not None and job.id == "waiting-job"
    assert server.queue.checkpoints(job) == [step().checkpoint]
    server.queue.finish(job.id, transcript())
    server.close()


def test_the_migrations_make_the_tables_that_the_code_uses(server: Server, database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_processes_that_start_together_migrate_once(database_url: str, tmp_path: Path) -> None:
    failed: list[Exception] = []

    def start(number: int) -> None:
        try:
            open_database(database_url, tmp_path / f"lock{number}").close()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=start, args=(number % 2,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_server_waits_for_another_that_is_just_making_the_database(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("CREATE TABLE begun (number)")
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.5, other.execute, ["COMMIT"]).start()
        open_database(f"sqlite:///{path}", tmp_path / "lock").close()


def test_the_database_of_a_newer_release_is_refused(
    server: Server, database_url: str, tmp_path: Path
) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SetupError, match="newer"):
        open_database(database_url, tmp_path / "lock")


@pytest.mark.parametrize(
    "url",
    ["no url", "oracle://host/name", "postgresql://nobody@127.0.0.1:1/none", "sqlite:////no/such/folder/x"],
)
def test_what_is_no_database_is_refused_in_a_sentence(url: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"(?i)database"):
        open_database(url, tmp_path / "lock")
