"""Keeps a connection alive while a JSON answer is long in coming: blanks before JSON mean nothing.

Proxies and routers close connections on which nothing moves for a minute or so.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from engine.errors import WordlightError

BLANK = b" "


async def with_blanks(
    answer: Coroutine[Any, Any, Response],
    seconds: float,
    describe: Callable[[WordlightError], dict[str, Any]],
) -> Response:
    """Returns a JSON answer, or one that sends a blank every so many seconds until that one is there.

    An answer that fails later has status 200 already. Its body is the failure then, and the connection breaks off
    before the end of the body, so that no client takes the failure for a transcript.
    """
    task = asyncio.ensure_future(answer)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds or None)
    except BaseException:
        task.cancel()
        raise
    if done:
        return task.result()
    return StreamingResponse(_blanks(task, seconds, describe), media_type="application/json")


async def _blanks(
    task: asyncio.Future[Response],
    seconds: float,
    describe: Callable[[WordlightError], dict[str, Any]],
) -> AsyncIterator[bytes]:
    try:
        while not task.done():
            yield BLANK
            await asyncio.wait({task}, timeout=seconds)
        try:
            response = task.result()
        except WordlightError as error:
            yield json.dumps(describe(error)).encode()
            raise ClientDisconnect from error
        yield bytes(response.body)
    finally:
        task.cancel()
