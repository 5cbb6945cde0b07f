"""The snippets of README and docs/ do what is said of them, against the running app."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.media_files import ffmpeg
from tests.support.recordings import ROOT, clip

README = (ROOT / "README.md").read_text()
DOCS = {path.stem: path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))}
ADDRESS = "http://127.0.0.1:7860"


def snippet(name: str, text: str = README) -> str:
    found = re.search(rf"<!-- test: {name} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found, f"there is no snippet {name!r}"
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
    printed = run(
        [sys.executable, "-c", snippet("gradio_client", DOCS["api"]).replace(ADDRESS, server)], folder
    )
    lines = printed.splitlines()
    words = [line.split(" ", 2) for line in lines if re.match(r"\d", line)]
    assert [word for _, _, word in words] == ["Hello", "world."]
    assert all(float(start) < float(end) for start, end, _ in words)
    assert any(line.startswith("done ") for line in lines)
    assert Path(lines[-1]).read_text().endswith("Hello world.\n")


def test_javascript(server: str, folder: Path) -> None:
    (folder / "node_modules").symlink_to(ROOT / "tests" / "node" / "node_modules")
    (folder / "talk.mjs").write_text(snippet("javascript", DOCS["api"]).replace(ADDRESS, server))
    assert run(["node", "talk.mjs"], folder).splitlines()[-1] == "Hello world."


def test_curl(server: str, folder: Path) -> None:
    lines = snippet("curl", DOCS["api"]).replace(ADDRESS, server).strip().splitlines()
    answers = [run(["sh", "-c", line], folder) for line in lines]
    transcribe, subtitles, events, languages, health, ready, metrics = answers
    assert json.loads(transcribe)["text"] == "Hello world."
    assert subtitles.endswith("Hello world.\n") and "-->" in subtitles
    assert "event: update" in events and "event: result" in events
    assert {"code": "en", "name": "English", "native": "English"}.items() <= json.loads(languages)[0].items()
    assert json.loads(health)["status"] == "ok"
    assert json.loads(ready) == {"status": "ready"}
    assert "wordlight_ready 1.0" in metrics


def test_live(server: str, folder: Path) -> None:
    """The same sentence as samples, without a pause before the end."""
    code = snippet("live", DOCS["live"]).replace(ADDRESS.replace("http", "ws"), server.replace("http", "ws"))
    ffmpeg("-i", folder / "talk.wav", "-f", "s16le", "-ac", "1", "-ar", "16000", folder / "talk.raw")
    with (folder / "talk.raw").open("rb") as sound:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, stdin=sound, capture_output=True, text=True, check=True)
    segment, end = done.stdout.splitlines()
    assert segment.split(" ", 1)[1] == "Hello world." and end.startswith("done ")


def test_openai(server: str, folder: Path) -> None:
    printed = run([sys.executable, "-c", snippet("openai", DOCS["api"]).replace(ADDRESS, server)], folder)
    assert [line.split(" ", 2)[2] for line in printed.splitlines()] == ["Hello", "world."]


def test_whisperx(server: str, folder: Path) -> None:
    code = snippet("whisperx", DOCS["whisperx"])
    (fetch,) = re.findall(r"# (curl .*)", code)
    run(["sh", "-c", fetch.replace(ADDRESS, server)], folder)
    run([sys.executable, "-c", code], folder)
    assert (folder / "talk.srt").read_text().strip().endswith("Hello world.")


def test_command_line(folder: Path) -> None:
    run(["sh", "-c", snippet("cli", DOCS["cli"])], folder)
    assert (folder / "talk.srt").read_text().endswith("Hello world.\n")


@pytest.mark.parametrize("text", [README, DOCS["api"]], ids=["README", "api"])
def test_library(folder: Path, text: str) -> None:
    printed = run([sys.executable, "-c", snippet("library", text)], folder)
    assert printed.splitlines()[0] == "Hello world."


def test_the_snippets_of_the_first_page(server: str, folder: Path) -> None:
    for name in ("gradio_client", "openai"):
        printed = run([sys.executable, "-c", snippet(name).replace(ADDRESS, server)], folder)
        # gradio's client begins with a line of its own.
        assert [line for line in printed.splitlines() if "Loaded as API" not in line] == ["Hello world."]
    lines = snippet("curl").replace(ADDRESS, server).strip().splitlines()
    transcribe, subtitles, events = (run(["sh", "-c", line], folder) for line in lines)
    assert json.loads(transcribe)["text"] == "Hello world."
    assert subtitles.endswith("Hello world.\n") and "event: result" in events
    assert snippet("cli") == snippet("cli", DOCS["cli"])


def test_the_first_page_is_short() -> None:
    assert len(README.splitlines()) <= 180


@pytest.mark.parametrize("page", ["README", *DOCS])
def test_every_link_leads_to_a_file(page: str) -> None:
    text, folder = (README, ROOT) if page == "README" else (DOCS[page], ROOT / "docs")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if "://" not in target:
            assert (folder / target).is_file(), target


def test_the_picture_is_there() -> None:
    for picture in re.findall(r"!\[[^]]*]\(([^)]+)\)", README):
        assert (ROOT / picture).stat().st_size > 10_000
