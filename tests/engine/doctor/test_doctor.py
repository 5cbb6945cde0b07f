"""The command `doctor` on whole and on broken installations: each fault is found and explained."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any

import pytest

from engine.config import Config
from engine.doctor import models, versions
from engine.doctor.check import Check, Installed
from engine.doctor.hub_connection import HubConnection
from engine.doctor.media import checks as media_checks
from engine.doctor.models import checks as model_checks
from engine.weights.licences import licence_of_aligner
from engine.weights.pins import COMMITS
from engine.weights.wav2vec2_models import WAV2VEC2_MODELS
from tests.support.recordings import ROOT

MIB = 1024 * 1024
TINY = "Systran/faster-whisper-tiny"
SOUND = (
    "Python",
    "packages",
    "device",
    "ffmpeg",
    "Whisper base",
    "network campplus",
    "folder of jobs",
    "database",
)


def doctor(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs the command as a person does, with folders of its own and without the hub."""
    ours = {"WORDLIGHT_TEMP_DIR": str(folder / "temp"), "WORDLIGHT_OFFLINE": "1"}
    return subprocess.run(
        [sys.executable, "-m", "engine", "doctor", *arguments],
        cwd=ROOT,
        env=os.environ | ours | env,
        capture_output=True,
        text=True,
        timeout=240,
    )


def report(folder: Path, **env: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Returns the exit code and the checks by their subjects."""
    done = doctor(folder, "--json", **env)
    assert done.stdout.startswith("{"), done.stderr
    return done.returncode, {check["subject"]: check for check in json.loads(done.stdout)["checks"]}


def test_a_whole_installation_is_told_so(tmp_path: Path) -> None:
    _, checks = report(tmp_path, WORDLIGHT_ALIGN_LANGUAGES="none")
    assert {subject: checks[subject]["state"] for subject in SOUND} == dict.fromkeys(SOUND, "ok")
    base = checks["Whisper base"]
    assert base["details"]["source"] == "package" and base["details"]["licence"] == "MIT"
    assert base["details"]["sha256"] == "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
    assert all(check["found"] and (check["advice"] or check["state"] != "error") for check in checks.values())


def test_a_missing_ffmpeg_is_found(tmp_path: Path) -> None:
    blocked = tmp_path / "imageio_ffmpeg"
    blocked.mkdir()
    (blocked / "__init__.py").write_text("raise ImportError('not here')")
    code, checks = report(tmp_path, PATH="/nowhere", PYTHONPATH=str(tmp_path))
    assert code == 1 and checks["ffmpeg"]["state"] == "error"
    assert "not installed" in checks["ffmpeg"]["found"] and "apt install ffmpeg" in checks["ffmpeg"]["advice"]


def test_an_ffmpeg_without_codecs_is_found(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'ffmpeg version 0.1 Copyright'\necho ' D  wav  WAV'\n")
    program.chmod(0o755)
    _, checks = report(tmp_path, PATH=f"{program.parent}:/usr/bin:/bin")
    found = checks["ffmpeg"]
    assert found["state"] == "warning" and "decoder aac" in found["found"] and "0.1" in found["found"]
    assert "container wav" not in found["details"]["missing"]


def test_a_fence_with_a_gap_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def fence(setting: str) -> Check:
        installed = Installed(Config(fence=setting, offline=True))
        return next(check for check in media_checks(installed) if check.subject == "fence of ffmpeg")

    off = fence("off")
    assert off.state == "warning" and "without a fence" in off.found
    monkeypatch.setattr("engine.media.landlock.version", lambda: 0)
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:/nowhere")  # a fence is built once for each environment
    for setting, state in (("auto", "warning"), ("require", "error")):
        found = fence(setting)
        assert found.state == state and "no Landlock" in found.found and found.advice
        assert found.details["files"] is False


def test_weights_that_are_cut_off_are_found_by_loading_them(tmp_path: Path) -> None:
    whole = Path.home() / ".cache" / "wordlight"
    (model,) = (models.find_whisper("base", Config(cache_dir=whole, offline=True)).path,)
    folder = tmp_path / "models" / "base"
    shutil.copytree(model, folder)
    with (folder / "model.bin").open("r+b") as file:
        file.truncate(10 * MIB)
    code, checks = report(tmp_path, WORDLIGHT_MODEL_DIR=str(tmp_path / "models"))
    found = checks["Whisper base"]
    assert code == 1 and found["state"] == "error" and "damaged" in found["found"]
    assert str(folder) in found["advice"]


@pytest.fixture
def cached(tmp_path: Path) -> tuple[Path, Path]:
    """A hub's cache with a model, and the file of its weights."""
    repo = tmp_path / f"models--{TINY.replace('/', '--')}"
    snapshot = repo / "snapshots" / COMMITS[TINY]
    (repo / "blobs").mkdir(parents=True)
    snapshot.mkdir(parents=True)
    weights = b"weights" * 1000
    for name, content, blob in (
        ("model.bin", weights, sha256(weights).hexdigest()),
        ("config.json", b"{}", sha1(b"blob 2\0{}").hexdigest()),
    ):
        (repo / "blobs" / blob).write_bytes(content)
        (snapshot / name).symlink_to(repo / "blobs" / blob)
    return tmp_path, (snapshot / "model.bin").resolve()


def whisper(hub: Path) -> Check:
    config = Config(model="tiny", hub_cache=hub, offline=True, align_languages=())
    return next(check for check in model_checks(Installed(config)) if check.subject == "Whisper tiny")


def test_one_changed_bit_in_the_hub_s_cache_is_found(cached: tuple[Path, Path]) -> None:
    hub, weights = cached
    whole = whisper(hub)
    assert whole.state == "ok" and "verified" in whole.found and whole.details["commit"] == COMMITS[TINY]
    content = bytearray(weights.read_bytes())
    content[5] ^= 1
    weights.write_bytes(content)
    damaged = whisper(hub)
    assert damaged.state == "error" and "model.bin" in damaged.found and "download" in damaged.advice


def test_a_changed_network_of_ours_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in models.SHIPPED_NETWORKS:
        (tmp_path / name).write_bytes(b"else")
    monkeypatch.setattr(models, "FOLDER", tmp_path)
    found = [c for c in model_checks(Installed(Config(offline=True))) if c.subject.startswith("network")]
    assert len(found) == len(models.SHIPPED_NETWORKS)
    assert all(check.state == "error" and "git checkout" in check.advice for check in found)


def test_a_missing_model_is_an_error_only_if_it_cannot_be_fetched(tmp_path: Path) -> None:
    config = Config(model="small", hub_cache=tmp_path, align_languages=())
    states = {}
    for failure in ("", "ConnectionError"):
        installed = Installed(config)
        installed.__dict__["hub"] = HubConnection(address="https://hub.example", failure=failure)
        check = next(check for check in model_checks(installed) if check.subject == "Whisper small")
        states[failure] = check.state
        assert "download" in check.advice
    offline = next(iter(model_checks(Installed(replace(config, offline=True)))))
    assert states == {"": "warning", "ConnectionError": "error"} and offline.state == "error"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A full file system of 4 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("a file system cannot be mounted here")
    with (folder / "ballast").open("wb", buffering=0) as file, pytest.raises(OSError):
        while True:
            file.write(bytes(65536))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_found(disk: Path) -> None:
    code, checks = report(disk)
    assert code == 1
    for subject, setting in (
        ("folder of uploads", "WORDLIGHT_TEMP_DIR"),
        ("folder of jobs", "WORDLIGHT_DATA_DIR"),
    ):
        found = checks[subject]
        assert found["state"] == "error" and "full" in found["found"] and setting in found["advice"]


def test_wrong_versions_are_found(tmp_path: Path) -> None:
    for name, version in (("ctranslate2", "3.0.0"), ("certifi", "1.0")):
        info = tmp_path / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    code, checks = report(tmp_path, PYTHONPATH=str(tmp_path))
    direct, further = checks["packages"], checks["further packages"]
    assert code == 1 and direct["state"] == "error"
    pinned = versions.pins(ROOT / "requirements.txt")["ctranslate2"]
    assert direct["details"]["wrong"] == [f"ctranslate2 3.0.0 (tested: {pinned})"]
    assert "pip install -r requirements.txt" in direct["advice"]
    assert further["state"] == "warning" and "certifi 1.0" in further["found"]


def test_a_wrong_setting_is_explained_in_the_table(tmp_path: Path) -> None:
    done = doctor(tmp_path, WORDLIGHT_BATCH_SIZE="many")
    assert done.returncode == 1
    assert "WORDLIGHT_BATCH_SIZE" in done.stdout and "Something is broken" in done.stdout


def test_the_licences_are_those_of_the_docs() -> None:
    text = (ROOT / "docs" / "licences.md").read_text()
    for repo in WAV2VEC2_MODELS.values():
        licence = licence_of_aligner(repo)
        known = licence != "see it on the hub"
        family = repo.split("/")[0]
        assert (family in text) == known and (not known or licence in text), repo
