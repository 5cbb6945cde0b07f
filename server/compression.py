"""Compresses whole text responses: the page's document, JSON, and plain HTTP responses.

gradio compresses only paths with a file ending, so it sends its document and its configuration uncompressed.
Streams stay uncompressed, since compression would delay server-sent events. So do files with an ETag or ranges,
since both refer to the uncompressed bytes.
"""

from __future__ import annotations

import gzip

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MIN_BYTES = 1024  # below that a response fits one packet either way
LEVEL = 6  # of 9: the document takes 5 ms, and level 9 saves less than 1 % more
TYPES = ("application/json", "application/javascript", "application/manifest+json", "image/svg+xml")
EVENTS = "text/event-stream"
FILE_HEADERS = ("content-encoding", "content-range", "accept-ranges", "etag")


class Compression:
    """ASGI middleware that gzips responses which come in one piece, if the client accepts gzip."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        accepted = accepts_gzip(Headers(scope=scope).get("accept-encoding", ""))
        held: Message | None = None  # the start of a response that may yet be compressed

        async def send_compressed(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_compressible(message):
                MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
                if accepted:
                    held = message
                    return
            elif held is not None:
                start, held = held, None
                if message["type"] == "http.response.body" and not message.get("more_body", False):
                    message = await _compress(start, message)
                await send(start)
            await send(message)

        await self.app(scope, receive, send_compressed)


def accepts_gzip(header: str) -> bool:
    """Returns whether an Accept-Encoding header admits gzip, by name or by `*`."""
    qualities: dict[str, float] = {}
    for part in header.lower().split(","):
        coding, _, parameter = part.partition(";")
        name, _, value = parameter.partition("=")
        try:
            qualities[coding.strip()] = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            qualities[coding.strip()] = 0.0
    return qualities.get("gzip", qualities.get("*", 0.0)) > 0


def _is_compressible(start: Message) -> bool:
    headers = Headers(raw=start.get("headers", []))
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_text = kind in TYPES or (kind.startswith("text/") and kind != EVENTS)
    return (
        is_text
        and start["status"] not in (204, 206, 304)
        and not any(name in headers for name in FILE_HEADERS)
    )


async def _compress(start: Message, body: Message) -> Message:
    """Returns the body compressed and adapts the headers of its start; short ones stay as they are."""
    content = body.get("body", b"")
    if len(content) < MIN_BYTES:
        return body
    # In a thread: the JSON of a long recording would block all other requests.
    small = await anyio.to_thread.run_sync(lambda: gzip.compress(content, LEVEL, mtime=0))
    headers = MutableHeaders(scope=start)
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(small))
    return {**body, "body": small}
