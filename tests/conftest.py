"""The real engine on the embedded model, and the real app as a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import httpx
import hypothesis
import numpy as np
import pytest
import soundfile

from engine import Config, Engine


def _inside(package: str, *path: str) -> Path:
    return Path(next(iter(find_spec(package).submodule_search_locations))).joinpath(*path)


ROOT = Path(__file__).resolve().parent.parent
CLIPS = _inside("pytest_audioeval", "samples", "audio")
TALK = _inside("pyannote", "audio", "sample", "sample.wav")


def clip(name: str) -> Path:
    """Returns the path of a clip of pytest-audioeval, such as "en/hello_world"."""
    return CLIPS / f"{name}.wav"


# Two slow cores and a first example that warms the caches say nothing about the code.
hypothesis.settings.register_profile("wordlight", deadline=None, max_examples=50)
hypothesis.settings.load_profile("wordlight")


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    engine = Engine(replace(Config.from_env(), offline=True))
    engine.start()
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def speech() -> Path:
    """Two or three seconds of clear English."""
    return clip("en/quick_brown_fox")


@pytest.fixture(scope="session")
def talk() -> np.ndarray:
    """Half a minute of two people on the telephone, (480000,) float32 at 16 kHz; pyannote.audio ships it."""
    return soundfile.read(TALK, dtype="float32")[0]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, started as a person starts it, with its models ready."""
    yield from serve(tmp_path_factory.mktemp("server"))


def serve(folder: Path, **settings: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = (
        os.environ | {"GRADIO_SERVER_PORT": str(port), "WORDLIGHT_TEMP_DIR": str(folder / "temp")} | settings
    )
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, process, folder / "server.log")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_ready(url: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/health").json()["status"] == "ok":
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"the server did not become ready:\n{log.read_text()}")
