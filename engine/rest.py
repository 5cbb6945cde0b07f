"""The plain HTTP routes, over the same Engine as the page.

    POST /transcribe  a form with `file` and any of the options; answers with the transcript's JSON
    GET /languages    what can be asked for, and how each language's words are timed
    GET /health       what is loaded, on what; 503 where loading has failed

Every failure, on every path, has one body: `{"error": {"code", "message", "hint"}}`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import fields
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from engine.engine import Engine
from engine.errors import WordlightError, WrongMethod
from engine.guard import middleware
from engine.log import log_refused
from engine.options import Options
from engine.uploads import read_form

__all__ = ["middleware", "routes"]

OPTION_NAMES = tuple(option.name for option in fields(Options))
MAX_AT_ONCE = 40  # requests at work or waiting for the models, each in a thread; later ones wait here

_log = logging.getLogger("wordlight.http")

Handler = Callable[[Request], Awaitable[Response]]


def routes(engine: Engine) -> list[Route]:
    """Returns the routes, to be put before those of the page."""
    # Threads of their own: requests that wait must not take those which serve the page and the uploads.
    threads = CapacityLimiter(MAX_AT_ONCE)
    return [
        Route("/transcribe", _Path(POST=partial(_transcribe, engine, threads)), name="transcribe"),
        Route("/languages", _Path(GET=partial(_languages, engine, threads)), name="languages"),
        Route("/health", _Path(GET=partial(_health, engine)), name="health"),
    ]


async def _transcribe(engine: Engine, threads: CapacityLimiter, request: Request) -> Response:
    config = engine.config
    config.temp_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="upload-", dir=config.temp_dir, ignore_cleanup_errors=True) as folder:
        began = time.monotonic()
        try:
            form = await read_form(request, Path(folder), OPTION_NAMES, config.max_bytes)
            options = Options(**form.fields)  # type: ignore[arg-type]  # checked by Options itself
        except (WordlightError, ClientDisconnect) as error:
            log_refused(error, None, time.monotonic() - began)
            raise
        work = partial(_work, engine, form.file, options)
        return await _run_while_connected(work, request, threads)


def _work(engine: Engine, media: Path, options: Options, gone: threading.Event) -> Response:
    transcript = None
    with closing(engine.transcribe(media, options)) as updates:  # type: ignore[type-var]  # a generator
        _stop_if(gone)
        for update in updates:
            _stop_if(gone)
            transcript = update.transcript
    assert transcript is not None, "the last update holds the transcript"
    return JSONResponse(transcript.to_dict())  # encoded here: hours of words would hold up the event loop


def _stop_if(gone: threading.Event) -> None:
    if gone.is_set():
        raise ClientDisconnect


async def _run_while_connected(
    work: Callable[[threading.Event], Response], request: Request, threads: CapacityLimiter
) -> Response:
    """Runs `work` in a thread; sets the event that it is given as soon as nobody waits for its answer."""
    gone = threading.Event()

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone.set()

    watcher = asyncio.create_task(watch())
    try:
        return await to_thread.run_sync(work, gone, limiter=threads)
    finally:
        gone.set()  # also where this task is cancelled and leaves the thread behind
        watcher.cancel()


async def _languages(engine: Engine, threads: CapacityLimiter, _: Request) -> Response:
    return JSONResponse(await to_thread.run_sync(engine.languages, limiter=threads))


async def _health(engine: Engine, _: Request) -> Response:
    health = await to_thread.run_sync(engine.health)
    return JSONResponse(health, status_code=503 if health["status"] == "failed" else 200)


class _Path:
    """One path as an ASGI application: a handler a method, every failure in the one error body."""

    def __init__(self, **handlers: Handler) -> None:
        self._handlers = handlers | ({"HEAD": handlers["GET"]} if "GET" in handlers else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        except WordlightError as error:
            response = _failure(error)
        except Exception:
            _log.exception("request failed")
            response = _failure(WordlightError("Something went wrong on the server.", "Its log says what."))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        handler = self._handlers.get(request.method)
        if handler is None:
            allowed = ", ".join(self._handlers)
            error = WrongMethod(f"{request.method[:20]} is not possible here.", f"Possible: {allowed}.")
            return _failure(error, headers={"Allow": allowed})
        return await handler(request)


def _failure(error: WordlightError, **response: Any) -> Response:
    return JSONResponse(error.to_dict(), error.status, **response)
