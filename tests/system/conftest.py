"""The app with limits so short that a test can wait for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.app import App, serve
from tests.support.strict_limits import (
    CALLER_CONNECTIONS,
    CALLER_SECONDS,
    HEAD_SECONDS,
    IDLE_SECONDS,
    LINE,
    LISTEN_SECONDS,
    MIN_RATE,
    STALL_SECONDS,
)


@pytest.fixture(scope="session")
def strict_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app, ready, with deadlines of seconds and room for few."""
    folder = tmp_path_factory.mktemp("strict")
    settings = {
        "WORDLIGHT_HEAD_SECONDS": str(HEAD_SECONDS),
        "WORDLIGHT_IDLE_SECONDS": str(IDLE_SECONDS),
        "WORDLIGHT_STALL_SECONDS": str(STALL_SECONDS),
        "WORDLIGHT_MIN_RATE": str(MIN_RATE),
        "WORDLIGHT_CALLER_CONNECTIONS": str(CALLER_CONNECTIONS),
        "WORDLIGHT_MAX_REQUESTS": str(LINE),
        "WORDLIGHT_LISTEN_SECONDS": str(LISTEN_SECONDS),
        "WORDLIGHT_CALLER_SECONDS": str(CALLER_SECONDS),
        "WORDLIGHT_MAX_CONNECTIONS": str(2 * CALLER_CONNECTIONS),
    }
    for url in serve(folder, **settings):
        yield App(url, folder)
