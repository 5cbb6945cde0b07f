"""The app with limits so short that a test can wait for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import App, serve

HEAD_SECONDS = 1.5
IDLE_SECONDS = 1.5
STALL_SECONDS = 1.5
MIN_RATE = 4096  # bytes a second
CALLER_CONNECTIONS = 24
LINE = 8  # places in gradio's line, and recordings at work
LISTEN_SECONDS = 3
CALLER_SECONDS = 2500  # two recordings of `long_talk`, and not three


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
