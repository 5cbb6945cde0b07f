"""The README's snippets do what it says, against the running app."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, clip

README = (ROOT / "README.md").read_text()
ADDRESS = "http://127.0.0.1:7860"


def snippet(name: str) -> str:
    found = re.search(rf"<!-- test: {name} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert found, f"the README has no snippet {name!r}"
    return found.group(1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as the reader has it: a recording called talk.wav, and the checkout's .venv."""
    shutil.copy(clip("en/hello_world"), tmp_path / "talk.wav")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def run(command: list[str], folder: Path) -> str:
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True).stdout


def test_gradio_client(server: str, folder: Path) -> None:
    printed = run([sys.executable, "-c", snippet("gradio_client").replace(ADDRESS, server)], folder)
    words = [line.split(" ", 2) for line in printed.splitlines() if re.match(r"\d", line)]
    assert [word for _, _, word in words] == ["Hello", "world."]
    assert all(float(start) < float(end) for start, end, _ in words)


def test_curl(server: str, folder: Path) -> None:
    transcribe, languages, health = snippet("curl").replace(ADDRESS, server).strip().splitlines()
    assert json.loads(run(["sh", "-c", transcribe], folder))["text"] == "Hello world."
    assert {"code": "en", "name": "English", "native": "English"}.items() <= json.loads(
        run(["sh", "-c", languages], folder)
    )[0].items()
    assert json.loads(run(["sh", "-c", health], folder))["status"] == "ok"


def test_command_line(folder: Path) -> None:
    run(["sh", "-c", snippet("cli")], folder)
    assert (folder / "talk.srt").read_text().endswith("Hello world.\n")


def test_the_picture_is_there() -> None:
    for picture in re.findall(r"!\[[^]]*]\(([^)]+)\)", README):
        assert (ROOT / picture).stat().st_size > 10_000
