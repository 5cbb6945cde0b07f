"""Many at once through every door: all are answered, none with another's words, and nothing is left."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from openai import OpenAI

from engine.errors import Busy
from tests.support.app import App
from tests.support.clients import amid
from tests.support.recordings import clip
from tests.support.waiting import eventually

CLIPS = {
    clip("en/hello_world"): "hello",
    clip("en/quick_brown_fox"): "fox",
    clip("en/counting"): "four",
}
CALLS = 32
Door = Callable[[App, Path], str]


def plain(app: App, recording: Path) -> str:
    return app.post(file=recording.read_bytes(), language="en").json()["text"]


def events(app: App, recording: Path) -> str:
    response = app.post(file=recording.read_bytes(), language="en", stream="true")
    return json.loads(response.text.split("event: result\ndata: ")[1])["text"]


def openai(app: App, recording: Path) -> str:
    with OpenAI(base_url=f"{app.url}/v1", api_key="-", timeout=240) as client:
        return client.audio.transcriptions.create(model="whisper-1", file=recording, language="en").text


def translation(app: App, recording: Path) -> str:
    return app.post("/v1/audio/translations", file=recording.read_bytes()).json()["text"]


def gradio_stream(app: App, recording: Path) -> str:
    client = Client(app.url, verbose=False)
    job = client.submit(handle_file(str(recording)), "en", api_name="/transcribe_stream")
    job.result(240)  # raises what the iteration would wait for in vain
    *_, last = job
    return last["transcript"]["text"]


def gradio(app: App, recording: Path) -> str:
    client = Client(app.url, verbose=False)
    return client.predict(handle_file(str(recording)), "en", api_name="/transcribe")["text"]


def test_thirty_two_calls_through_all_doors_are_answered_with_their_own_words(app: App) -> None:
    doors: list[Door] = [plain, events, openai, translation, gradio, gradio_stream]
    recordings = list(CLIPS)
    calls = [(doors[n % len(doors)], recordings[n // len(doors) % len(recordings)]) for n in range(CALLS)]
    with ThreadPoolExecutor(CALLS) as pool:
        texts = list(pool.map(lambda call: call[0](app, call[1]), calls))
    for (door, recording), text in zip(calls, texts, strict=True):
        said = text.lower().replace("4", "four")
        assert CLIPS[recording] in said, door.__name__
        assert not any(other in said for other in set(CLIPS.values()) - {CLIPS[recording]}), door.__name__
    assert eventually(lambda: not app.uploads())
    assert app.metric("wordlight_recordings_at_work") == 0
    assert app.metric("wordlight_windows_waiting") == 0
    assert httpx.get(f"{app.url}/health/ready").status_code == 200


def test_a_client_of_the_benchmark_s_crowd_that_fails_is_not_passed_over() -> None:
    failed = threading.Event()

    def ask() -> None:
        failed.set()
        raise Busy("All taken.")

    with pytest.raises(Busy):
        amid(2, ask, failed.wait)
