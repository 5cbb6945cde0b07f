"""Streams of events that are not there: refused before gradio begins to answer.

gradio 6.17 begins an answer of status 200, finds that it knows no such event, and fails: the client sees a broken
stream, and the log has a traceback of some hundred lines.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from gradio.route_utils import API_PREFIX
from gradio.server_messages import UnexpectedErrorMessage
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.errors import NotFound

CALLS = f"{API_PREFIX}/call/"  # one event each, by its id
SESSION = f"{API_PREFIX}/queue/data"  # all events of a session of the page
HINT = "POST the call again, and use the event_id of its answer."


class KnownEventsOnly:
    """ASGI middleware that answers for events and sessions that gradio's queue does not have."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = _refusal(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        await (refusal or self.app)(scope, receive, send)


def stream_of(scope: Scope) -> tuple[str, bool] | None:
    """Returns the session that a GET listens to, and whether it is one event alone; None if it does not listen."""
    path = scope["path"].removeprefix(scope.get("root_path", "")).rstrip("/")
    if path == SESSION:
        named = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("session_hash")
        return (named[-1], False) if named else None
    # An event that was joined by POST /call is a session of its own.
    return (path.rpartition("/")[2], True) if path.startswith(CALLS) else None


def _refusal(scope: Scope) -> Response | None:
    listened = stream_of(scope)
    if listened is None:
        return None
    session, is_event = listened
    queue: Any = scope["app"].get_blocks()._queue
    messages = queue.pending_messages_per_session.get(session)
    if is_event:
        # One that has ended, and whose end has been told, never says anything more.
        if messages is not None and (queue.pending_event_ids_session.get(session) or not messages.empty()):
            return None
        error = NotFound("There is no such event here, or its result has been fetched already.", HINT)
        return JSONResponse(error.to_dict() | {"detail": str(error)}, error.status)
    if messages is not None:
        return None
    # gradio's page shows what the stream of its session says, and reconnects.
    lost = UnexpectedErrorMessage(message="There is no such session here.", session_not_found=True)
    return Response(f"data: {lost.model_dump_json()}\n\n", media_type="text/event-stream")
