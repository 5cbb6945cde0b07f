"""Answers to requests that are refused before a route sees them, in the body of the route they were for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse
from starlette.routing import get_route_path
from starlette.types import Message, Scope, Send

from engine.errors import WordlightError

Describe = Callable[[str, WordlightError], dict[str, Any]]


async def send_refusal(error: WordlightError, scope: Scope, send: Send, describe: Describe) -> None:
    """Answers with an error; nothing of the request's body is read.

    describe  makes the body for a path
    """
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    body = describe(get_route_path(scope), error)
    await JSONResponse(body, error.status, headers)(scope, _nothing, send)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
