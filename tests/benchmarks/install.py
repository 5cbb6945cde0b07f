"""How soon a fresh clone answers: seconds from `make run` to the page and to the first transcript, and the disk's use.

    .venv/bin/python -m tests.benchmarks.install          the set that `make run` takes on this machine
    .venv/bin/python -m tests.benchmarks.install FULL=1   with further arguments for make

Clones the last commit into a temporary folder, whose caches are empty, and deletes it at the end. The packages come
from the index that pip is set up for, so that the seconds hold for its distance.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.support.recordings import ROOT, clip

GLANCE = 0.1  # seconds between two looks
PATIENCE = 1800.0  # seconds; the full set takes minutes


def main() -> None:
    with TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        for line in _measured(clone, sys.argv[1:]):
            print(line, flush=True)


def _measured(clone: Path, words: Sequence[str]) -> Iterator[str]:
    with _running(clone, words) as (url, began, alive):
        yield f"{'page answers':<22}{_until(url, began, alive):>7.1f} s"
        yield f"{'model ready':<22}{_until(f'{url}/health/ready', began, alive):>7.1f} s"
        recording = clip("en/quick_brown_fox").read_bytes()
        answer = httpx.post(f"{url}/transcribe", files={"file": ("a.wav", recording)}, timeout=PATIENCE)
        answer.raise_for_status()
        yield f"{'first transcript':<22}{time.perf_counter() - began:>7.1f} s  {answer.json()['text']}"
    for folder in (".venv", "home"):
        used = subprocess.run(["du", "-sh", folder], cwd=clone, capture_output=True, text=True, check=True)
        yield f"{'du -sh ' + folder:<22}{used.stdout.split()[0]:>9}"


@contextmanager
def _running(clone: Path, words: Sequence[str]) -> Iterator[tuple[str, float, Callable[[], bool]]]:
    """Gives the address of the app, the second at which `make run` began, and whether it is still running."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (clone / "home").mkdir()
    empty = {"HOME": str(clone / "home"), "XDG_CACHE_HOME": str(clone / "home"), "PIP_NO_CACHE_DIR": "1"}
    settings = {"GRADIO_SERVER_PORT": str(port), "WORDLIGHT_TEMP_DIR": str(clone / "data")}
    began = time.perf_counter()
    process = subprocess.Popen(
        ["make", "run", *words], cwd=clone, env=os.environ | empty | settings, start_new_session=True
    )
    try:
        yield f"http://127.0.0.1:{port}", began, lambda: process.poll() is None
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)


def _until(url: str, began: float, alive: Callable[[], bool]) -> float:
    """Returns the seconds since `began` at which an address answers. Raises RuntimeError if it does not."""
    while alive() and (taken := time.perf_counter() - began) < PATIENCE:
        try:
            if httpx.get(url).status_code == 200:
                return taken
        except httpx.TransportError:
            pass
        time.sleep(GLANCE)
    raise RuntimeError(f"{url} did not answer.")


if __name__ == "__main__":
    main()
