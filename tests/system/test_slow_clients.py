"""Clients that hold a connection and do not get on with it lose it; those that are merely slow do not."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.app import App
from tests.support.raw_http import BOUNDARY, file_part, head, upload
from tests.support.strict_limits import (
    CALLER_CONNECTIONS,
    HEAD_SECONDS,
    IDLE_SECONDS,
    MIN_RATE,
    STALL_SECONDS,
)
from tests.support.waiting import eventually

PATIENCE = 60.0  # seconds until a test gives up on being cut off
OTHER_ADDRESS = "127.0.0.2"


def connect(app: App, source: str = "127.0.0.1") -> socket.socket:
    url = httpx.URL(app.url)
    return socket.create_connection((url.host, url.port), timeout=PATIENCE, source_address=(source, 0))


def read_all(connection: socket.socket) -> bytes:
    """Returns what comes until the server closes; raises TimeoutError where it never does."""
    received = b""
    try:
        while part := connection.recv(65_536):
            received += part
    except ConnectionError:
        pass
    return received


def drip(connection: socket.socket, data: bytes, pause: float) -> bool:
    """Sends byte by byte until the server ends the connection; False where all of it could be sent."""
    connection.settimeout(pause)
    for byte in data:
        try:
            connection.sendall(bytes([byte]))
            connection.recv(1, socket.MSG_PEEK)
            return True  # an answer before the request is whole, or the end
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def code(answer: bytes) -> str:
    return str(json.loads(answer.split(b"\r\n\r\n", 1)[1])["error"]["code"])


def answers(app: App, source: str = "127.0.0.1") -> bool:
    """Tells whether a client of an address gets an answer."""
    try:
        with connect(app, source) as connection:
            connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = read_all(connection)
            return bool(answer) and status(answer) == 200
    except OSError:
        return False


UNFINISHED = {
    "nothing": b"",
    "half a line": b"GET /hea",
    "half a head": b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n",
}


@pytest.mark.parametrize("sent", UNFINISHED.values(), ids=UNFINISHED.keys())
def test_a_head_that_does_not_come_to_its_end_is_cut_off(strict_app: App, sent: bytes) -> None:
    with connect(strict_app) as connection:
        connection.sendall(sent)
        answer = read_all(connection)
    assert status(answer) == 408 and code(answer) == "too_slow"


def test_a_head_that_drips_is_cut_off(strict_app: App) -> None:
    with connect(strict_app) as connection:
        assert drip(connection, b"GET /health/live HTTP/1.1\r\nX: " + 400 * b"y", pause=0.1)


def test_a_second_head_that_drips_is_cut_off(strict_app: App) -> None:
    with connect(strict_app) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert status(connection.recv(65_536)) == 200
        assert drip(connection, b"GET /health/live HTTP/1.1\r\nX: " + 400 * b"y", pause=0.1)


def test_a_connection_without_a_second_request_is_closed(strict_app: App) -> None:
    with connect(strict_app) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert status(read_all(connection)) == 200


PATHS = [
    "/transcribe",
    "/v1/audio/transcriptions",
    "/gradio_api/upload",
    "/gradio_api/queue/join",
    "/login",
    "/nowhere",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_body_that_stops_is_cut_off_and_leaves_no_file(strict_app: App, path: str) -> None:
    with connect(strict_app) as connection:
        connection.sendall(head("Content-Length: 500000", path=path) + file_part() + bytes(20_000))
        assert status(read_all(connection)) >= 400
    assert eventually(lambda: not strict_app.uploads())


def test_a_body_that_stops_is_told_why(strict_app: App) -> None:
    with connect(strict_app) as connection:
        connection.sendall(head("Content-Length: 500000") + file_part())
        answer = read_all(connection)
    assert status(answer) == 408 and code(answer) == "too_slow"


@pytest.mark.parametrize("framing", ["Content-Length: 500000", "Transfer-Encoding: chunked"])
def test_a_body_that_drips_is_cut_off(strict_app: App, framing: str) -> None:
    with connect(strict_app) as connection:
        connection.sendall(head(framing))
        if "chunked" in framing:
            connection.sendall(b"186a0\r\n")
        assert drip(connection, file_part() + bytes(400), pause=0.1)
    assert eventually(lambda: not strict_app.uploads())


def test_the_rest_of_a_body_is_not_taken_for_ever_once_it_is_answered(strict_app: App) -> None:
    with connect(strict_app) as connection:
        connection.sendall(head("Content-Length: 9000000000"))
        with pytest.raises(ConnectionError):
            for _ in range(round(10 * PATIENCE)):
                connection.sendall(bytes(100_000))
                time.sleep(0.1)


def test_who_does_not_read_the_answer_is_cut_off(strict_app: App) -> None:
    """The answers to many requests on one connection, none of them taken, until the buffers are full."""
    request = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
    url = httpx.URL(strict_app.url)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE)
        connection.connect((url.host, url.port))
        with pytest.raises(ConnectionError):
            while True:  # the server stops reading, then ends the connection
                connection.sendall(request)
    assert answers(strict_app)


def test_a_slow_upload_is_taken(strict_app: App, speech: Path) -> None:
    recording = speech.read_bytes()
    body = file_part() + recording + f"\r\n--{BOUNDARY}--\r\n".encode()
    step = round(max(50_000, 5 * MIN_RATE) * 0.2)
    with connect(strict_app) as connection:
        connection.sendall(head(f"Content-Length: {len(body)}", "Connection: close"))
        for start in range(0, len(body), step):
            connection.sendall(body[start : start + step])
            time.sleep(0.2)
        answer = read_all(connection)
    assert status(answer) == 200 and b"lazy dog" in answer


def test_work_that_takes_longer_than_every_deadline_is_not_cut_off(strict_app: App, talk_file: Path) -> None:
    """The client is silent from its upload to the answer, which has no byte before its end."""
    answer = strict_app.post(file=talk_file.read_bytes())
    assert answer.status_code == 200
    # Else the machine is too fast for this test.
    assert sum(answer.json()["timings"].values()) > max(HEAD_SECONDS, IDLE_SECONDS, STALL_SECONDS)


def test_a_stream_goes_on_though_its_client_says_nothing(strict_app: App, long_talk: Path) -> None:
    with httpx.stream(
        "POST", f"{strict_app.url}/transcribe", files=upload(long_talk), data={"stream": "true"}, timeout=240
    ) as answer:
        until = time.monotonic() + 3 * STALL_SECONDS
        for line in answer.iter_lines():
            if time.monotonic() > until:
                assert not line.startswith("event: error")
                break
        else:
            pytest.fail("the stream has ended")


@contextmanager
def held(app: App, number: int, source: str = "127.0.0.1") -> Iterator[list[socket.socket]]:
    """Holds connections that are not idle: each has a request at work, whose answer is a stream."""
    with ExitStack() as stack:
        connections = [stack.enter_context(connect(app, source)) for _ in range(number)]
        for place, connection in enumerate(connections):
            connection.sendall(
                f"GET /gradio_api/heartbeat/held{place} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
            )
        yield connections


def test_one_address_has_so_many_connections_and_others_have_theirs(strict_app: App) -> None:
    with held(strict_app, CALLER_CONNECTIONS, "127.0.0.5") as connections:
        assert all(status(entry.recv(65_536)) == 200 for entry in connections)
        with connect(strict_app, "127.0.0.5") as one_more:
            answer = read_all(one_more)
        assert status(answer) == 429 and code(answer) == "too_many"
        assert answers(strict_app, OTHER_ADDRESS)
    assert eventually(lambda: answers(strict_app, "127.0.0.5")), "a place is free again"


def test_all_addresses_together_have_so_many(strict_app: App) -> None:
    with held(strict_app, CALLER_CONNECTIONS, "127.0.0.3"), held(strict_app, CALLER_CONNECTIONS, "127.0.0.4"):
        assert eventually(lambda: not answers(strict_app))
        with connect(strict_app) as one_more:
            answer = read_all(one_more)
        assert status(answer) == 503 and code(answer) == "busy"
    assert eventually(lambda: answers(strict_app))


def test_idle_connections_by_the_hundred_keep_nobody_out(strict_app: App) -> None:
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(connect(strict_app))
        assert answers(strict_app, OTHER_ADDRESS)
        assert eventually(lambda: answers(strict_app)), "their places are free again, though nobody hung up"
