"""What the web layer costs: seconds from a request to its answer, beside a call of the engine in this process.

    .venv/bin/python -m tests.benchmarks.web_overhead

Each door's turn comes right after one of the engine's on the same clip, with the same options, so that both
meet the machine in the same state; medians are compared. It is the whole way that is measured: the client,
the upload, the queue, the answer. gradio's client looks every 50 ms whether its answer has come; what that and
its uploading take by themselves is measured too, on an app that does nothing with the same clip.
"""

from __future__ import annotations

import multiprocessing
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import gradio as gr
import httpx
from gradio.data_classes import FileData
from gradio_client import Client, handle_file
from openai import OpenAI

from engine import Config, Engine, Options
from tests.support.app import App, serve
from tests.support.media_files import ffmpeg
from tests.support.recordings import TALK

SECONDS = 11
ROUNDS = 15


def main() -> None:
    engine = Engine(replace(Config.from_env(), offline=True))
    with TemporaryDirectory() as name, running(Path(name)) as app, idle() as idle_url:
        clip = Path(name) / "clip.wav"
        ffmpeg("-i", TALK, "-t", str(SECONDS), "-ac", "1", "-ar", "16000", clip)
        doors = doors_to(app, clip)
        empty = Client(idle_url, verbose=False)
        nothing: list[float] = []
        pairs: dict[str, list[tuple[float, float]]] = {door: [] for door in doors}
        for _ in range(ROUNDS + 1):  # the first warms up
            for door, call in doors.items():
                alone = seconds(lambda: engine.transcribe(clip, Options(language="en")))
                pairs[door].append((alone, seconds(call)))
            nothing.append(seconds(lambda: empty.predict(handle_file(str(clip)), api_name="/nothing")))
    engine.close()
    print(f"{'door':<18}{'engine, s':>10}{'door, s':>10}{'on top, s':>10}{'ratio':>8}  (medians of {ROUNDS})")
    for door, found in pairs.items():
        alone, whole = (statistics.median(column) for column in zip(*found[1:], strict=True))
        print(f"{door:<18}{alone:>10.3f}{whole:>10.3f}{whole - alone:>10.3f}{whole / alone:>8.3f}")
    print(f"gradio_client, where the app does nothing:{statistics.median(nothing[1:]):>12.3f} s")


def doors_to(app: App, clip: Path) -> dict[str, Callable[[], object]]:
    client = Client(app.url, verbose=False)
    create = OpenAI(base_url=f"{app.url}/v1", api_key="-").audio.transcriptions.create

    plain = httpx.Client(
        timeout=60
    )  # kept, as openai's and gradio's are: a new one reads certificates for 20 ms

    def post(**fields: str) -> object:
        answer = plain.post(
            f"{app.url}/transcribe", files={"file": clip.read_bytes()}, data={"language": "en"} | fields
        )
        return answer.raise_for_status()

    return {
        "POST /transcribe": post,
        "events": lambda: post(stream="true"),
        "openai": lambda: create(model="whisper-1", file=clip, language="en"),
        "gradio_client": lambda: client.predict(handle_file(str(clip)), "en", api_name="/transcribe"),
    }


def seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


@contextmanager
def running(folder: Path) -> Iterator[App]:
    for url in serve(folder):
        yield App(url, folder)


@contextmanager
def idle() -> Iterator[str]:
    """Gives the address of a gradio app in a process of its own that takes a clip and does nothing."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_serve_nothing, args=(its,), daemon=True)
    process.start()
    yield ours.recv()
    process.terminate()


def _serve_nothing(pipe: Connection) -> None:
    async def nothing(file: FileData) -> str:
        return ""

    with gr.Blocks() as blocks:
        gr.api(nothing, api_name="nothing")
    pipe.send(blocks.launch(prevent_thread_lock=True, quiet=True)[1])
    threading.Event().wait()


if __name__ == "__main__":
    main()
