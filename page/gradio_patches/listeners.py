"""Notes which sessions have an open stream of gradio's messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send


class Listeners:
    """The sessions, and single events, whose stream of messages is open at the moment."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    @contextmanager
    def listening(self, session: str) -> Iterator[None]:
        self._open[session] += 1
        try:
            yield
        finally:
            self._open[session] -= 1
            if not self._open[session]:
                del self._open[session]

    def any_to(self, session: str) -> bool:
        """Returns whether a stream of a session is open."""
        return session in self._open

    def __bool__(self) -> bool:
        """Returns whether any stream is open. May be called from any thread."""
        return bool(self._open)


class NoteListeners:
    """ASGI middleware that notes which message streams of gradio's queue are open."""

    def __init__(self, app: ASGIApp, listeners: Listeners) -> None:
        self.app = app
        self._listeners = listeners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = _session_of_stream(scope)
        if session is None:
            await self.app(scope, receive, send)
        else:
            with self._listeners.listening(session):
                await self.app(scope, receive, send)


def _session_of_stream(scope: Scope) -> str | None:
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    path = scope["path"].rstrip("/")
    if path.endswith("/gradio_api/queue/data"):
        named = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash")
        return named[-1] if named else None
    # An event that was joined by POST /call is a session of its own.
    return path.rpartition("/")[2] if "/gradio_api/call/" in path else None
