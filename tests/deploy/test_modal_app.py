"""The Modal app: its settings are known and are those of its page in docs/; it answers by `.local()`."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import modal
import pytest
from gradio_client import Client, handle_file

from deploy import modal_app
from deploy.image import IGNORED
from engine.config import Config, settings
from engine.text.setting_values import variable_of
from engine.weights.locate import WHISPER_REPOS
from engine.weights.pins import COMMITS
from engine.weights.wav2vec2_models import PICKLED_WEIGHTS, WAV2VEC2_MODELS
from server.data_folder import NAME, uploads_folder
from tests.support.app import launch, wait_until_ready
from tests.support.job_client import JobClient
from tests.support.recordings import ROOT

DOCS = (ROOT / "docs" / "deploy-modal.md").read_text("utf-8")


def test_every_setting_is_one_of_ours_and_takes_its_value() -> None:
    assert set(modal_app.SETTINGS) <= {variable for variable, _, _ in settings()}
    config = Config.from_env(modal_app.SETTINGS)
    assert config.device == "cuda"
    assert config.hub_cache == Path("/models/hf_cache")
    assert config.cache_dir == Path("/models/joined")
    assert config.temp_dir == config.jobs_dir == Path("/data")
    assert config.max_requests == modal_app.MAX_REQUESTS
    assert config.shutdown_seconds < 30, "Modal kills a container after that"


def test_the_secret_may_hold_every_secret_setting() -> None:
    secret = {variable_of(field) for field in fields(Config) if not field.repr}
    assert set(modal_app.SECRET_SETTINGS) == secret


def test_modal_has_what_the_service_asks_for() -> None:
    service = modal_app.SERVICE
    assert service["gpu"] == "A10G"
    assert service["enable_memory_snapshot"] is True
    assert (service["scaledown_window"], service["min_containers"], service["max_containers"]) == (120, 0, 1)
    assert modal_app.MAX_INPUTS > modal_app.MAX_REQUESTS, "else the app cannot refuse a request by itself"
    assert {path: volume.name for path, volume in service["volumes"].items()} == {
        "/models": "wordlight-models",
        "/data": "wordlight-data",
    }


def test_the_document_names_the_values_of_the_service() -> None:
    part = DOCS.partition("## The neighbour")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", part, re.MULTILINE))
    plain = {name: value for name, value in modal_app.SERVICE.items() if isinstance(value, str | int | float)}
    expected: dict[str, Any] = plain | {"max_inputs": modal_app.MAX_INPUTS} | modal_app.SETTINGS
    assert rows == {name: str(value) for name, value in expected.items()}
    assert all(f"`{name}`" in part for name in modal_app.SECRET_SETTINGS)


def test_the_container_gets_all_files_but_those_for_tests() -> None:
    ignored = modal.FilePatternMatcher(*IGNORED)
    rooms = ("assets", "deploy", "engine", "jobs", "page", "server")
    files = [path.relative_to(ROOT) for room in rooms for path in (ROOT / room).rglob("*") if path.is_file()]
    needed = [path for path in files if "__pycache__" not in path.parts]
    assert len({path.parts[0] for path in needed}) == len(rooms)
    assert [path for path in (Path("app.py"), *needed) if ignored(path)] == []
    unneeded = (".git/config", ".venv/bin/python", "tests/conftest.py", "engine/__pycache__/config.pyc")
    assert all(ignored(Path(name)) for name in unneeded)


def test_the_download_puts_models_into_the_volume_of_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = tmp_path / Path(modal_app.SETTINGS["HF_HUB_CACHE"]).relative_to(modal_app.MODELS)
    turbo, aligner = WHISPER_REPOS["large-v3-turbo"], WAV2VEC2_MODELS["ja"]
    there = {}
    for repo, weights in ((turbo, "model.bin"), (aligner, PICKLED_WEIGHTS[0])):
        there[repo] = cache / f"models--{repo.replace('/', '--')}" / "snapshots" / COMMITS[repo]
        there[repo].mkdir(parents=True)
        (there[repo] / weights).touch()
    monkeypatch.setenv("HF_HUB_CACHE", str(cache))
    monkeypatch.setenv("WORDLIGHT_OFFLINE", "true")
    with pytest.warns(UserWarning, match="executing locally"):
        modal_app.download.local(languages="ja")
    fetched = [f"large-v3-turbo: {there[turbo]}", f"{aligner}: {there[aligner]}"]
    assert capsys.readouterr().out.splitlines() == fetched


def test_the_service_transcribes_and_stays_for_its_jobs(tmp_path: Path, speech: Path) -> None:
    there = {"/models": str(tmp_path / "models"), "/data": str(tmp_path / "temp")}
    here = {name: _moved(value, there) for name, value in modal_app.SETTINGS.items()}
    here |= {"WORDLIGHT_DEVICE": "cpu", "WORDLIGHT_OFFLINE": "true"}
    with launch(tmp_path, ("-m", "tests.support.modal_service"), **here) as (url, process):
        wait_until_ready(url, process, tmp_path / "server.log")
        content = speech.read_bytes()
        # The host is Modal's, and its proxy speaks https.
        host = {"Host": "someone--wordlight-wordlight-serve.modal.run"}
        answer = httpx.post(
            f"{url}/transcribe", files={"file": ("a.wav", content)}, headers=host, timeout=240
        )
        assert "quick brown fox" in answer.json()["text"].lower()
        assert "page-files/" in httpx.get(url, headers=host).text, "the page's own head"
        result = Client(url, verbose=False).predict(handle_file(speech), "en", api_name="/transcribe")
        assert "quick brown fox" in str(result).lower(), "gradio's queue runs"
        with JobClient(url) as client:
            job = client.new(content)
        process.terminate()
        assert process.wait(timeout=120) == 0
    database = sqlite3.connect(tmp_path / "temp" / "wordlight-jobs" / "jobs.sqlite3")
    assert database.execute("select id, state from jobs").fetchall() == [(job, "done")]
    assert list((tmp_path / "temp" / NAME / "processes").iterdir()) == [], "the app was closed"
    assert uploads_folder(tmp_path / "temp").is_dir()


def _moved(value: str, folders: dict[str, str]) -> str:
    """Returns a setting's value with a volume's path replaced."""
    for volume, folder in folders.items():
        if value == volume or value.startswith(f"{volume}/"):
            return folder + value.removeprefix(volume)
    return value
