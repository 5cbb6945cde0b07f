"""Serves one path: identifies the caller, calls the method's handler, and gives every failure the same body."""

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
from engine.errors import WordlightError
from engine.memory import error_for_caller
from server.auth import ApiKeys
from server.body_limits import FORM_BYTES
from server.caller_limits import CallerLimits, Slot
from server.data_folder import DataFolder
from server.errors import MethodNotAllowed, Unauthorized
from server.joining import SharedTranscriptions
from server.live_tickets import LiveTickets
from server.metrics import Metrics

SPARE_THREADS = 8  # beside one for each concurrent transcription
CLIENT_CLOSED = 499  # the status that is counted if the client disconnects before the response, as nginx does

_log = logging.getLogger("wordlight.http")


def open_folder(config: Config) -> DataFolder:
    """Opens the folder of uploads that the settings name. Raises SetupError."""
    return DataFolder.claim(config.temp_dir, config.min_free_bytes, config.max_temp_bytes)


class ServerState:
    """What all endpoints share.

    folder   for uploads; if it is None, the one that the settings name is opened
    tickets  with which the page opens live connections
    """

    def __init__(
        self,
        engine: Engine,
        limits: CallerLimits,
        metrics: Metrics,
        folder: DataFolder | None = None,
        *,
        tickets: LiveTickets | None = None,
    ) -> None:
        self.engine = engine
        self.keys = ApiKeys(engine.config)
        self.limits = limits
        self.metrics = metrics
        self.tickets = tickets or LiveTickets()
        self.folder = folder or open_folder(engine.config)
        # Not anyio's shared threads: waiting transcriptions would take those that serve the page.
        self.threads = CapacityLimiter(max(1, engine.config.max_requests) + SPARE_THREADS)
        self.shared = SharedTranscriptions(engine, self.threads)


class ApiRequest(Request):
    """A request to an endpoint.

    caller   the name of the client that sent it
    cleanup  closed once the response has been sent
    slot     its recording's among the caller's, if it brings one
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, cleanup: AsyncExitStack) -> None:
        super().__init__(scope, receive, send)
        self.cleanup = cleanup
        self.caller = ""
        self.slot: Slot | None = None


Handler = Callable[[ApiRequest], Awaitable[Response]]


def error_body(error: WordlightError) -> dict[str, Any]:
    """Returns the body of an error response on every path but OpenAI's."""
    return error.to_dict()


def path_prefix(call: Request) -> str:
    """Returns the path that the application is mounted at, without a slash at its end."""
    return str(call.scope.get("root_path", "")).rstrip("/")


class Endpoint:
    """One path as an ASGI application that Starlette routes to.

    path       as Starlette writes it, with parameters in braces
    handlers   by method; GET answers HEAD too
    guarded    whether an API key is required, if the installation has keys
    describe   makes the body of an error response
    form_bytes bytes of a form beside its recording
    takes_recordings  whether clients send recordings to this path; None is whether it has POST or PUT
    """

    def __init__(
        self,
        state: ServerState,
        path: str,
        handlers: dict[str, Handler],
        guarded: bool = True,
        describe: Callable[[WordlightError], dict[str, Any]] = error_body,
        form_bytes: int = FORM_BYTES,
        takes_recordings: bool | None = None,
    ) -> None:
        self.path = path
        self.form_bytes = form_bytes
        writes = bool({"POST", "PUT"} & handlers.keys())
        self.takes_recordings = writes if takes_recordings is None else takes_recordings
        self._state = state
        self._handlers = handlers | ({"HEAD": handlers["GET"]} if "GET" in handlers else {})
        self._guarded = guarded
        self._describe = describe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        status = CLIENT_CLOSED

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            async with AsyncExitStack() as cleanup:
                call = ApiRequest(scope, receive, send_and_note, cleanup=cleanup)
                response = await self._answer_or_failure(call)
                await response(scope, receive, send_and_note)
        except ClientDisconnect:
            pass
        finally:
            method = call.method if call.method in self._handlers else "other"
            self._state.metrics.count_response(method, self.path, status, seconds=time.perf_counter() - began)

    async def _answer_or_failure(self, call: ApiRequest) -> Response:
        try:
            return await self._answer(call)
        except ClientDisconnect:
            raise
        except WordlightError as error:
            return self.failure(error)
        except Exception as error:
            _log.exception("request failed")
            return self.failure(error_for_caller(error))

    async def _answer(self, call: ApiRequest) -> Response:
        handler = self._handlers.get(call.method)
        if handler is None:
            allowed = ", ".join(self._handlers)
            error = MethodNotAllowed(
                f"The method {call.method[:20]!r} is not allowed here.", f"Use {allowed}."
            )
            return self.failure(error, {"Allow": allowed})
        if self._guarded:
            call.caller = self._state.keys.caller_of(call)
        return await handler(call)

    def failure(self, error: WordlightError, headers: dict[str, str] | None = None) -> Response:
        return error_response(error, self._describe, headers)


def error_response(
    error: WordlightError,
    describe: Callable[[WordlightError], dict[str, Any]] = error_body,
    headers: dict[str, str] | None = None,
) -> Response:
    """Returns the response to a failed request.

    describe  makes its body
    """
    headers = dict(headers or {})
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(describe(error), error.status, headers)
