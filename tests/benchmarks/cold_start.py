"""How long a container on Modal takes to its first answer: the parts that this machine can measure.

    .venv/bin/python -m tests.benchmarks.cold_start

Each start is a process of its own, which runs deploy/modal_app.py by `.local()`.
"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.support.app import launch, wait_until_ready
from tests.support.recordings import clip

RUNS = 3
PATIENCE = 120.0  # seconds
PARTS = {
    "snapshot": "before the snapshot: imports, phonetic aligner",
    "start": "after it: app built, models loaded",
    "first": "first request, of a clip of 3 s",
    "second": "second request",
}


def main() -> None:
    taken = [_parts() for _ in range(RUNS + 1)][1:]  # the first fills the system's file cache
    for part, what in PARTS.items():
        column = [each[part] for each in taken]
        print(f"{what:<48}{statistics.median(column):>6.2f} s, longest {max(column):.2f}  (of {RUNS} starts)")


def _parts() -> dict[str, float]:
    recording = clip("en/quick_brown_fox").read_bytes()
    with TemporaryDirectory() as name:
        folder = Path(name)
        settings = {"WORDLIGHT_DEVICE": "cpu", "GRADIO_SERVER_NAME": "0.0.0.0"}
        with launch(folder, ("-m", "tests.support.modal_service"), **settings) as (url, process):
            wait_until_ready(url, process, folder / "server.log")
            seconds = {}
            for which in ("first", "second"):
                began = time.perf_counter()
                files = {"file": ("a.wav", recording)}
                httpx.post(f"{url}/transcribe", files=files, timeout=PATIENCE).raise_for_status()
                seconds[which] = time.perf_counter() - began
        lines = (folder / "server.log").read_text().splitlines()
        started = next(json.loads(line) for line in lines if '"cold start"' in line)
        return seconds | {part: started[part] for part in ("snapshot", "start")}


if __name__ == "__main__":
    main()
