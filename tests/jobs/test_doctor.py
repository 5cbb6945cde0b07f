"""The examination of the jobs' database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import create_engine, text

from engine import Config, Engine
from engine.doctor.check import Check, Installed
from jobs.database import parse_url
from jobs.doctor import checks
from jobs.recordings import NAME
from jobs.service import DATABASE, Jobs


def examined(folder: Path, database: str | None = None) -> Check:
    """Returns the check of the database."""
    config = Config(temp_dir=folder, data_dir=folder, database=database, offline=True)
    return next(check for check in checks(Installed(config)) if check.subject == "database")


def make_database(folder: Path, database: str | None = None) -> Path:
    engine = Engine(Config(temp_dir=folder, data_dir=folder, database=database, offline=True))
    Jobs(engine).close(0)
    engine.close()
    return folder / NAME / DATABASE


def test_a_database_is_examined_and_none_is_made(tmp_path: Path) -> None:
    assert "first start" in examined(tmp_path).found
    assert list(tmp_path.iterdir()) == []
    make_database(tmp_path)
    found = examined(tmp_path)
    assert found.state == "ok" and "whole" in found.found and "schema current" in found.found


def test_a_damaged_database_is_found(tmp_path: Path) -> None:
    path = make_database(tmp_path)
    content = bytearray(path.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    path.write_bytes(content)
    found = examined(tmp_path)
    assert found.state == "error" and "move the file away" in found.advice


def test_a_newer_schema_is_found(tmp_path: Path) -> None:
    path = make_database(tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    found = examined(tmp_path)
    assert found.state == "error" and "newer Wordlight" in found.found


def test_a_server_that_does_not_answer_is_found_and_its_password_kept(tmp_path: Path) -> None:
    found = examined(tmp_path, "postgresql://wordlight:geheim@127.0.0.1:9/jobs")
    assert found.state == "error" and "127.0.0.1" in found.found
    assert "geheim" not in str(found.to_dict())
    found = examined(tmp_path, "nosuch://x")
    assert found.state == "error" and "sqlite:///" in found.advice


def test_a_server_is_examined(tmp_path: Path, postgresql: str) -> None:
    name = "examined"
    engine = create_engine(parse_url(postgresql), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    url = parse_url(postgresql).set(database=name).render_as_string(hide_password=False)
    assert "from none to" in examined(tmp_path, url).found
    make_database(tmp_path, url)
    assert "schema current" in examined(tmp_path, url).found
