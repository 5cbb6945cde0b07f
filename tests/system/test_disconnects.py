"""A caller that goes away frees its place within one batch, whichever door it came in by.

What goes on for somebody who has left is counted in windows, since seconds say nothing on a busy machine.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from openai import OpenAI

from tests.support.app import App
from tests.support.raw_http import BOUNDARY, connected, file_part, head
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("nothing_left")

Door = Callable[[App, Path], AbstractContextManager[None]]


def decoded(app: App) -> float:
    return app.metric("wordlight_windows_total")


# Each door lets a recording in, and has its caller leave where the block ends.


def plain(path: str) -> Door:
    @contextmanager
    def door(app: App, recording: Path) -> Iterator[None]:
        body = file_part() + recording.read_bytes() + f"\r\n--{BOUNDARY}--\r\n".encode()
        with connected(app) as connection:
            connection.sendall(head(f"Content-Length: {len(body)}", path=path) + body)
            yield

    return door


def events(path: str) -> Door:
    @contextmanager
    def door(app: App, recording: Path) -> Iterator[None]:
        files, data = {"file": recording.read_bytes()}, {"stream": "true"}
        with httpx.stream("POST", app.url + path, files=files, data=data, timeout=240) as answer:
            lines = answer.iter_lines()  # held, for a reader that is dropped hangs up
            next(lines)
            yield

    return door


@contextmanager
def openai_stream(app: App, recording: Path) -> Iterator[None]:
    with (
        OpenAI(base_url=f"{app.url}/v1", api_key="-", timeout=240) as client,
        client.audio.transcriptions.create(model="whisper-1", file=recording, stream=True) as stream,
    ):
        next(iter(stream))
        yield


def gradio_cancel(endpoint: str) -> Door:
    @contextmanager
    def door(app: App, recording: Path) -> Iterator[None]:
        client = Client(app.url, verbose=False, httpx_kwargs={"timeout": 60})
        job = client.submit(handle_file(str(recording)), "en", api_name=endpoint)
        yield
        job.cancel()

    return door


def gradio_death(endpoint: str) -> Door:
    @contextmanager
    def door(app: App, recording: Path) -> Iterator[None]:
        script = (
            "from gradio_client import Client, handle_file; "
            f"client = Client({app.url!r}, verbose=False, httpx_kwargs={{'timeout': 60}}); "
            f"client.predict(handle_file({str(recording)!r}), api_name={endpoint!r})"
        )
        process = subprocess.Popen([sys.executable, "-c", script])
        try:
            yield
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=10)

    return door


def gradio_call(endpoint: str) -> Door:
    @contextmanager
    def door(app: App, recording: Path) -> Iterator[None]:
        files = {"files": recording.read_bytes()}
        (path,) = httpx.post(f"{app.url}/gradio_api/upload", files=files, timeout=60).json()
        url = f"{app.url}/gradio_api/call{endpoint}"
        data = [{"path": path, "meta": {"_type": "gradio.FileData"}}, "en"]
        event = httpx.post(url, json={"data": data}, timeout=60).json()["event_id"]
        with httpx.stream("GET", f"{url}/{event}", timeout=240):
            yield

    return door


OURS, OPENAI, TRANSLATE = "/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations"
STREAM = "/transcribe_stream"
# Of these the server learns at once that somebody has left.
TOLD: dict[str, Door] = {
    "plain": plain(OURS),
    "events": events(OURS),
    "openai": plain(OPENAI),
    "openai translation": plain(TRANSLATE),
    "openai stream": openai_stream,
    "gradio cancel": gradio_cancel(OURS),
    "gradio stream cancel": gradio_cancel(STREAM),
}
# Of these gradio finds out when it next looks: a batch may end and one more begin meanwhile.
FOUND_OUT: dict[str, Door] = {
    "gradio death": gradio_death(OURS),
    "gradio stream death": gradio_death(STREAM),
    "gradio call": gradio_call(OURS),
    "gradio stream call": gradio_call(STREAM),
}


@pytest.mark.parametrize("name", [*TOLD, *FOUND_OUT])
def test_who_leaves_costs_no_more_than_the_batch_at_work(
    app: App, long_talk: Path, speech: Path, name: str
) -> None:
    batches = 1 if name in TOLD else 2
    outcomes, before = len(app.outcomes()), decoded(app)
    with (TOLD | FOUND_OUT)[name](app, long_talk):
        # Beyond what one who has left before may still have at work: gradio's client cannot cancel a job earlier.
        assert eventually(lambda: decoded(app) > before + app.at_once())
    left = decoded(app)
    assert eventually(lambda: app.outcomes()[outcomes:] == ["cancelled"])
    assert app.metric("wordlight_recordings_at_work") == 0
    # The clip's own window comes after whatever was still at work.
    assert app.post(file=speech.read_bytes(), language="en").status_code == 200
    assert decoded(app) <= left + batches * app.at_once() + 1
    assert app.metric("wordlight_windows_waiting") == 0


@pytest.mark.parametrize("endpoint", [OURS, STREAM])
def test_a_job_that_is_cancelled_takes_no_other_of_its_client_down(
    app: App, long_talk: Path, talk_file: Path, endpoint: str
) -> None:
    client = Client(app.url, verbose=False, httpx_kwargs={"timeout": 60})
    outcomes = len(app.outcomes())
    goes = client.submit(handle_file(str(long_talk)), "en", api_name=endpoint)
    stays = client.submit(handle_file(str(talk_file)), "en", api_name=endpoint)
    assert eventually(lambda: app.metric("wordlight_recordings_at_work") == 2)
    goes.cancel()
    assert stays.result(timeout=240)
    assert eventually(lambda: sorted(app.outcomes()[outcomes:]) == ["cancelled", "ok"])


def test_a_client_that_leaves_during_the_upload_leaves_no_file(app: App) -> None:
    with connected(app) as connection:
        connection.sendall(head("Content-Length: 500000") + file_part() + bytes(100_000))
        assert eventually(lambda: bool(app.uploads()))
    assert eventually(lambda: not app.uploads())


def test_who_leaves_an_hour_of_silence_is_noticed(app: App, silent_hour: Path) -> None:
    outcomes = len(app.outcomes())
    with plain(OURS)(app, silent_hour):
        assert eventually(lambda: app.metric("wordlight_recordings_at_work") == 1)
    assert eventually(lambda: app.outcomes()[outcomes:] == ["cancelled"])
