"""What the web layer costs: seconds from a request to its answer, beside the engine's own for the same clip.

    .venv/bin/python -m tests.benchmarks.doors

Both numbers are of one and the same run, the engine's from the line that the app logs of it, so that a
busy machine spoils neither.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from gradio_client import Client, handle_file
from openai import OpenAI

from tests.conftest import TALK, App, ffmpeg, serve

SECONDS = 11
ROUNDS = 9


def main() -> None:
    with TemporaryDirectory() as name, running(Path(name)) as app:
        clip = Path(name) / "clip.wav"
        ffmpeg("-i", TALK, "-t", str(SECONDS), "-ac", "1", "-ar", "16000", clip)
        client = Client(app.url, verbose=False)
        openai = OpenAI(base_url=f"{app.url}/v1", api_key="-")
        doors: dict[str, Callable[[], object]] = {
            "POST /transcribe": lambda: app.post(file=clip.read_bytes()).raise_for_status(),
            "events": lambda: app.post(file=clip.read_bytes(), stream="true").raise_for_status(),
            "openai": lambda: openai.audio.transcriptions.create(model="whisper-1", file=clip),
            "gradio_client": lambda: client.predict(handle_file(str(clip)), api_name="/transcribe"),
        }
        pairs: dict[str, list[tuple[float, float]]] = {door: [] for door in doors}
        for _ in range(ROUNDS + 1):
            for door, call in doors.items():
                pairs[door].append(timed(app, call))
        print(f"{'door':<18}{'engine, s':>10}{'in all, s':>10}{'on top, s':>10}{'on top, %':>10}  (medians)")
        for door, found in pairs.items():
            warm = found[1:]
            engine, whole = (statistics.median(column) for column in zip(*warm, strict=True))
            extra = statistics.median(whole - engine for engine, whole in warm)
            part = statistics.median(100 * (whole / engine - 1) for engine, whole in warm)
            print(f"{door:<18}{engine:>10.3f}{whole:>10.3f}{extra:>10.3f}{part:>10.1f}")


def timed(app: App, call: Callable[[], object]) -> tuple[float, float]:
    """Returns the seconds that the engine says it took, and those until the caller had the answer."""
    began = time.perf_counter()
    call()
    whole = time.perf_counter() - began
    lines = [line for line in app.logged() if line["event"] == "request"]
    return lines[-1]["wall_seconds"], whole


@contextmanager
def running(folder: Path):
    for url in serve(folder):
        yield App(url, folder)


if __name__ == "__main__":
    main()
