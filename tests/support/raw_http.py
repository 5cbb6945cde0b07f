"""Plain HTTP by hand, below what a polite client sends, and what comes back."""

from __future__ import annotations

import json
import socket
import wave
from pathlib import Path

import httpx

from tests.support.app import App

BOUNDARY = "x-boundary-x"


def error_of(response: httpx.Response, status: int, code: str) -> dict[str, str]:
    assert response.status_code == status, response.text
    body = response.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "message", "hint"}
    assert body["error"]["code"] == code
    assert body["error"]["message"].endswith(".")
    return body["error"]


def wav(path: Path, seconds: float, rate: int = 8000) -> bytes:
    """Returns silence, 16 bits, one channel."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(2 * int(seconds * rate)))
    return path.read_bytes()


def upload(recording: Path) -> dict[str, tuple[str, bytes]]:
    return {"file": (recording.name, recording.read_bytes())}


def events(answer: httpx.Response) -> list[tuple[str, dict]]:
    """Returns the events of an answer as (name, data)."""
    blocks = "".join(answer.iter_text()).strip().split("\n\n")
    fields = (dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks)
    return [(entry["event"], json.loads(entry["data"])) for entry in fields]


def connected(app: App) -> socket.socket:
    url = httpx.URL(app.url)
    return socket.create_connection((url.host, url.port), timeout=60)


def head(*headers: str, path: str = "/transcribe") -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
    ]
    return "\r\n".join([*lines, *headers, "", ""]).encode()


def file_part() -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'.encode()


def post_raw(app: App, body: bytes) -> httpx.Response:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return httpx.post(f"{app.url}/transcribe", content=body, headers=headers)
