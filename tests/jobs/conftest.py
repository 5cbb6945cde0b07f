"""Databases of both kinds, and the parts of a server that work on them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.support.job_server import Server
from tests.support.postgresql import new_database

_numbers = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs.sqlite3'}"
    return new_database(request.getfixturevalue("postgresql"), f"jobs{next(_numbers)}")


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
