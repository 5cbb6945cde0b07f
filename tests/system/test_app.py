"""The app as it is started: what reaches gradio, and what is gone from the disk by then."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from server.data_folder import DataFolder
from tests.support.app import launch, wait_until_ready
from tests.support.raw_http import upload
from tests.support.recordings import ROOT

# Stands where gradio would open its port and, for a public link, go to the net.
START = """
import os, runpy, time
import gradio

def launch(self, **settings):
    for _ in range(300):  # the sweep has a thread of its own
        left = sorted(name for *_, files in os.walk(os.environ["WORDLIGHT_TEMP_DIR"]) for name in files)
        # The jobs have a database in that folder, and a file for the running worker.
        left = [name for name in left if not name.startswith((".", "jobs.sqlite3", "worker-"))]
        if left == ["foreign.wav", "talk.wav", "young.wav"]:
            break
        time.sleep(0.1)
    print(settings["share"], left)
    os._exit(0)

gradio.Blocks.launch = launch
runpy.run_path("app.py", run_name="__main__")
"""


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A folder as an earlier run of the app has left it: files of yesterday, a fresh one, and others' files."""
    DataFolder.claim(tmp_path).close()
    yesterday = time.time() - 86_400
    young = "wordlight-data/uploads/upload-young/young.wav"
    for name in (
        "wordlight-data/uploads/upload-old/old.wav",
        "wordlight-data/transcripts/aaaaaaaaaaaaaaaa.json",
        "wordlight-data/processes/1-00000000/upload-x/recording",
        "upload-x/talk.wav",
        "foreign.wav",
        young,
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"sound")
        if name != young:
            os.utime(path, (yesterday, yesterday))
            os.utime(path.parent, (yesterday, yesterday))
    return tmp_path


@pytest.mark.parametrize(("flags", "share"), [(["--share"], "True"), ([], "None")])
def test_share_is_gradio_s_to_make_and_what_was_left_is_gone(
    used: Path, flags: list[str], share: str
) -> None:
    env = os.environ | {"WORDLIGHT_TEMP_DIR": str(used), "PYTHONUNBUFFERED": "1"}
    env.pop("GRADIO_TEMP_DIR", None)
    started = subprocess.run(
        [sys.executable, "-c", START, *flags], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert started.stdout.splitlines()[-1] == f"{share} ['foreign.wav', 'talk.wav', 'young.wav']"


def test_the_page_waits_for_no_model_s_library() -> None:
    code = "import sys, gradio, server, page.gradio_api, page.handlers; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"torch", "ctranslate2", "faster_whisper", "whisperx", "transformers"} & set(
        done.stdout.split()
    )


def test_a_recording_at_work_comes_to_its_end_where_the_app_is_told_to_end(
    tmp_path: Path, speech: Path
) -> None:
    with launch(tmp_path) as (url, process):
        wait_until_ready(url, process, tmp_path / "server.log")
        with httpx.stream(
            "POST", f"{url}/transcribe", files=upload(speech), data={"stream": "true"}, timeout=240
        ) as answer:
            lines = answer.iter_lines()
            next(lines)  # it has its place
            process.terminate()
            assert "lazy dog" in "".join(lines)
        assert process.wait(60) == 0
