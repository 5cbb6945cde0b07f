"""Many recordings on the command line: transcribed once, gone on with after a kill, reported."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.media_files import ffmpeg
from tests.support.recordings import ROOT, clip


def command(folder: Path, out: Path, *more: str, room: str = "engine") -> list[str]:
    words = [sys.executable, "-m", room, "batch", str(folder), "--out", str(out), "--language", "en", *more]
    return words


def run(*arguments: object, **named: str) -> subprocess.CompletedProcess[str]:
    words = command(*arguments, **named)  # type: ignore[arg-type]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=200)


@pytest.fixture
def folder(tmp_path: Path, talk_file: Path) -> Path:
    """Two recordings, one of them below, one that is none, and files of other kinds."""
    folder = tmp_path / "talks"
    (folder / "more").mkdir(parents=True)
    shutil.copy(clip("en/quick_brown_fox"), folder / "fox.wav")
    ffmpeg("-t", "22", "-i", talk_file, folder / "more" / "talk.flac")
    (folder / "broken.mp3").write_bytes(b"nothing")
    (folder / "notes.txt").write_text("notes")
    (folder / ".hidden.wav").write_bytes(b"nothing")
    return folder


def test_a_folder_is_transcribed_and_what_is_done_is_not_done_again(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    # Killed in the middle: once the talk has its first window, or all of it.
    first = subprocess.Popen(command(folder, out), cwd=ROOT, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while not (out / "fox.json").exists() and first.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.1)
    first.kill()
    first.wait()
    fox = (out / "fox.json").stat().st_mtime_ns

    second = run(folder, out)
    assert second.returncode == 1, second.stderr
    assert "broken.mp3: This file is not audio" in second.stderr and "1 failed" in second.stderr
    assert sorted(str(entry.relative_to(out)) for entry in out.rglob("*.json")) == [
        "fox.json",
        "more/talk.json",
    ]
    assert (out / "fox.json").stat().st_mtime_ns == fox
    assert "fox" in json.loads((out / "fox.json").read_text())["text"].lower()
    assert json.loads((out / "more" / "talk.json").read_text())["duration"] == pytest.approx(22, abs=0.1)

    (folder / "broken.mp3").unlink()
    third = run(folder, out, room="jobs")
    assert third.returncode == 0 and "0 transcribed" in third.stderr and "2 done before" in third.stderr


def test_a_folder_that_is_not_there_or_has_no_recording_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path / "none", tmp_path / "out").returncode == 2
    assert "no recordings" in run(tmp_path, tmp_path / "out").stderr
