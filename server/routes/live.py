"""Serves WS /v1/live: sound of a microphone in, its words out while it is recorded. See docs/live.md.

The client's first message is JSON with its options, binary messages bring the sound, and {"type": "end"} ends it. The
server sends JSON with a `type`: `update`, `provisional`, `ended`, `result` and `error`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import ExitStack

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from engine.errors import InputError, WordlightError
from engine.log import log_rejected
from engine.memory import error_for_caller
from server.auth import sent_key
from server.endpoint import CLIENT_CLOSED, ApiRequest, Endpoint, ServerState, error_body, error_response
from server.errors import TooSlow, UpgradeRequired
from server.live_request import LiveRequest, key_of, read_message, read_start, ticket_of
from server.live_session import LiveSession

PATH = "/v1/live"
ACCEPTED = 101  # the status of a connection that became a WebSocket
REASON_BYTES = 123  # of a close frame's reason, RFC 6455, 5.5.1

# Codes of close frames (RFC 6455, 7.4.1, and the registry of IANA).
COMPLETE, TOO_BIG, REFUSED, FAILED, TRY_LATER = 1000, 1009, 1008, 1011, 1013

_log = logging.getLogger("wordlight.http")


def endpoints(state: ServerState) -> list[Endpoint]:
    """Returns the answer of plain HTTP at the path."""
    return [Endpoint(state, PATH, {"GET": _not_a_socket})]


async def _not_a_socket(_: ApiRequest) -> Response:
    raise UpgradeRequired(
        "This path takes WebSockets alone.", "Connect with ws:// or wss://; see docs/live.md."
    )


class LiveSocket:
    """The WebSocket of the path, as an ASGI application."""

    def __init__(self, state: ServerState) -> None:
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        status = CLIENT_CLOSED
        socket = WebSocket(scope, receive, send)
        try:
            status = await self._serve(socket)
        except WebSocketDisconnect:
            pass
        finally:
            self._state.metrics.count_response("GET", PATH, status, seconds=time.perf_counter() - began)

    async def _serve(self, socket: WebSocket) -> int:
        """Returns the status that the client has got."""
        caller: str | None = None
        try:
            # A browser cannot send headers with a WebSocket: its key or ticket comes with the first message.
            if sent_key(socket) or not self._state.keys.required:
                caller = self._state.keys.caller_of(socket)
        except WordlightError as error:
            await socket.send_denial_response(error_response(error))
            return error.status
        await socket.accept()
        try:
            with ExitStack() as cleanup:
                await self._transcribe(socket, caller, cleanup)
            await socket.close(COMPLETE, "The transcript is complete.")
        except WebSocketDisconnect:
            raise
        except WordlightError as error:
            await _fail(socket, error)
        except Exception as error:
            _log.exception("live transcription failed")
            await _fail(socket, error_for_caller(error))
        return ACCEPTED

    async def _transcribe(self, socket: WebSocket, caller: str | None, cleanup: ExitStack) -> None:
        began = time.monotonic()
        try:
            caller, asked = await self._begin(socket, caller)
            slot = cleanup.enter_context(self._state.limits.slot(caller))
        except (WordlightError, WebSocketDisconnect) as error:
            log_rejected(error, None, time.monotonic() - began)
            raise
        await LiveSession(self._state, socket, asked, slot).run()

    async def _begin(self, socket: WebSocket, caller: str | None) -> tuple[str, LiveRequest]:
        """Returns the caller's name, and what the first message asks for."""
        patience = self._state.engine.config.head_seconds or None
        try:
            message = await asyncio.wait_for(socket.receive(), patience)
        except TimeoutError:
            raise TooSlow("The first message did not arrive in time.", "Send it at once.") from None
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        if message.get("text") is None:
            raise InputError("The first message is not text.", "Send the options as JSON before the sound.")
        found = read_message(message["text"])
        if caller is None:
            ticket = ticket_of(found)
            keys, tickets = self._state.keys, self._state.tickets
            caller = tickets.redeem(ticket) if ticket else keys.caller_of(socket, key_of(found))
        return caller, read_start(found)


async def _fail(socket: WebSocket, error: WordlightError) -> None:
    """Sends an error, and closes with its sentence."""
    body = {"type": "error", **error_body(error)}
    if error.retry_after is not None:
        body["retry_after"] = error.retry_after
    await socket.send_text(json.dumps(body, ensure_ascii=False))
    await socket.close(_code_of(error), _reason_of(error))


def _code_of(error: WordlightError) -> int:
    if error.retry_after is not None:
        return TRY_LATER
    if error.status == 413:
        return TOO_BIG
    return REFUSED if error.status < 500 else FAILED


def _reason_of(error: WordlightError) -> str:
    return str(error).encode()[:REASON_BYTES].decode(errors="ignore")
