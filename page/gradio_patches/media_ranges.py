"""Ranges of media files, served by Starlette's file response instead of gradio's.

gradio 6.17 answers a range with the headers of the request, cookies included, states wrong lengths, and
fails on several ranges. It does so only if the header begins with `bytes=` exactly. Starlette reads the
unit in any case, as RFC 9110 has it, so a header that is spelled otherwise leaves gradio the permission
check and the content type, and the range to Starlette.
"""

from __future__ import annotations

import re

from gradio.route_utils import API_PREFIX
from starlette.routing import get_route_path
from starlette.types import ASGIApp, Receive, Scope, Send

FILES = (f"{API_PREFIX}/file=", f"{API_PREFIX}/file/")

_RANGE = re.compile(rb"\s*(?:\d*-\d*)\s*(?:,\s*\d*-\d*\s*)*")
_MAX_RANGE_BYTES = 1024  # of the header


class MediaRanges:
    """Leaves the ranges of files to Starlette, and drops a Range header that is none."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and get_route_path(scope).startswith(FILES):
            scope = {**scope, "headers": _respelled(scope["headers"])}
        await self.app(scope, receive, send)


def _respelled(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    asked = [value for name, value in headers if name == b"range"]
    if not asked:
        return headers
    # A part of a file must not be compressed: the range is one of the file's own bytes.
    kept = [(name, value) for name, value in headers if name not in (b"range", b"accept-encoding")]
    found = _ranges(asked[0]) if len(asked) == 1 else None
    return kept if found is None else [*kept, (b"range", b"Bytes=" + found)]


def _ranges(value: bytes) -> bytes | None:
    """Returns the ranges of a header; None for another unit or a damaged one, which RFC 9110 has ignored."""
    unit, _, ranges = value.partition(b"=")
    if unit.strip().lower() != b"bytes" or len(value) > _MAX_RANGE_BYTES or not _RANGE.fullmatch(ranges):
        return None
    for part in ranges.split(b","):
        first, _, last = part.strip().partition(b"-")
        if (not first and not last) or (first and last and int(last) < int(first)):
            return None
    return ranges
