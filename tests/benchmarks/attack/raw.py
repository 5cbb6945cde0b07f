"""Raw requests: their bytes, how they are sent, and what comes back."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import NamedTuple

import httpx

from tests.benchmarks.attack.victim import KEY

PATHS = (
    "/",
    "/transcribe",
    "/align",
    "/v1/audio/transcriptions",
    "/v1/audio/translations",
    "/v1/models",
    "/languages",
    "/health",
    "/metrics",
    "/openapi.json",
    "/config",
    "/login",
    "/static/img/logo.svg",
    "/theme.css",
    "/gradio_api/queue/join",
    "/gradio_api/queue/data",
    "/gradio_api/upload",
    "/gradio_api/cancel",
    "/gradio_api/reset",
    "/gradio_api/component_server",
    "/gradio_api/call/transcribe",
    "/gradio_api/run/transcribe",
    "/gradio_api/info",
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/heartbeat/x",
    "/gradio_api/stream/x/1/2/playlist.m3u8",
)
ANSWER_BYTES = 2_000_000  # of an answer that are read


class Odd(NamedTuple):
    """Bytes to send. If `whole` is false, more is promised than sent, and no answer is owed."""

    name: str
    data: bytes
    whole: bool = True


def request(
    method: str, target: str, *headers: str, body: bytes = b"", length: int | None = None, key: bool = True
) -> bytes:
    """Returns a request; what it says of itself need not be true."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers]
    if key:
        lines.append(f"Authorization: Bearer {KEY}")
    if body or length is not None:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def send(url: str, data: bytes, patience: float) -> bytes:
    """Sends bytes and returns what comes back until the server closes or has had its time.

    patience  seconds

    A server that answers before it has read all, and closes, is within its rights: what came is returned.
    """
    address = httpx.URL(url)
    answer = b""
    began = time.monotonic()
    with socket.create_connection((address.host, address.port or 80), timeout=patience) as connection:
        with suppress(OSError):
            connection.sendall(data)
        while len(answer) < ANSWER_BYTES and (left := began + patience - time.monotonic()) > 0:
            connection.settimeout(left)
            try:
                part = connection.recv(65_536)
            except OSError:
                break
            if not part:
                break
            answer += part
    return answer


def status_of(answer: bytes) -> int | None:
    """Returns the status that an answer begins with; None if it is no answer."""
    head = answer.split(b"\r\n", 1)[0].split(b" ")
    if len(head) > 1 and head[0].startswith(b"HTTP/") and head[1].isdigit():
        return int(head[1])
    return None
