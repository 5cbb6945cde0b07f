"""What is compressed on its way out, and what must not be: streams, files, and parts of files."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from server.compression import MIN_BYTES, Compression, accepts_gzip
from tests.support.app import App

LONG = "speech " * MIN_BYTES


async def _events() -> AsyncIterator[str]:
    for _ in range(3):
        yield f"data: {LONG}\n\n"


async def _json(_: Request) -> Response:
    return JSONResponse({"text": LONG}, headers={"Vary": "Origin"})


async def _short(_: Request) -> Response:
    return PlainTextResponse("short")


async def _stream(request: Request) -> Response:
    return StreamingResponse(_events(), media_type=request.query_params["type"])


async def _file(request: Request) -> Response:
    return FileResponse(request.app.state.file, headers={"Accept-Ranges": "bytes"})


async def _packed(_: Request) -> Response:
    return Response(
        gzip.compress(LONG.encode()), media_type="text/plain", headers={"Content-Encoding": "gzip"}
    )


def ask(path: str, accept: str = "gzip", file: Path | None = None, **headers: str) -> httpx.Response:
    handlers = {"/json": _json, "/short": _short, "/stream": _stream, "/file": _file, "/packed": _packed}
    app = Starlette(
        routes=[Route(at, handler) for at, handler in handlers.items()], middleware=[Middleware(Compression)]
    )
    app.state.file = file

    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path, headers={"Accept-Encoding": accept, **headers})

    return asyncio.run(once())


def test_a_response_in_one_piece_is_compressed_for_those_who_take_it() -> None:
    answer = ask("/json")
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < 500
    assert answer.json() == {"text": LONG}
    assert set(answer.headers["vary"].replace(" ", "").split(",")) == {"Origin", "Accept-Encoding"}


@pytest.mark.parametrize("accept", ["identity", "", "gzip;q=0", "br"])
def test_others_get_it_as_it_is_and_caches_are_told(accept: str) -> None:
    answer = ask("/json", accept)
    assert "content-encoding" not in answer.headers
    assert answer.json() == {"text": LONG}
    assert "Accept-Encoding" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip;q=high", False),
        ("gzip ; q=1", True),
        ("x-gzip", False),
        ("", False),
    ],
)
def test_a_header_is_read_with_its_qualities(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


@pytest.mark.parametrize("path", ["/short", "/stream?type=text/event-stream", "/stream?type=text/plain"])
def test_streams_and_what_fits_a_packet_are_left_alone(path: str) -> None:
    answer = ask(path)
    assert "content-encoding" not in answer.headers
    assert answer.text == "short" if path == "/short" else answer.text.count(LONG) == 3


def test_what_is_compressed_already_is_not_compressed_again() -> None:
    assert ask("/packed").text == LONG


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=7-13"}])
def test_a_file_keeps_its_bytes_and_its_ranges(tmp_path: Path, headers: dict[str, str]) -> None:
    file = tmp_path / "words.txt"
    file.write_text(LONG)
    answer = ask("/file", file=file, **headers)
    assert "content-encoding" not in answer.headers
    assert answer.text == ("speech " if headers else LONG)


def test_events_leave_one_by_one() -> None:
    """Each event is sent on before the next is made."""
    sent: list[Any] = []
    made: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for n in range(3):
            made.append(len(sent))
            await send({"type": "http.response.body", "body": LONG.encode(), "more_body": n < 2})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"accept-encoding", b"gzip")]}
    asyncio.run(Compression(app)(scope, None, send))  # type: ignore[arg-type]
    assert made == [1, 2, 3]


def test_the_page_and_its_configuration_are_compressed(app: App) -> None:
    for path in ("/", "/config", "/gradio_api/info", "/openapi.json"):
        answer = httpx.get(app.url + path)
        assert answer.headers["content-encoding"] in ("gzip", "br"), path


def test_the_events_of_a_recording_are_not(app: App, speech: Path) -> None:
    with (
        speech.open("rb") as file,
        httpx.stream(
            "POST",
            f"{app.url}/transcribe",
            files={"file": file},
            headers={"Accept": "text/event-stream", "Accept-Encoding": "gzip, br"},
            timeout=120,
        ) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in answer.headers
        assert "event: result" in "".join(answer.iter_text())


def test_a_recording_is_served_in_ranges(app: App, speech: Path) -> None:
    with speech.open("rb") as file:
        path = httpx.post(f"{app.url}/gradio_api/upload", files={"files": file}).json()[0]
    answer = httpx.get(
        f"{app.url}/gradio_api/file={path}", headers={"Range": "bytes=0-99", "Accept-Encoding": "gzip, br"}
    )
    assert answer.status_code == 206
    assert answer.content == speech.read_bytes()[:100]
