"""Opens the jobs' database, SQLite or PostgreSQL, and brings its schema up to date."""

from __future__ import annotations

import fcntl
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from engine.errors import SetupError, StorageFull

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30  # that an SQLite write waits for the lock
_BUSY_PAUSE = 0.01  # seconds between two tries to open the write-ahead log
POOL_SIZE = 20  # connections; workers and requests hold one for a moment each
POSTGRESQL_DRIVER = "postgresql+psycopg"
_MIGRATION_LOCK = 0x776F7264  # the advisory lock of PostgreSQL that migrations hold
_WRITES = "wordlight_writes"  # execution option of connections whose transactions write
_HINT = "WORDLIGHT_DATABASE names it."


class Database:
    """One database; made by `open_database`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{_WRITES: True})

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yields a read-only session on one state of the database."""
        with Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yields a session whose changes are all on the disk when the block ends. Raises StorageFull."""
        try:
            with Session(self._writer, expire_on_commit=False) as session, session.begin():
                yield session
        except DBAPIError as error:
            if _is_full(error):
                raise StorageFull from error
            raise

    def close(self) -> None:
        self._engine.dispose()


def open_database(url: str, lock: Path) -> Database:
    """Opens a database and migrates it. Raises SetupError.

    lock  a file that processes on this machine lock while they migrate
    """
    try:
        engine = _engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise SetupError(
            "WORDLIGHT_DATABASE is no database that can be used.",
            f"It must be sqlite:///PATH or {POSTGRESQL_DRIVER}://USER:PASSWORD@HOST/NAME.",
        ) from error
    try:
        with lock.open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _migrate(engine)
    except OperationalError as error:
        engine.dispose()
        raise SetupError("The jobs' database cannot be opened.", f"Is it there? {_HINT}") from error
    return Database(engine)


def parse_url(url: str) -> URL:
    """Returns the address of a database, with the driver that is used here. Raises ArgumentError."""
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername=POSTGRESQL_DRIVER)
    return parsed


def _engine(url: str) -> Engine:
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_size=POOL_SIZE, pool_pre_ping=True)
    engine = create_engine(parsed, pool_size=POOL_SIZE, max_overflow=-1)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # `_begin` starts transactions, not the driver
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "synchronous = FULL",  # in this mode alone a commit is on the disk when it returns
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    _enter_wal(connection)


def _enter_wal(connection: sqlite3.Connection) -> None:
    """Opens the write-ahead log. Raises sqlite3.OperationalError if that is locked for BUSY_SECONDS.

    SQLite does not wait for `busy_timeout` here: it says at once that the database is locked while another process
    enters this mode too, or removes the log as the last one that had the database open (sqlite.org/wal.html, 8).
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(_BUSY_PAUSE)


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later fails if another one has written in between.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    with engine.execution_options(**{_WRITES: True}).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        settings.attributes["connection"] = connection
        try:
            command.upgrade(settings, "head")
        except CommandError as error:
            raise SetupError(
                "The jobs' database was made by a newer Wordlight.",
                "Update Wordlight, or use another database.",
            ) from error


def _is_full(error: DBAPIError) -> bool:
    said = str(error.orig)
    return "disk is full" in said or "No space left" in said or getattr(error.orig, "sqlstate", "") == "53100"
