"""The code that the page shows does what it says, run as a reader would run it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from page.code_snippets import snippets
from tests.support.recordings import clip

CHOSEN = {"language": "en", "task": "transcribe"}
NAME = 'talk, "one"; it\'s.wav'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(clip("en/hello_world"), tmp_path / NAME)
    return tmp_path


def run(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=120).stdout


def code(language: str, server: str, aligns: bool = False) -> str:
    chosen = {"language": "en"} if aligns else CHOSEN
    return snippets(Path("/somewhere") / NAME, chosen, aligns)[language].replace("{address}", server)


@pytest.mark.parametrize(
    ("language", "command"),
    [
        ("python", [sys.executable, "-c"]),
        ("javascript", ["node", "--input-type=module", "-e"]),
        ("curl", ["sh", "-c"]),
    ],
)
def test_a_text_is_aligned(server: str, folder: Path, language: str, command: list[str]) -> None:
    (folder / Path(NAME).with_suffix(".txt")).write_text("HELLO, world …")
    printed = run([*command, code(language, server, aligns=True)], folder)
    assert "HELLO," in printed and "world" in printed


def test_python(server: str, folder: Path) -> None:
    printed = run([sys.executable, "-c", code("python", server)], folder)
    assert "Hello" in printed and "world." in printed


def test_javascript(server: str, folder: Path) -> None:
    (folder / "code.mjs").write_text(code("javascript", server), "utf-8")
    assert [line.split()[-1] for line in run(["node", "code.mjs"], folder).splitlines()] == [
        "Hello",
        "world.",
    ]


def test_curl(server: str, folder: Path) -> None:
    assert json.loads(run(["sh", "-c", code("curl", server)], folder))["text"] == "Hello world."
