"""SIGTERM under load: everybody is told, and the process has ended by itself by its deadline."""

from __future__ import annotations

import json
import os
import socket
import threading
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx

from tests.support.app import App, launch, wait_until_ready
from tests.support.raw_http import connected, error_of, file_part, head, upload
from tests.support.waiting import eventually

SHUTDOWN_SECONDS = 20  # a busy machine answers some requests within them
KILLED_AFTER = 60.0  # seconds until a container would be killed here; a busy machine is given more than ten


def stream(app: App, recording: Path, said: list[str], begun: threading.Event) -> None:
    """Has a recording transcribed, and writes down what comes."""
    files, data = upload(recording), {"stream": "true"}
    with httpx.stream("POST", f"{app.url}/transcribe", files=files, data=data, timeout=240) as answer:
        for line in answer.iter_lines():
            said.append(line)
            begun.set()


def gradio_job(app: App, recording: Path, said: list[str], begun: threading.Event) -> None:
    """Has a recording transcribed over gradio, and writes down what comes."""
    files = {"files": (recording.name, recording.read_bytes())}
    (path,) = httpx.post(f"{app.url}/gradio_api/upload", files=files, timeout=240).json()
    url = f"{app.url}/gradio_api/call/transcribe_stream"
    data = [{"path": path, "meta": {"_type": "gradio.FileData"}}, "en"]
    event = httpx.post(url, json={"data": data}, timeout=240).json()["event_id"]
    with httpx.stream("GET", f"{url}/{event}", timeout=240) as answer:
        for line in answer.iter_lines():
            said.append(line)
            if line == "event: generating":
                begun.set()


def rest_of(connection: socket.socket) -> bytes:
    received = b""
    try:
        while part := connection.recv(65_536):
            received += part
    except ConnectionError:
        pass
    return received


def test_the_app_under_load_tells_everybody_and_ends_by_its_deadline(
    tmp_path: Path, long_talk: Path, speech: Path
) -> None:
    settings = {
        "WORDLIGHT_SHUTDOWN_SECONDS": str(SHUTDOWN_SECONDS),
        "WORDLIGHT_HEAD_SECONDS": "0",  # else silent connections are refused before
    }
    with launch(tmp_path, **settings) as (url, process), ExitStack() as held:
        app = App(url, tmp_path)
        wait_until_ready(url, process, tmp_path / "server.log")
        heard: list[list[str]] = [[] for _ in range(4)]
        begun = [threading.Event() for _ in heard]
        jobs = [
            threading.Thread(target=work, args=(app, long_talk, said, event), daemon=True)
            for work, said, event in zip((stream, stream, gradio_job, gradio_job), heard, begun, strict=True)
        ]
        for job in jobs:
            job.start()
        coming = held.enter_context(connected(app))
        coming.sendall(head("Content-Length: 500000") + file_part() + bytes(50_000))
        silent = [held.enter_context(connected(app)) for _ in range(5)]
        beating = held.enter_context(connected(app))
        beating.sendall(b"GET /gradio_api/heartbeat/tab HTTP/1.1\r\nHost: app\r\n\r\n")
        assert all(event.wait(120) for event in begun)
        assert eventually(lambda: bool(app.uploads()))

        process.terminate()
        process.terminate()  # who is told twice ends no sooner, nor worse

        assert eventually(lambda: httpx.get(f"{url}/health/ready").status_code == 503)
        error_of(httpx.get(f"{url}/health/ready"), 503, "closed")
        refused = app.post(file=speech.read_bytes())
        error_of(refused, 503, "closed")
        assert int(refused.headers["retry-after"]) > 0
        asked = httpx.post(f"{url}/gradio_api/call/transcribe", json={"data": []})
        assert asked.status_code == 503 and asked.json()["error"]["code"] == "closed"
        answer = rest_of(coming)
        assert answer.startswith(b"HTTP/1.1 503") and b'"closed"' in answer, (
            "the upload under way is answered"
        )

        assert process.wait(KILLED_AFTER) == 0, "it ended by itself"
        for job in jobs:
            job.join(10)
        for said in heard[:2]:
            name, data = [line for line in said if line][-2:]
            assert name == "event: error"
            assert json.loads(data.removeprefix("data: "))["error"]["code"] == "closed"
        for said in heard[2:]:
            assert "event: error" in said and any("shutting down" in line for line in said)
        assert all(rest_of(connection) == b"" for connection in silent)
        assert not [
            line for line in (tmp_path / "server.log").read_text().splitlines() if "Traceback" in line
        ]
    assert not app.uploads()


def test_a_log_that_nobody_reads_does_not_hold_up_the_end(tmp_path: Path) -> None:
    """The handler of the signal writes to the log first, and never gets further."""
    os.mkfifo(tmp_path / "server.log")
    log = os.open(tmp_path / "server.log", os.O_RDONLY | os.O_NONBLOCK)
    with launch(tmp_path, WORDLIGHT_SHUTDOWN_SECONDS="3") as (url, process):

        def lives() -> bool:
            with suppress(BlockingIOError):
                os.read(log, 65_536)
            try:
                return httpx.get(f"{url}/health/live").status_code == 200
            except httpx.TransportError:
                return False

        try:
            assert eventually(lives)
            ballast = os.open(tmp_path / "server.log", os.O_WRONLY | os.O_NONBLOCK)
            for size in (4096, 1):  # the last bytes too
                with suppress(BlockingIOError):
                    while True:
                        os.write(ballast, bytes(size))
            process.terminate()
            assert process.wait(KILLED_AFTER) == 0
        finally:
            process.kill()
            os.close(log)
