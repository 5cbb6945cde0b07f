"""The replicas on a real Ray cluster: `make cluster-test`. Not part of `make test`, which does without Ray."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
import yaml
from ray.serve.schema import ServeDeploySchema

from deploy.cluster.cluster_size import ClusterSize
from deploy.cluster.messages import SentRecording, TranscriptionRequest
from deploy.cluster.remote_engine import RemoteEngine
from deploy.cluster.serve_replicas import ServeReplicas
from engine import Config, Options, Transcript
from engine.errors import NotMedia
from tests.support.page_session import PageSession
from tests.support.ray_cluster import cpu_seconds, joined, kill, replica_processes, run_replicas
from tests.support.recordings import RATE, ROOT, TALK, clip
from tests.support.waiting import eventually

ENGLISH = Options(language="en")
PORT = 17861


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """One replica of one core."""
    with joined():
        run_replicas(ClusterSize(cores=1))
        yield


@pytest.fixture
def head(cluster: None) -> Iterator[RemoteEngine]:
    engine = RemoteEngine(replace(Config.from_env(), offline=True), ServeReplicas())
    engine.start()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two minutes, in several windows."""
    samples = soundfile.read(TALK, dtype="float32")[0]
    path = tmp_path_factory.mktemp("ray") / "talk.wav"
    soundfile.write(path, np.tile(np.concatenate([samples, np.zeros(2 * RATE, np.float32)]), 4), RATE)
    return path


def seen(transcript: Transcript | None) -> dict[str, Any]:
    assert transcript is not None
    return {name: value for name, value in transcript.to_dict().items() if name != "timings"}


def test_the_manifest_of_kubernetes_is_a_config_of_this_ray() -> None:
    manifest = yaml.safe_load((ROOT / "deploy" / "kubernetes" / "replicas.yaml").read_text("utf-8"))
    config = ServeDeploySchema.model_validate(yaml.safe_load(manifest["spec"]["serveConfigV2"]))
    (found,) = config.applications
    module, _, name = found.import_path.partition(":")
    assert type(getattr(import_module(module), name)(found.args)).__name__ == "Application"


def test_a_killed_replica_is_a_pause_and_no_more(head: RemoteEngine, recording: Path) -> None:
    undisturbed = head.transcribe(recording, ENGLISH)
    (victim,) = replica_processes()
    updates = []
    for update in head.stream(recording, ENGLISH):
        updates.append(update)
        if update.checkpoint is not None and victim:
            kill(victim)
            victim = 0
    assert seen(updates[-1].transcript) == seen(undisturbed)
    shown = [segment.id for update in updates for segment in update.segments]
    assert shown == [segment.id for segment in undisturbed.segments]
    assert len(replica_processes()) == 1


def test_a_recording_is_sent_to_replicas_of_other_machines(head: RemoteEngine, tmp_path: Path) -> None:
    """The file is gone from its path when the replica gets it."""
    path = tmp_path / "talk.wav"
    path.write_bytes(clip("en/hello_world").read_bytes())
    replicas = ServeReplicas()
    parts = replicas.store(path)
    path.unlink()
    recording = SentRecording(str(path), 0, 0, parts)
    *_, last = replicas.transcribe(TranscriptionRequest(recording, ENGLISH), "base")
    assert last.transcript.text == "Hello world."  # type: ignore[union-attr]


def test_errors_keep_their_class(head: RemoteEngine, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no recording")
    with pytest.raises(NotMedia):
        head.transcribe(tmp_path / "notes.txt")


def test_the_doors_of_a_head_work_over_its_replicas(cluster: None, tmp_path: Path) -> None:
    variables = {
        "GRADIO_SERVER_PORT": str(PORT),
        "WORDLIGHT_TEMP_DIR": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    url = f"http://127.0.0.1:{PORT}"
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.ray_serve", "head"], cwd=ROOT, env=os.environ | variables
    )
    try:
        assert eventually(lambda: _is_ready(url), 120)
        with clip("en/hello_world").open("rb") as file:
            answer = httpx.post(f"{url}/transcribe", files={"file": file}, timeout=60).json()
        assert answer["text"] == "Hello world."
        with clip("en/hello_world").open("rb") as file:
            job = httpx.post(f"{url}/jobs", files={"file": file}, timeout=60).json()
        assert eventually(lambda: httpx.get(f"{url}/jobs/{job['id']}").json()["state"] == "done")
        page = PageSession(url)
        (path,) = page.upload("fox.wav", clip("en/quick_brown_fox").read_bytes()).json()
        answer = page.transcribe(path)
        assert answer["state"] == "done" and answer["message"]["segments"]
        health = httpx.get(f"{url}/health").json()
        assert health["status"] == "ok" and health["replicas"] == 1
        assert "wordlight_ready 1.0" in httpx.get(f"{url}/metrics").text
    finally:
        process.terminate()
        process.wait(30)


def test_a_folder_is_transcribed_by_the_cluster(cluster: None, tmp_path: Path) -> None:
    talks, out = tmp_path / "talks", tmp_path / "out"
    talks.mkdir()
    for name in ("hello_world", "quick_brown_fox"):
        (talks / f"{name}.wav").write_bytes(clip(f"en/{name}").read_bytes())
    command = [sys.executable, "-m", "engine", "batch", str(talks), "--out", str(out), "--format", "txt"]
    done = subprocess.run([*command, "--ray", "auto"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (out / "hello_world.txt").read_text().strip() == "Hello world."
    assert (out / "quick_brown_fox.txt").exists()


def test_a_recording_that_is_spread_has_the_same_transcript(head: RemoteEngine, recording: Path) -> None:
    """Two replicas work at it, and each of them is killed once."""
    alone = seen(head.transcribe(recording, ENGLISH))
    run_replicas(ClusterSize(min_replicas=2, max_replicas=2, cores=1, spread=2))
    replicas = replica_processes()
    before = [cpu_seconds(process) for process in replicas]
    assert seen(head.transcribe(recording, ENGLISH)) == alone
    used = [cpu_seconds(process) - start for process, start in zip(replicas, before, strict=True)]
    assert min(used) > max(used) / 5, used

    victims, updates = list(replicas), []
    for update in head.stream(recording, ENGLISH):
        updates.append(update)
        if update.checkpoint is not None and victims:
            kill(victims.pop())
    assert seen(updates[-1].transcript) == alone
    shown = [segment["id"] for segment in alone["segments"]]
    assert [segment.id for update in updates for segment in update.segments] == shown


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready").status_code == 200
    except httpx.HTTPError:
        return False
