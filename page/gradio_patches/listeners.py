"""Notes which sessions have an open stream of gradio's messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from gradio.route_utils import API_PREFIX
from starlette.types import ASGIApp, Receive, Scope, Send

CALLS = f"{API_PREFIX}/call/"  # streams of single events, by their ids
SESSION = f"{API_PREFIX}/queue/data"  # streams of all events of a session


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
        stream = stream_of(scope)
        if stream is None:
            await self.app(scope, receive, send)
        else:
            with self._listeners.listening(stream[0]):
                await self.app(scope, receive, send)


def stream_of(scope: Scope) -> tuple[str, bool] | None:
    """Returns the session to whose messages a request listens, and whether that is a single event; else None."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    path = scope["path"].rstrip("/")  # below a proxy it may begin with the proxy's own path
    if path.endswith(SESSION):
        named = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("session_hash")
        return (named[-1], False) if named else None
    # An event that was joined by POST /call is a session of its own.
    return (path.rpartition("/")[2], True) if CALLS in path else None
