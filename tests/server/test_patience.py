"""Blanks keep a connection alive until a long JSON answer is there."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from engine.errors import DamagedMedia
from server.endpoint import error_body
from server.patience import with_blanks

BLANK_SECONDS = 0.1
ended: list[str] = []


async def answer(seconds: float, fails: bool) -> Response:
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        ended.append("cancelled")
        raise
    if fails:
        raise DamagedMedia("It is damaged.", "Send another.")
    return JSONResponse({"text": "Hello"}, headers={"X-Warned": "1"})


class Endpoint:
    """Answers as the query says, and ends as `server.endpoint.Endpoint` does."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = Request(scope).query_params
        made = answer(float(query["seconds"]), "fails" in query)
        try:
            response = await with_blanks(made, BLANK_SECONDS * ("off" not in query), error_body)
            await response(scope, receive, send)
        except DamagedMedia as error:
            await JSONResponse(error_body(error), error.status)(scope, receive, send)
        except ClientDisconnect:
            pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    app = Starlette(routes=[Route("/", Endpoint())])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join()


def test_a_prompt_answer_is_sent_as_it_is(url: str) -> None:
    found = httpx.get(f"{url}?seconds=0")
    assert found.text == '{"text":"Hello"}' and found.headers["X-Warned"] == "1"


def test_a_long_answer_begins_with_blanks_and_is_json_all_the_same(url: str) -> None:
    found = httpx.get(f"{url}?seconds={BLANK_SECONDS * 5}", timeout=BLANK_SECONDS * 4)
    assert found.text.startswith("  ") and found.json() == {"text": "Hello"}
    assert found.headers["content-type"] == "application/json"


def test_nothing_is_sent_before_the_answer_if_blanks_are_off(url: str) -> None:
    assert httpx.get(f"{url}?seconds=0.3&off").text == '{"text":"Hello"}'


def test_a_prompt_failure_has_its_status_and_a_late_one_is_no_whole_answer(url: str) -> None:
    assert httpx.get(f"{url}?seconds=0&fails").status_code == 422
    read = b""
    with (
        pytest.raises(httpx.RemoteProtocolError),
        httpx.stream("GET", f"{url}?seconds={BLANK_SECONDS * 3}&fails") as found,
    ):
        for chunk in found.iter_raw():
            read += chunk
    assert b"damaged_media" in read


def test_whoever_hangs_up_on_blanks_ends_the_wait(url: str) -> None:
    ended.clear()
    with httpx.stream("GET", f"{url}?seconds=60") as found:
        next(found.iter_raw())
    until = time.monotonic() + 30
    while not ended:
        assert time.monotonic() < until
        time.sleep(0.05)
