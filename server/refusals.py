"""Refuses requests before a route sees them, with the error body of that route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse
from starlette.routing import get_route_path
from starlette.types import Message, Scope, Send

from engine.errors import WordlightError

Describe = Callable[[str, WordlightError], dict[str, Any]]


async def send_refusal(error: WordlightError, scope: Scope, send: Send, describe: Describe) -> None:
    """Sends an error; the request's body is not read.

    describe  makes the body for a path
    """
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    body = describe(get_route_path(scope), error)
    await JSONResponse(body, error.status, headers)(scope, _nothing, send)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
