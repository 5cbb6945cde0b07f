"""Streams of events unknown to gradio's queue: 404, or the message that its page knows; no traceback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.app import App
from tests.support.raw_http import error_of

IDS = [
    "unknown",
    "0",
    "-1",
    "a" * 200,
    "%F0%9F%8E%99",
    "a b",
    "..%2f..",
    "null",
    "d41d8cd98f00b204e9800998ecf8427e",
]


@pytest.fixture(autouse=True)
def no_traceback(app: App) -> Iterator[None]:
    log = app.folder / "server.log"
    before = len(log.read_text())
    yield
    assert "Traceback" not in log.read_text()[before:]


@pytest.mark.parametrize(
    "name", ["transcribe", "v2/transcribe", "nothing", "v2/nothing", "%F0%9F", "_", "v2"]
)
@pytest.mark.parametrize("event", IDS)
def test_an_unknown_event_is_not_found(app: App, name: str, event: str) -> None:
    answer = httpx.get(f"{app.url}/gradio_api/call/{name}/{event}", timeout=60)
    assert answer.status_code == 404
    if "/" not in httpx.URL(answer.url).path.removeprefix("/gradio_api/call/v2/").removeprefix(
        "/gradio_api/call/"
    ):
        return  # a name alone
    body = answer.json()
    assert body["error"]["code"] == "not_found"


def test_an_event_is_streamed_once_and_not_found_afterwards(app: App, speech: Path) -> None:
    uploaded = httpx.post(
        f"{app.url}/gradio_api/upload", files={"files": ("talk.wav", speech.read_bytes())}, timeout=60
    ).json()
    data = [{"path": uploaded[0], "meta": {"_type": "gradio.FileData"}}]
    joined = httpx.post(f"{app.url}/gradio_api/call/transcribe", json={"data": data}, timeout=60)
    url = f"{app.url}/gradio_api/call/transcribe/{joined.json()['event_id']}"
    with httpx.stream("GET", url, timeout=240) as stream:
        assert stream.status_code == 200
        assert "event: " in "".join(stream.iter_text())
    error_body = httpx.get(url, timeout=60)
    assert error_body.status_code == 404 and "event_id" in error_body.json()["error"]["hint"]


@pytest.mark.parametrize("session", ["unknown", "", "%F0%9F", "a" * 500])
def test_the_page_learns_that_its_session_is_gone(app: App, session: str) -> None:
    answer = httpx.get(f"{app.url}/gradio_api/queue/data?session_hash={session}", timeout=60)
    assert answer.headers["content-type"].startswith("text/event-stream")
    message = json.loads(answer.text.removeprefix("data: "))
    assert message["msg"] == "unexpected_error"
    assert (message["session_not_found"], message["success"]) == (True, False)


def test_without_a_session_the_stream_is_refused(app: App) -> None:
    assert httpx.get(f"{app.url}/gradio_api/queue/data", timeout=60).status_code == 422


def test_an_unknown_path_keeps_the_body_of_all_refusals(app: App) -> None:
    error_of(httpx.get(f"{app.url}/gradio-api/call/x/y", timeout=60), 404, "not_found")
