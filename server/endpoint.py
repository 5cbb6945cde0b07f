"""One path as an ASGI application: who comes in, which method is meant, every failure in one body."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from anyio import CapacityLimiter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from engine.config import Config
from engine.engine import Engine
from engine.errors import MethodNotAllowed, Unauthorized, WordlightError, internal_error
from server.access import Access, Place
from server.data_folder import DataFolder
from server.joining import SharedTranscriptions
from server.metrics import Metrics

SPARE_THREADS = 8  # beside one for each recording that may be at work
GONE = 499  # the status that is counted where the caller left before the answer, as nginx does

_log = logging.getLogger("wordlight.http")


def open_folder(config: Config) -> DataFolder:
    """Opens the folder of uploads that the settings name. Raises SetupError."""
    return DataFolder.claim(config.temp_dir, config.min_free_bytes, config.max_temp_bytes)


class ServerState:
    """What all doors share. Without a `folder` for uploads, the one that the settings name is opened."""

    def __init__(
        self, engine: Engine, access: Access, metrics: Metrics, folder: DataFolder | None = None
    ) -> None:
        self.engine = engine
        self.access = access
        self.metrics = metrics
        self.folder = folder or open_folder(engine.config)
        # Threads of their own: recordings that wait must not take those which serve the page.
        self.threads = CapacityLimiter(max(1, engine.config.max_requests) + SPARE_THREADS)
        self.shared = SharedTranscriptions(engine, self.threads)


class ApiRequest(Request):
    """A request, who sent it, what is to be cleared away once its answer is sent, and its recording's place."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, clearing: AsyncExitStack) -> None:
        super().__init__(scope, receive, send)
        self.cleanup = clearing
        self.caller = ""
        self.place: Place | None = None


Handler = Callable[[ApiRequest], Awaitable[Response]]


def error_body(error: WordlightError) -> dict[str, Any]:
    """Returns the body of a failure as every path but OpenAI's has it."""
    return error.to_dict()


class Endpoint:
    """One path, in the form that Starlette routes to.

    path       as Starlette writes it, with parameters in braces
    handlers   by method; HEAD comes with GET
    guarded    whether a key is asked for, where the installation has keys
    describe   makes the body of a failure
    """

    def __init__(
        self,
        site: ServerState,
        path: str,
        handlers: dict[str, Handler],
        guarded: bool = True,
        describe: Callable[[WordlightError], dict[str, Any]] = error_body,
    ) -> None:
        self.path = path
        self._site = site
        self._handlers = handlers | ({"HEAD": handlers["GET"]} if "GET" in handlers else {})
        self._guarded = guarded
        self._describe = describe

    @property
    def takes_recordings(self) -> bool:
        """Whether recordings are sent here; other paths have no body to read."""
        return "POST" in self._handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        status = GONE

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            async with AsyncExitStack() as clearing:
                call = ApiRequest(scope, receive, send_and_note, clearing)
                response = await self._answer_or_failure(call)
                await response(scope, receive, send_and_note)
        except ClientDisconnect:
            pass
        finally:
            method = call.method if call.method in self._handlers else "other"
            self._site.metrics.count_response(method, self.path, status, time.perf_counter() - began)

    async def _answer_or_failure(self, call: ApiRequest) -> Response:
        try:
            return await self._answer(call)
        except ClientDisconnect:
            raise
        except WordlightError as error:
            return self.failure(error)
        except Exception:
            _log.exception("request failed")
            return self.failure(internal_error())

    async def _answer(self, call: ApiRequest) -> Response:
        handler = self._handlers.get(call.method)
        if handler is None:
            allowed = ", ".join(self._handlers)
            error = MethodNotAllowed(f"{call.method[:20]!r} is not possible here.", f"Possible: {allowed}.")
            return self.failure(error, {"Allow": allowed})
        if self._guarded:
            call.caller = self._site.access.identify(call)
        return await handler(call)

    def failure(self, error: WordlightError, headers: dict[str, str] | None = None) -> Response:
        headers = dict(headers or {})
        if error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
        if isinstance(error, Unauthorized):
            headers["WWW-Authenticate"] = "Bearer"
        return JSONResponse(self._describe(error), error.status, headers)
