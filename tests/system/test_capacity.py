"""An installation with every place taken says so at once, by the right status, at every door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest
from gradio_client import Client, handle_file
from openai import OpenAI

from tests.support.app import App, serve
from tests.support.raw_http import error_of, upload
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, long_talk: Path) -> Iterator[App]:
    """An app that takes one recording at a time, and has it."""
    folder = tmp_path_factory.mktemp("full")
    for url in serve(folder, WORDLIGHT_MAX_REQUESTS="1"):
        yield from occupied(App(url, folder), long_talk)


def occupied(app: App, recording: Path) -> Iterator[App]:
    fields = {"stream": "true"}
    with httpx.stream(
        "POST", f"{app.url}/transcribe", files=upload(recording), data=fields, timeout=240
    ) as answer:
        lines = answer.iter_lines()  # held, for a reader that is dropped hangs up
        next(lines)
        assert eventually(lambda: app.metric("wordlight_recordings_at_work") == 1)
        yield app


@pytest.mark.parametrize("stream", ["false", "true"])
def test_plain_http_is_told_to_come_back(full: App, speech: Path, stream: str) -> None:
    response = full.post(file=speech.read_bytes(), stream=stream)
    assert error_of(response, 503, "busy")["hint"]
    assert int(response.headers["retry-after"]) > 0


@pytest.mark.parametrize("stream", [False, True])
def test_openai_s_client_is_told_to_come_back(full: App, speech: Path, stream: bool) -> None:
    with (
        OpenAI(base_url=f"{full.url}/v1", api_key="-", max_retries=0) as client,
        pytest.raises(openai.InternalServerError) as caught,
    ):
        client.audio.transcriptions.create(model="whisper-1", file=speech, stream=stream)
    assert caught.value.status_code == 503 and caught.value.code == "busy"
    assert int(caught.value.response.headers["retry-after"]) > 0


@pytest.mark.parametrize("endpoint", ["/transcribe", "/transcribe_stream"])
def test_gradio_s_clients_are_told_so(full: App, speech: Path, endpoint: str) -> None:
    client = Client(full.url, verbose=False, httpx_kwargs={"timeout": 60})
    with pytest.raises(Exception, match="being transcribed already"):
        client.submit(handle_file(str(speech)), api_name=endpoint).result(timeout=60)
