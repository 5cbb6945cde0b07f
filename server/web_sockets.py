"""WebSocket connections, counted and limited beside all others.

uvicorn hands a connection over to another protocol when a client asks for a WebSocket. `LimitedWebSocket` is uvicorn's
own protocol over `websockets`. It answers pings, and closes on a message beyond `ws_max_size`. Here it is counted, and
cut if the client reads too little of what it is sent.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from engine.errors import WordlightError
from server.connections import Connections

MESSAGE_BYTES = 1024 * 1024  # of one message; half a minute of 16-bit sound at 16 kHz


def serve_web_sockets(config: Config, connections: Connections) -> None:
    """Makes a server's WebSockets use these connections. Messages are not compressed: sound gains nothing by it.

    Pings keep proxies from closing a silent connection. Their answers have no deadline: they come after all sound that
    has been sent before, which may wait for the transcription. A client that sends nothing is the application's care.
    """

    def protocol(**parts: Any) -> LimitedWebSocket:
        return LimitedWebSocket(connections, **parts)

    config.ws = protocol  # type: ignore[assignment]
    config.ws_max_size = MESSAGE_BYTES
    config.ws_per_message_deflate = False
    config.ws_ping_timeout = None


class LimitedWebSocket(WebSocketsSansIOProtocol):
    """One WebSocket of all connections."""

    def __init__(self, connections: Connections, **parts: Any) -> None:
        super().__init__(**parts)
        self._all = connections
        self._host = ""
        self._mark_at = 0.0  # when the unread bytes were last counted
        self._mark = 0  # how many there were then

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._host = self.client[0] if self.client else ""
        # It has left its place a moment ago, as the HTTP connection that it was.
        self._all.enter(self, self._host)

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.leave(self, self._host)
        super().connection_lost(exc)

    def check(self, now: float) -> None:
        """Cuts the connection if its client reads too little; measured only while nothing is added."""
        left = self.transport.get_write_buffer_size()
        seconds = self._all.limits.stall_seconds
        if not seconds or not left or (self.writable.is_set() and not self.transport.is_closing()):
            self._mark_at, self._mark = now, left
        elif now - self._mark_at >= seconds:
            moved, wanted = self._mark - left, self._all.limits.min_rate * (now - self._mark_at)
            self._mark_at, self._mark = now, left
            if moved < max(1.0, wanted):
                self.cut()

    def cut(self) -> None:
        """Ends the connection at once, even if data has not been sent yet."""
        self.transport.abort()

    def refuse_body(self, error: WordlightError) -> None:
        """Does nothing: the application ends its sound itself."""
