"""How soon the app is there: seconds from its start until the page answers, and until the model is ready.

    .venv/bin/python -m tests.benchmarks.startup

Each start is a process of its own, as `make run` makes it.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.support.app import launch

RUNS = 5
GLANCE = 0.05  # seconds between two looks
PATIENCE = 60.0  # seconds


def main() -> None:
    taken = [start() for _ in range(RUNS + 1)][1:]  # the first fills the system's file cache
    for what, column in zip(("page answers", "model ready"), zip(*taken, strict=True), strict=True):
        print(f"{what:<14}{statistics.median(column):>6.2f} s, longest {max(column):.2f}  (of {RUNS} starts)")


def start() -> tuple[float, float]:
    """Returns seconds until the page answers, and until the model is ready."""
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        with launch(Path(folder)) as (url, _):
            return _until(url, began), _until(f"{url}/health/ready", began)


def _until(url: str, began: float) -> float:
    while (taken := time.perf_counter() - began) < PATIENCE:
        try:
            if httpx.get(url).status_code == 200:
                return taken
        except httpx.TransportError:
            pass
        time.sleep(GLANCE)
    raise RuntimeError(f"{url} did not answer within {PATIENCE:.0f} s")


if __name__ == "__main__":
    main()
