"""Requests that break off amid HTTP: one answer at most, no traceback, and the server goes on."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.support.app import App
from tests.support.raw_http import connected

HEADS = {
    "transcribe": "POST /transcribe HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x",
    "no such path": "POST /nothing HTTP/1.1",
    "no such host": "POST /transcribe HTTP/1.1\r\nHost: evil.example",
    "json": "POST /gradio_api/cancel HTTP/1.1\r\nContent-Type: application/json",
    "another site": "POST /gradio_api/cancel HTTP/1.1\r\nOrigin: http://evil.example",
    "a GET": "GET /health HTTP/1.1",
}
PAUSE = 0.2  # seconds for the application to answer before the rest comes


@pytest.fixture
def no_traceback(app: App) -> Iterator[None]:
    """After the test the server lives, and its log has no new traceback."""
    log = app.folder / "server.log"
    before = len(log.read_text())
    yield
    assert httpx.get(f"{app.url}/health/live").status_code == 200
    added = log.read_text()[before:]
    assert "Traceback" not in added and "Error" not in added, added[-3000:]


def answers_to(app: App, *parts: bytes) -> bytes:
    with connected(app) as connection:
        for part in parts:
            try:
                connection.sendall(part)
            except ConnectionError:  # the answer is there already
                break
            time.sleep(PAUSE)
        return received(connection)


def received(connection: socket.socket) -> bytes:
    answer = b""
    try:
        while more := connection.recv(65536):
            answer += more
    except ConnectionError:
        pass
    return answer


@pytest.mark.usefixtures("no_traceback")
@pytest.mark.parametrize("broken", [b"zz\r\n\r\n", b"5\r\nhello\r\nzz\r\n", b"5\r\nhelloXX", b"-1\r\n\r\n"])
@pytest.mark.parametrize("together", [True, False], ids=["at once", "later"])
@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_body_that_breaks_its_encoding_gets_one_answer(
    app: App, head: str, together: bool, broken: bytes
) -> None:
    host = "" if "Host:" in head else "\r\nHost: localhost"
    start = f"{head}{host}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    answer = answers_to(app, start + broken) if together else answers_to(app, start, broken)
    assert answer.startswith(b"HTTP/1.1 ") and answer.count(b"HTTP/1.1 ") == 1
    assert int(answer.split()[1]) < 500


@pytest.mark.usefixtures("no_traceback")
def test_what_follows_a_whole_request_and_is_none_gets_an_answer_of_its_own(app: App) -> None:
    answer = answers_to(app, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n\0BROKEN\r\n\r\n")
    assert [part.split()[0] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"400"]
    assert b'"code": "bad_input"' in answer


@pytest.mark.usefixtures("no_traceback")
def test_bytes_that_are_no_http_are_refused_in_the_body_that_all_refusals_have(app: App) -> None:
    answer = answers_to(app, b"\x16\x03\x01\x02\0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ") and b'"hint"' in answer
