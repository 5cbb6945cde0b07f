"""Examines the folder and the database of the jobs, without changing them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from engine.config import Config
from engine.doctor.check import Check, Installed
from engine.doctor.folders import check_folder
from engine.doctor.hub import MAX_SECONDS_APART
from jobs.database import MIGRATIONS, POSTGRESQL_DRIVER, parse_url
from jobs.recordings import NAME
from jobs.service import DATABASE

SUBJECT = "database"
CONNECT_SECONDS = 5
_VERSION = "SELECT version_num FROM alembic_version"
_WHERE = "WORDLIGHT_DATABASE names it."


def checks(installed: Installed) -> Iterator[Check]:
    """Yields the checks of the jobs' folder and database."""
    config = installed.config
    yield check_folder("folder of jobs", config.jobs_dir / NAME, "WORDLIGHT_DATA_DIR", config.min_free_bytes)
    try:
        url = _address(config)
    except (ArgumentError, NoSuchModuleError):
        yield Check(
            subject=SUBJECT,
            state="error",
            found="WORDLIGHT_DATABASE is no address of a database.",
            advice=f"It must be sqlite:///PATH or {POSTGRESQL_DRIVER}://USER:PASSWORD@HOST/NAME.",
        )
        return
    if url.get_backend_name() == "sqlite":
        yield _sqlite(Path(url.database or ""))
    else:
        yield from _server(url)


def _address(config: Config) -> URL:
    """Returns the address of the database. Raises ArgumentError or NoSuchModuleError for one of an unknown kind."""
    url = parse_url(config.database or f"sqlite:///{config.jobs_dir / NAME / DATABASE}")
    url.get_dialect()
    return url


def _sqlite(path: Path) -> Check:
    details = {"kind": "sqlite", "path": str(path)}
    if not path.exists():
        return Check(
            subject=SUBJECT, state="ok", found=f"{path} is made at the first start.", details=details
        )
    try:
        # Read only: an examination must not make a write-ahead log, nor wait for one.
        with closing(
            sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=CONNECT_SECONDS)
        ) as connection:
            (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            found = connection.execute(_VERSION).fetchone()
    except sqlite3.Error as error:
        return _broken(f"{path} cannot be read: {error}.", details)
    if answer != "ok":
        return _broken(f"{path} is damaged: {answer}.", details)
    return _schema(str(found[0]) if found else "", f"SQLite at {path}, whole", details)


def _broken(found: str, details: dict[str, str]) -> Check:
    return Check(
        subject=SUBJECT,
        state="error",
        found=found,
        advice="Stop the server and move the file away with those beside it (-wal, -shm); a new one is made. "
        "Jobs that have not been fetched are lost.",
        details=details,
    )


def _server(url: URL) -> Iterator[Check]:
    """Yields the checks of a database server; its clock counts, since leases of jobs end by it."""
    shown = url.render_as_string(hide_password=True)
    details = {"kind": url.get_backend_name(), "address": shown}
    try:
        engine = create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS})
        try:
            with engine.connect() as connection:
                behind = connection.execute(text("SELECT extract(epoch FROM now())")).scalar_one()
                behind = float(behind) - time.time()
                known = connection.execute(text("SELECT to_regclass('alembic_version')")).scalar_one()
                version = connection.execute(text(_VERSION)).scalar() if known else ""
        finally:
            engine.dispose()
    except (SQLAlchemyError, ImportError) as error:
        # The driver's sentence names host and user, and never the password.
        reason = str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__
        yield Check(
            subject=SUBJECT,
            state="error",
            found=f"{shown} cannot be used: {' '.join(reason.split())[:200]}",
            advice=f"Start the database server, or correct the address. {_WHERE}",
            details=details,
        )
        return
    yield _schema(str(version or ""), f"{shown} answers", details)
    if abs(behind) > MAX_SECONDS_APART:
        direction = "behind" if behind > 0 else "ahead of"
        yield Check(
            subject="clock of the database",
            state="error",
            found=f"This machine's clock is {abs(behind):,.0f} s {direction} the database's.",
            advice="Synchronise both clocks; otherwise jobs are taken from servers that are at work at them.",
        )


def _schema(version: str, found: str, details: dict[str, str]) -> Check:
    """Returns the check of the schema's version."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(settings)
    known = {script.revision for script in scripts.walk_revisions()}
    if version and version not in known:
        return Check(
            subject=SUBJECT,
            state="error",
            found=f"{found}, but it was made by a newer Wordlight (schema {version}).",
            advice=f"Update Wordlight, or use another database. {_WHERE}",
            details=details,
        )
    newest = scripts.get_current_head()
    when = (
        "current" if version == newest else f"brought from {version or 'none'} to {newest} at the next start"
    )
    return Check(subject=SUBJECT, state="ok", found=f"{found}; schema {when}", details=details)
