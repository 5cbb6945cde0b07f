"""Cancels one job without cancelling others.

On `/gradio_api/cancel`, which names one event, gradio 6.17 cancels every event of the same endpoint in the same
session. A client that cancelled one of two running jobs lost both, and waited for the other's result for good.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATH = "/gradio_api/cancel"
NO_ENDPOINT = -1  # the number of no endpoint, so that gradio cancels nothing by it


class CancelOne:
    """Cancels only the named event, and leaves the rest to gradio."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The end of the path, since the application may be mounted below a prefix.
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"].endswith(PATH):
            try:
                body = await _cancel(await Request(scope, receive).body())
            except ClientDisconnect:
                return
            scope, receive = _with_body(scope, receive, body)
        await self.app(scope, receive, send)


async def _cancel(body: bytes) -> bytes:
    """Ends the event that the body names; returns the body without the endpoint, or as it was if unreadable."""
    try:
        asked = json.loads(body)
        name = f"{asked['session_hash']}_{asked['fn_index']}<gradio-sep>{asked['event_id']}"
    except (ValueError, TypeError, KeyError, RecursionError):
        return body
    tasks = [task for task in asyncio.all_tasks() if task.get_name() == name]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return json.dumps(asked | {"fn_index": NO_ENDPOINT}).encode()


def _with_body(scope: Scope, receive: Receive, body: bytes) -> tuple[Scope, Receive]:
    kept = [(name, value) for name, value in scope["headers"] if name != b"content-length"]
    messages: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return {**scope, "headers": [*kept, (b"content-length", str(len(body)).encode())]}, replay
