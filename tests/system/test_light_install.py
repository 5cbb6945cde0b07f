"""The light set: its list of packages, and the whole app without any other package.

The app and the command line run in processes for which every package outside of requirements-cpu.txt is hidden.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest
import srt

from engine import Transcript
from engine.export.writers import WRITERS
from page.components import PLOTLY
from tests.support.app import App, serve
from tests.support.job_client import JobClient
from tests.support.light_set import FULL, LIGHT, LOCK, hide_packages, light_requirements, pins
from tests.support.page_session import PageSession
from tests.support.recordings import ROOT
from tests.support.word_documents import text_of

HOW_TO_GET = "make run FULL=1"
HEAVY = ("torch", "torchaudio", "transformers", "whisperx", "pyannote.audio", "scipy", "av", "imageio_ffmpeg")


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Variables for a process that has the light set's packages alone."""
    return hide_packages(tmp_path_factory.mktemp("hidden"), pins(LIGHT, FULL[1]))


@pytest.fixture(scope="module")
def light_app(tmp_path_factory: pytest.TempPathFactory, hidden: Mapping[str, str]) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("light")
    for url in serve(folder, **hidden):
        yield App(url, folder)


@pytest.fixture(scope="module")
def page_session(light_app: App) -> PageSession:
    return PageSession(light_app.url)


def run(hidden: Mapping[str, str], *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=os.environ | hidden | settings, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip


# The list


def test_the_list_holds_what_the_app_needs_at_the_lock_s_versions_and_no_more() -> None:
    assert LIGHT.read_text() == light_requirements(), (
        "python -m tests.support.light_set > requirements-cpu.txt; "
        "a package that the app runs without goes into LEFT_OUT of tests/support/light_set.py"
    )


def test_the_lock_has_every_package_of_the_list() -> None:
    locked = pins(LOCK)
    assert [line for name, line in pins(LIGHT).items() if locked[name] != line] == []


def test_packages_that_are_hidden_cannot_be_imported(hidden: Mapping[str, str]) -> None:
    code = f"import importlib.util as u\nfor name in {HEAVY}:\n try: print(name, u.find_spec(name))\n"
    code += " except ModuleNotFoundError: print(name, None)"
    assert run(hidden, "-c", code).stdout.splitlines() == [f"{name} None" for name in HEAVY]


# HTTP


def test_a_recording_gets_its_language_and_word_times(light_app: App, speech: Path) -> None:
    data = light_app.post(file=speech.read_bytes()).json()
    assert (data["language"], data["aligner"], data["warnings"]) == ("en", "phonetic", [])
    assert "quick brown fox" in data["text"].lower()
    assert {word["timing"] for word in data["word_segments"]} == {"aligned"}
    assert Transcript.from_dict(data).to_dict() == data


def test_every_format_comes_of_one_job(light_app: App, speech: Path) -> None:
    with JobClient(light_app.url) as client:
        job = client.new(speech.read_bytes(), language="en", speakers="1")
        assert client.events(job)[-1].name == "done"
        for format in WRITERS:
            answer = client.result(job, response_format=format)
            assert answer.status_code == 200, answer.text
            text = text_of(answer.content) if format == "docx" else answer.text
            assert ("speaker" if format == "rttm" else "fox") in text.lower()


def test_speakers_are_told_apart_in_a_stream(light_app: App, talk_file: Path) -> None:
    form = {"language": "en", "speakers": "2", "stream": "true", "vad": "silero"}
    with (
        talk_file.open("rb") as file,
        httpx.stream(
            "POST", f"{light_app.url}/transcribe", files={"file": file}, data=form, timeout=240
        ) as answer,
    ):
        lines = [line for line in answer.iter_lines() if line.startswith(("event: ", "data: "))]
    names = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    assert names[0] == "update" and names[-1] == "result"
    result = json.loads(lines[-1].removeprefix("data: "))
    assert result["warnings"] == []
    assert len({segment["speaker"] for segment in result["segments"]}) == 2


def test_an_aligner_that_is_missing_says_how_to_get_it(light_app: App, speech: Path) -> None:
    data = light_app.post(file=speech.read_bytes(), language="en", aligner="wav2vec2").json()
    (warning,) = data["warnings"]
    assert "not by wav2vec2" in warning and "torch" in warning and HOW_TO_GET in warning
    assert data["aligner"] == "phonetic"


def test_health_names_what_is_here(light_app: App) -> None:
    health = httpx.get(f"{light_app.url}/health").json()
    assert health["aligners"]["available"] == ["phonetic", "attention"]
    assert "torch" not in health["versions"] and "ctranslate2" in health["versions"]
    languages = httpx.get(f"{light_app.url}/languages").json()
    assert {language["aligner"] for language in languages} == {"phonetic", "attention"}


# The page


def test_the_page_transcribes(page_session: PageSession, speech: Path) -> None:
    (path,) = page_session.upload("talk.wav", speech.read_bytes()).json()
    answer = page_session.transcribe(path)
    assert answer["state"] == "done", answer
    words = [word["word"] for segment in answer["message"]["segments"] for word in segment["words"]]
    assert "fox" in words


def test_the_page_offers_no_aligner_that_is_missing_and_says_how_to_get_it(light_app: App) -> None:
    config = httpx.get(f"{light_app.url}/config").json()
    parts = {part["props"].get("elem_id"): part["props"] for part in config["components"]}
    aligner = parts["option-aligner"]
    assert [value for _, value in aligner["choices"]] == ["auto", "phonetic", "attention"]
    assert "option_aligner_light_info" in json.dumps(aligner["info"])


def test_the_timeline_s_plotly_is_served(light_app: App) -> None:
    script = httpx.get(f"{light_app.url}/gradio_api/file={PLOTLY}")
    assert script.status_code == 200 and b"plotly.js" in script.content[:200]


# The command line


def test_the_command_line_transcribes_and_says_how_to_get_what_is_missing(
    hidden: Mapping[str, str], talk_file: Path
) -> None:
    words = ("-m", "engine", str(talk_file), "--speakers", "2", "--aligner", "wav2vec2", "--format", "srt")
    done = run(hidden, *words, WORDLIGHT_DIARIZATION="pyannote")
    assert done.returncode == 0, done.stderr
    assert len(list(srt.parse(done.stdout))) > 3
    aligner, diarizer = sorted(line for line in done.stderr.splitlines() if line.startswith("warning: "))
    assert "not by wav2vec2" in diarizer and HOW_TO_GET in diarizer
    assert "not by pyannote" in aligner and HOW_TO_GET in aligner


def test_download_fetches_no_aligner_that_could_not_run(hidden: Mapping[str, str], tmp_path: Path) -> None:
    offline = {"WORDLIGHT_OFFLINE": "1", "HF_HUB_CACHE": str(tmp_path)}
    asked = run(hidden, "-m", "engine", "download", "--model", "base", "--aligner-language", "de", **offline)
    assert asked.returncode == 1 and HOW_TO_GET in asked.stderr and "Traceback" not in asked.stderr
    default = run(hidden, "-m", "engine", "download", "--model", "base", **offline)
    assert default.returncode == 0 and default.stdout.startswith("base: "), default.stderr
