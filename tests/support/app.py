"""The app as a process of its own, and what it has done."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from server.data_folder import NAME
from tests.support.folders import below
from tests.support.recordings import ROOT

# Of the small app.
MAX_BYTES = 1_000_000
MAX_SECONDS = 20
TOKEN = "hf_notARealToken"


@dataclass(frozen=True)
class App:
    """The running app and the folder that it works in."""

    url: str
    folder: Path

    def post(self, path: str = "/transcribe", file: bytes | None = None, **fields: str) -> httpx.Response:
        files = {} if file is None else {"file": ("talk.wav", file)}
        return httpx.post(f"{self.url}{path}", files=files, data=fields, timeout=240)

    def uploads(self) -> list[Path]:
        """The recordings that plain HTTP has brought and that are still there."""
        folder = self.data / "processes"
        found = (path.relative_to(folder).parts for path in below(folder))
        return [
            folder.joinpath(*parts) for parts in found if len(parts) == 2 and parts[1].startswith("upload-")
        ]

    @property
    def data(self) -> Path:
        """The folder of its uploads and transcripts."""
        return self.folder / "temp" / NAME

    def named(self, part: str) -> list[str]:
        """What lies in the folder with a part in its name."""
        return [path.name for path in below(self.folder) if part in path.name]

    def logged(self) -> list[dict[str, Any]]:
        """The structured lines so far."""
        lines = (self.folder / "server.log").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def outcomes(self) -> list[str]:
        """What became of the recordings so far, in the order of their ends."""
        return [line["outcome"] for line in self.logged() if line["event"] == "request"]

    def at_once(self) -> float:
        """Returns how many windows are at work at a time, at most."""
        return self.metric("wordlight_batch_limit") * self.metric("wordlight_workers")

    def metric(self, line: str) -> float:
        """Returns the value of a line of /metrics, such as `wordlight_recordings_at_work`; 0 where absent."""
        page = httpx.get(f"{self.url}/metrics", timeout=60).text.splitlines()
        return next(
            (float(entry.rsplit(" ", 1)[1]) for entry in page if entry.rsplit(" ", 1)[0] == line), 0.0
        )


def serve(folder: Path, program: Sequence[str] = ("app.py",), **settings: str) -> Iterator[str]:
    """Yields the address of the app once it is ready."""
    with launch(folder, program, **settings) as (url, process):
        wait_until_ready(url, process, folder / "server.log")
        yield url


@contextmanager
def launch(
    folder: Path, program: Sequence[str] = ("app.py",), **settings: str
) -> Iterator[tuple[str, subprocess.Popen]]:
    """Starts the app, which works and logs in a folder; gives its address and its process."""
    port = free_port()
    # Tests send the same recording again and again, and want it transcribed again. On a slow machine an answer may
    # take longer than a connection is left silent, and its status would be sent before the outcome is known.
    ours = {
        "WORDLIGHT_TEMP_DIR": str(folder / "temp"),
        "WORDLIGHT_GRACE_SECONDS": "0",
        "WORDLIGHT_BLANK_SECONDS": "0",
    }
    env = os.environ | {"GRADIO_SERVER_PORT": str(port)} | ours | settings
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen([sys.executable, *program], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(timeout=60)  # what is at work has its grace


def free_port() -> int:
    """Returns a port of this machine that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"the server did not become ready:\n{log.read_text()}")
