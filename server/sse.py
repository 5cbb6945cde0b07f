"""Sends server-sent events: updates in one response that stays open."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import replace
from typing import Any

from python_multipart.multipart import parse_options_header
from starlette.responses import StreamingResponse

from engine.errors import WordlightError
from engine.memory import error_for_caller
from engine.updates import Update

MEDIA_TYPE = "text/event-stream"
HEARTBEAT_SECONDS = 5.0  # after which an update without news is sent, as a sign of life

_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}  # proxies are to pass each event on
_log = logging.getLogger("wordlight.http")


def accepts_events(accept: str) -> bool:
    """Returns whether an Accept header names events with a quality other than 0 (RFC 9110, 12.5.1)."""
    for each in accept.split(","):
        kind, parameters = parse_options_header(each.strip())
        if kind.decode("latin-1").lower() == MEDIA_TYPE:
            return not re.fullmatch(rb"0(\.0*)?", parameters.get(b"q", b"1"))
    return False


def comment() -> bytes:
    """Returns what keeps a connection alive and is no event."""
    return b":\n\n"


def event(data: dict[str, Any], name: str = "", number: int | None = None) -> bytes:
    """Returns one event; JSON has no line breaks, so its data is one line. Its number resumes after it."""
    head = f"id: {number}\n" if number is not None else ""
    head += f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def stream(
    events: AsyncIterator[bytes], describe: Callable[[WordlightError], dict[str, Any]], error_name: str = ""
) -> StreamingResponse:
    """Returns the response that sends the events; an error becomes the last event.

    The status has been sent by then, so callers must check the request before.
    """

    async def guarded() -> AsyncIterator[bytes]:
        try:
            async for message in events:
                yield message
        except WordlightError as error:
            yield event(describe(error), error_name)
        except Exception as error:
            _log.exception("stream failed")
            yield event(describe(error_for_caller(error)), error_name)

    return StreamingResponse(guarded(), media_type=MEDIA_TYPE, headers=_HEADERS)


async def without_repeats(first: Update, rest: AsyncGenerator[Update]) -> AsyncIterator[Update]:
    """Leaves out updates that repeat the last one, unless none has been sent for HEARTBEAT_SECONDS."""
    yield first
    last, sent = first, time.monotonic()
    async for update in rest:
        # The time left changes all the time: it is no news by itself.
        if (
            replace(update, seconds_left=last.seconds_left) == last
            and time.monotonic() - sent < HEARTBEAT_SECONDS
        ):
            continue
        yield update
        last, sent = update, time.monotonic()
