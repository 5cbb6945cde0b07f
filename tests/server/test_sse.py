"""A streamed answer: what is refused before it begins, and what is heard of a client that hangs up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from page.stop_signals import StopSignal

from engine import Config, Options, Update
from engine.errors import Busy, SetupError, ShuttingDown
from page.runs import PageRun
from page.transcript_store import TranscriptStore
from server import CallerLimits
from server.data_folder import DataFolder
from server.endpoint import ServerState
from server.metrics import Metrics
from server.routes import transcribe
from tests.support.page import page_context
from tests.support.raw_http import BOUNDARY, file_part

PATIENCE = 5.0  # seconds until a step gives up
BODY = (
    file_part()
    + b"sound\r\n"
    + f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="stream"\r\n\r\ntrue\r\n'.encode()
    + f"--{BOUNDARY}--\r\n".encode()
)


class Fake:
    """An engine that loads and then refuses, or is at work on one step until it is told to stop."""

    def __init__(self, folder: Path, refusal: Exception | None = None) -> None:
        self.config = Config(temp_dir=folder)
        self.refusal = refusal
        self.at_work = threading.Event()
        self.told: bool | None = None  # whether it was, within that step

    ended = False

    def load(self) -> None:
        return None

    def stream(self, media: Path, options: Options, stop: threading.Event | None = None) -> Iterator:
        yield Update("loading")
        if self.refusal:
            raise self.refusal
        yield Update("reading")
        self.at_work.set()
        self.told = stop is not None and stop.wait(PATIENCE)
        yield Update("transcribing")


async def ask(engine: Any, left: asyncio.Event) -> list[dict[str, Any]]:
    """Returns what is answered to a form that asks for a stream; the client hangs up once `left` is set."""
    state = ServerState(engine, CallerLimits(engine.config), Metrics(engine))
    (endpoint,) = transcribe.endpoints(state)
    body, sent = [{"type": "http.request", "body": BODY}], []

    async def receive() -> Any:
        if body:
            return body.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    kind = f"multipart/form-data; boundary={BOUNDARY}".encode()
    head = [(b"content-type", kind)]
    scope = {"type": "http", "method": "POST", "path": "/transcribe", "query_string": b"", "headers": head}
    await endpoint(scope, receive, send)
    return sent


@pytest.mark.parametrize(
    "refusal", [Busy("All taken."), SetupError("No model."), ShuttingDown("Going down.")]
)
def test_what_is_refused_after_the_models_have_loaded_has_its_own_status(
    tmp_path: Path, refusal: Exception
) -> None:
    sent = asyncio.run(ask(Fake(tmp_path, refusal), asyncio.Event()))
    assert sent[0]["status"] == 503 and b"retry-after" in dict(sent[0]["headers"])


def test_a_client_that_hangs_up_is_heard_while_a_step_is_under_way(tmp_path: Path) -> None:
    engine = Fake(tmp_path)

    async def scene() -> None:
        left = asyncio.Event()
        answer = asyncio.create_task(ask(engine, left))
        await asyncio.to_thread(engine.at_work.wait, PATIENCE)
        left.set()
        await answer

    asyncio.run(scene())
    assert engine.told
    assert not list(tmp_path.glob("upload-*"))


def test_stop_on_the_page_is_heard_while_a_step_is_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    engine, told = Fake(tmp_path), StopSignal()
    with gr.Blocks():
        context = page_context(engine, TranscriptStore(DataFolder.claim(tmp_path), 60))
    run = PageRun(context, tmp_path / "talk.wav", {"model": "base"})
    threading.Thread(target=lambda: engine.at_work.wait(PATIENCE) and told.set(), daemon=True).start()
    with closing(run.steps(Options(), told)) as steps:
        for _ in steps:
            pass
    assert engine.told and run.state == "stopped"
