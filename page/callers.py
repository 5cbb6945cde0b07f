"""Those who ask over gradio: their names, whether they are still there, and what they are told of failures."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from starlette.requests import Request

from engine import WordlightError
from engine.memory import error_for_caller

GLANCE = 0.1  # seconds between two looks at whether the caller is still there

_log = logging.getLogger("wordlight.page")


def caller_name(request: gr.Request | Request) -> str:
    """Returns the caller's name for the limits: the login, or the address."""
    login = request.username if isinstance(request, gr.Request) else login_of(request)
    if login:
        return f"login {login}"
    client = getattr(request, "client", None)
    return f"address {client.host if client else 'unknown'}"


def is_signed_in(request: Request) -> bool:
    """Returns whether a request may come in, as gradio's own routes judge it; without logins, every one may."""
    return request.app.auth is None or login_of(request) is not None


def login_of(request: Request) -> str | None:
    """Returns the login of a request that gradio hands on as it came, as it does to the page's scripts."""
    app, cookies = request.app, request.cookies
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    return next((app.tokens[cookies[it]] for it in names if cookies.get(it) in app.tokens), None)


@asynccontextmanager
async def caller_left() -> AsyncGenerator[threading.Event]:
    """Gives an event that is set soon after the caller has left."""
    left = threading.Event()

    async def watch() -> None:
        while not _is_gone():
            await asyncio.sleep(GLANCE)
        left.set()

    watcher = asyncio.create_task(watch())
    try:
        yield left
    finally:
        watcher.cancel()


@contextmanager
def as_gradio_error() -> Iterator[None]:
    """Turns what the engine has against a request into the error that gradio's clients show.

    Of anything else, a bug, they are told no more than over plain HTTP: its text may quote what is nobody's.
    """
    try:
        yield
    except gr.Error:
        raise
    except WordlightError as error:
        raise gr.Error(str(error), print_exception=False) from error
    except Exception as error:
        _log.exception("request failed")
        raise gr.Error(str(error_for_caller(error)), print_exception=False) from None


def queued_files(blocks: gr.Blocks) -> set[Path]:
    """Returns the files of the events that stand in line."""
    lines = list(blocks._queue.event_queue_per_concurrency_id.values())
    events = [event for line in lines for event in list(line.queue)]
    return {Path(path) for event in events if event.data for path in _paths(event.data.data)}


def _paths(data: Any) -> Iterator[str]:
    left = [data]
    while left:  # not by recursion, for who sends it decides how deep it goes
        value = left.pop()
        if isinstance(value, dict) and isinstance(value.get("path"), str):
            yield value["path"]
        left += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _is_gone() -> bool:
    """Tells whether the stream of the running event has been closed; gradio notes it and goes on."""
    blocks, event = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    if blocks is None or event is None:
        return False
    known = blocks._queue.event_ids_to_events.get(event)
    return known is not None and not known.alive
