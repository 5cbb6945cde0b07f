"""Refuses streams of unknown events before gradio begins to respond.

gradio 6.17 begins a response of status 200, then finds that it knows no such event, and fails: the client gets a
broken stream, and the log a traceback of some hundred lines.
"""

from __future__ import annotations

from typing import Any

from gradio.server_messages import UnexpectedErrorMessage
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.errors import NotFound
from page.gradio_patches.listeners import stream_of

HINT = "POST the call again, and use the event_id in the response."


class KnownEventsOnly:
    """ASGI middleware that responds to requests for events and sessions that gradio's queue does not know."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (_refusal(scope) or self.app)(scope, receive, send)


def _refusal(scope: Scope) -> Response | None:
    stream = stream_of(scope)
    if stream is None:
        return None
    session, is_event = stream
    queue: Any = scope["app"].get_blocks()._queue
    messages = queue.pending_messages_per_session.get(session)
    if is_event:
        # An event whose last message has been sent will have no further messages.
        if messages is not None and (queue.pending_event_ids_session.get(session) or not messages.empty()):
            return None
        error = NotFound("There is no such event here, or its result has been fetched already.", HINT)
        return JSONResponse(error.to_dict() | {"detail": str(error)}, error.status)
    if messages is not None:
        return None
    # gradio's page shows the message of its session's stream, and reconnects.
    lost = UnexpectedErrorMessage(message="There is no such session here.", session_not_found=True)
    return Response(f"data: {lost.model_dump_json()}\n\n", media_type="text/event-stream")
