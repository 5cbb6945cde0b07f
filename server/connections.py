"""Deadlines and limits for connections: slow headers, stalled bodies and readers, too many connections.

uvicorn 0.54 closes a connection that is idle after a response. It has no other deadline: unfinished headers, a
body that stops, or a client that reads nothing hold a connection for ever. gradio starts uvicorn itself, so it
cannot be replaced by another server, but uvicorn accepts another protocol class (`Config.http`).
`LimitedConnection` is uvicorn's own h11 protocol; `Connections` checks all of them about once a second.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import time
from collections import Counter
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from engine.errors import Busy, InputError, RateLimited, ShuttingDown, WordlightError
from server.connection_limits import ConnectionLimits, Counted, address_group
from server.errors import TooSlow

LINGER_SECONDS = 1.0  # that a refused connection stays open, so that its client can read the error
MAX_REFUSED = 64  # refused connections that stay open; further ones are cut without a response


class Phase(Enum):
    """What a connection is waiting for."""

    HEAD = auto()  # the rest of a request's headers
    BODY = auto()  # the rest of a request's body
    ANSWER = auto()  # the application
    DISCARD = auto()  # the rest of a body after the response
    IDLE = auto()  # the next request
    CLOSING = auto()  # the client to read the rest of the response


class Connections:
    """All connections of one server. Every method but `refuse_bodies` is for the thread of its event loop."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._open: set[Counted] = set()
        self._refused: dict[Counted, float] = {}  # since when
        self._of_address: Counter[str] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def protocol(self, **parts: Any) -> LimitedConnection:
        """Returns the protocol of a new connection, made as uvicorn makes its own."""
        return LimitedConnection(self, **parts)

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, connection: Counted, host: str) -> WordlightError | None:
        """Counts a connection, or returns the error that refuses it."""
        self._loop = asyncio.get_running_loop()
        if self._timer is None:
            self._timer = self._loop.call_later(self.limits.check_seconds, self._check_all)
        address = address_group(host)
        most = 0 if self._is_proxy(host) else self.limits.per_address
        error: WordlightError | None = None
        if most and self._of_address[address] >= most:
            error = RateLimited(
                f"There are already {most} connections from your address.", "Close some of them."
            )
        elif self.limits.total and len(self._open) >= self.limits.total:
            error = Busy("All connections of this server are in use.", "Try again in a minute.")
        if error is None:
            self._open.add(connection)
            self._of_address[address] += 1
        return error

    def leave(self, connection: Counted, host: str) -> None:
        """Forgets a closed connection."""
        self._refused.pop(connection, None)
        if connection in self._open:
            self._open.discard(connection)
            address = address_group(host)
            self._of_address[address] -= 1
            if not self._of_address[address]:
                del self._of_address[address]

    def may_linger(self, connection: Counted) -> bool:
        """Counts a refused connection that stays open for a moment; returns False if too many do."""
        if len(self._refused) >= MAX_REFUSED:
            return False
        self._refused[connection] = time.monotonic()
        return True

    def refuse_bodies(self, error: ShuttingDown) -> None:
        """Refuses every request whose body is still arriving. May be called from any thread."""

        def refuse() -> None:
            for connection in list(self._open):
                connection.refuse_body(error)

        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(refuse)

    def _is_proxy(self, host: str) -> bool:
        if not self.limits.proxies:
            return False
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self.limits.proxies)

    def _check_all(self) -> None:
        self._timer = None
        now = time.monotonic()
        for connection in list(self._open):
            connection.check(now)
        for connection, since in list(self._refused.items()):
            if now - since >= LINGER_SECONDS:
                connection.cut()
        if (self._open or self._refused) and self._loop is not None:
            self._timer = self._loop.call_later(self.limits.check_seconds, self._check_all)


class LimitedConnection(H11Protocol):
    """One connection, with a deadline for each phase of it."""

    def __init__(self, connections: Connections, **parts: Any) -> None:
        super().__init__(**parts)
        self._all = connections
        self._host = ""
        self._turned_away = False
        self._answered = 0  # requests
        self._received = 0  # bytes
        self._stage: tuple[Phase, int] | None = None
        self._since = 0.0  # when the phase began
        self._mark_at = 0.0  # when its bytes were last counted
        self._mark = 0  # how many there were then

    # uvicorn's protocol, extended to note the phase of the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._host = self.client[0] if self.client else ""
        error = self._all.enter(self, self._host)
        if error is not None:
            self._turn_away(error)
        self._note()

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.leave(self, self._host)
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Leaves this connection's place to the WebSocket that it becomes."""
        self._all.leave(self, self._host)
        super().handle_websocket_upgrade(event)

    def data_received(self, data: bytes) -> None:
        if self._turned_away:
            return
        self._received += len(data)
        super().data_received(data)
        self._note()

    def on_response_complete(self) -> None:
        self._answered += 1
        super().on_response_complete()
        self._note()

    def send_400_response(self, msg: str) -> None:
        """Closes a connection on invalid HTTP. uvicorn's own method fails if a response has begun.

        If the error is in the body of a request without a response yet, that request gets the 400.
        """
        self._end_unanswered(
            InputError("This is not a valid HTTP request.", "Check its line, headers and body.")
        )

    # Deadlines

    def check(self, now: float) -> None:
        """Ends the connection if its phase has taken too long."""
        self._note()
        limits = self._all.limits
        phase = self._stage[0] if self._stage else Phase.IDLE
        waited = now - self._since
        if phase is Phase.HEAD and 0 < limits.head_seconds <= waited:
            self._end_unanswered(
                TooSlow("The request's headers did not arrive in time.", "Send them at once.")
            )
        elif phase is Phase.IDLE and 0 < limits.idle_seconds <= waited:
            self.transport.close()
        elif phase is Phase.DISCARD and 0 < limits.stall_seconds <= waited:
            self.cut()
        elif phase is Phase.BODY and self._body_stalls(now):
            self._end_unanswered(
                TooSlow("The request's body arrived too slowly or not at all.", "Send it again.")
            )
        elif phase in (Phase.ANSWER, Phase.CLOSING, Phase.IDLE) and self._reader_stalls(now, phase):
            self.cut()

    def cut(self) -> None:
        """Ends the connection at once, even if data has not been sent yet."""
        self.transport.abort()

    def refuse_body(self, error: WordlightError) -> None:
        """Refuses the request whose body is arriving, if there is one, and closes the connection."""
        self._note()
        if self._stage and self._stage[0] is Phase.BODY:
            self._end_unanswered(error)

    def _phase(self) -> Phase:
        if self.transport.is_closing():
            return Phase.CLOSING
        answered = self.cycle is None or self.cycle.response_complete
        if self.conn.their_state is h11.SEND_BODY:
            return Phase.DISCARD if answered else Phase.BODY
        if not answered:
            return Phase.ANSWER
        begun, _ = self.conn.trailing_data
        return Phase.HEAD if begun or self.cycle is None else Phase.IDLE

    def _note(self) -> None:
        """Restarts the clock if another phase has begun."""
        stage = self._phase(), self._answered
        if stage != self._stage:
            self._stage = stage
            self._since = self._mark_at = time.monotonic()
            self._mark = self._received if stage[0] is Phase.BODY else self.transport.get_write_buffer_size()

    def _body_stalls(self, now: float) -> bool:
        """Returns whether a body stalls; while the application does not read it, its sender is not to blame."""
        if self.flow.read_paused or self.conn.they_are_waiting_for_100_continue:
            self._mark_at, self._mark = now, self._received
            return False
        return self._moved_too_little(now, self._received - self._mark, self._received)

    def _reader_stalls(self, now: float, phase: Phase) -> bool:
        """Returns whether the client reads too little of the response.

        This can be measured only while nothing is added: if the application waits for the client to read on, or
        has sent everything.
        """
        left = self.transport.get_write_buffer_size()
        if not left or (phase is Phase.ANSWER and not self.flow.write_paused):
            self._mark_at, self._mark = now, left
            return False
        return self._moved_too_little(now, self._mark - left, left)

    def _moved_too_little(self, now: float, moved: int, mark: int) -> bool:
        seconds = self._all.limits.stall_seconds
        if not seconds or now - self._mark_at < seconds:
            return False
        # By the time that has really passed: a busy server checks late.
        wanted = max(1, self._all.limits.min_rate * (now - self._mark_at))
        self._mark_at, self._mark = now, mark
        return moved < wanted

    # Responses without the application

    def _turn_away(self, error: WordlightError) -> None:
        self._turned_away = True
        if not self._all.may_linger(self):
            self.cut()
            return
        self.transport.write(_answer(error))
        # If it were closed at once, the client's own bytes could make its system drop the response unread.
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _end_unanswered(self, error: WordlightError) -> None:
        """Sends the error unless a response has begun, and closes.

        The application sees a disconnected client; what it still sends is dropped.
        """
        if self.transport.is_closing():
            return
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(_answer(error))
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()


def _answer(error: WordlightError) -> bytes:
    body = json.dumps(error.to_dict()).encode()
    lines = [
        f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    if error.retry_after is not None:
        lines.append(f"Retry-After: {error.retry_after}")
    return "\r\n".join([*lines, "", ""]).encode() + body
