"""A head without models: it gives the same answers as an engine, through the ends of replicas."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from deploy.cluster.failover import MAX_LOSSES
from deploy.cluster.remote_engine import RemoteEngine
from deploy.cluster.transcriber import Transcriber
from engine import Config, Options, Transcript, Update
from engine.errors import NotMedia, NotReady, ShuttingDown, WordlightError
from engine.text_alignment.text_formats import read_text
from tests.support.recordings import RATE
from tests.support.replica_threads import ReplicaThreads
from tests.support.waiting import eventually

ENGLISH = Options(language="en")


@pytest.fixture(scope="module")
def transcriber(tmp_path_factory: pytest.TempPathFactory) -> Transcriber:
    """One window at a time, so that each has a checkpoint."""
    config = replace(
        Config.from_env(),
        offline=True,
        batch_size=1,
        temp_dir=tmp_path_factory.mktemp("replica"),
        align_languages=(),
    )
    return Transcriber(config, cores=1, capacity=2, fetch=bytes)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.cluster.failover.PAUSE_SECONDS", 0.0)


@pytest.fixture
def replicas(transcriber: Transcriber) -> ReplicaThreads:
    return ReplicaThreads(transcriber)


@pytest.fixture
def head(replicas: ReplicaThreads) -> Iterator[RemoteEngine]:
    engine = RemoteEngine(replace(Config.from_env(), offline=True), replicas)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory, talk: np.ndarray) -> Path:
    """Some forty seconds, in three windows."""
    path = tmp_path_factory.mktemp("recording") / "talk.wav"
    pause = np.zeros(2 * RATE, np.float32)
    soundfile.write(path, np.concatenate([talk, pause, talk[: 12 * RATE]]), RATE)
    return path


@pytest.fixture(scope="module")
def undisturbed(transcriber: Transcriber, recording: Path) -> Transcript:
    engine = RemoteEngine(replace(Config.from_env(), offline=True), ReplicaThreads(transcriber))
    with closing(engine):
        return engine.transcribe(recording, ENGLISH)


def seen(transcript: Transcript | None) -> dict[str, Any]:
    assert transcript is not None
    return {name: value for name, value in transcript.to_dict().items() if name != "timings"}


def ids(updates: Sequence[Update]) -> list[int]:
    return [segment.id for update in updates for segment in update.segments]


def test_a_lost_replica_is_a_pause_and_no_more(
    head: RemoteEngine, replicas: ReplicaThreads, recording: Path, undisturbed: Transcript
) -> None:
    replicas.losses = [1, 0, 1, None]
    updates = list(head.stream(recording, ENGLISH))
    assert seen(updates[-1].transcript) == seen(undisturbed)
    assert [len(request.resume) for request in replicas.requests] == [0, 1, 1, 2]
    # Every segment comes once and in order, no window is decoded twice, and the time never goes back.
    assert ids(updates) == [segment.id for segment in undisturbed.segments]
    stats = head.stats()
    assert stats is not None and stats.windows == sum(
        len(update.checkpoint.windows) for update in updates if update.checkpoint
    )
    done = [update.seconds_done for update in updates]
    assert done == sorted(done)


def test_an_alignment_begins_again_and_shows_nothing_twice(
    head: RemoteEngine, replicas: ReplicaThreads, recording: Path, undisturbed: Transcript
) -> None:
    text = read_text(undisturbed.text)
    whole = list(head.stream_alignment(recording, text, ENGLISH))
    replicas.losses = [0]
    again = list(head.stream_alignment(recording, text, ENGLISH))
    assert seen(again[-1].transcript) == seen(whole[-1].transcript)
    assert ids(again) == ids(whole) != []


def test_a_recording_that_ends_every_replica_is_given_up(
    head: RemoteEngine, replicas: ReplicaThreads, recording: Path
) -> None:
    replicas.losses = [1] + [0] * MAX_LOSSES
    with pytest.raises(WordlightError, match=f"{MAX_LOSSES} servers in a row"):
        head.transcribe(recording, ENGLISH)
    assert len(replicas.requests) == MAX_LOSSES  # the first of them finished a window and ended after that


def test_a_reading_that_is_ended_from_outside_begins_again(
    recording: Path, undisturbed: Transcript, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a replica dies and its ffmpeg ends first: the replica can still tell so."""
    script = tmp_path / "ffmpeg"
    script.write_text(
        f"#!/bin/sh\n[ -e {tmp_path}/killed ] || {{ touch {tmp_path}/killed; kill -KILL $$; }}\n"
    )
    with script.open("a") as file:
        file.write(f'exec {shutil.which("ffmpeg")} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    # Within the fence, the script could not send the signal.
    config = replace(
        Config.from_env(),
        offline=True,
        batch_size=1,
        temp_dir=tmp_path / "replica",
        fence="off",
        align_languages=(),
    )
    replicas = ReplicaThreads(Transcriber(config, cores=1, capacity=2, fetch=bytes))
    with closing(RemoteEngine(replace(Config.from_env(), offline=True, fence="off"), replicas)) as head:
        updates = list(head.stream(recording, ENGLISH))
    assert (tmp_path / "killed").exists() and len(replicas.requests) == 2
    assert seen(updates[-1].transcript) == seen(undisturbed)
    assert ids(updates) == [segment.id for segment in undisturbed.segments]


def test_replicas_that_do_not_see_the_file_get_its_content(
    head: RemoteEngine, replicas: ReplicaThreads, speech: Path
) -> None:
    replicas.sees_files = False
    first = head.transcribe(speech, ENGLISH)
    assert [request.recording.content is not None for request in replicas.requests] == [False, True]
    assert seen(head.transcribe(speech, ENGLISH)) == seen(first)
    assert replicas.requests[2].recording.content is not None  # the next one is sent at once


def test_the_caller_gets_the_samples_that_it_asks_for(head: RemoteEngine, speech: Path) -> None:
    blocks: list[np.ndarray] = []
    for update in head.stream(speech, ENGLISH, tap=blocks.append):
        if update.transcript is not None:
            assert sum(map(len, blocks)) == len(soundfile.read(speech)[0])  # all, before the transcript


def test_errors_of_a_replica_keep_their_class(head: RemoteEngine, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no recording")
    with pytest.raises(NotMedia) as caught:
        head.transcribe(tmp_path / "notes.txt")
    assert caught.value.hint and caught.value.status == 415


def test_a_head_tells_what_its_replicas_are(head: RemoteEngine) -> None:
    with pytest.raises(NotReady):
        head.models()
    assert eventually(lambda: head.status == "ok")
    health = head.health()
    assert health["status"] == "ok" and health["device"] == "cpu" and health["replicas"] == 1
    assert health["models"] and head.models()[0] == health["model"]
    assert {"code": "en", "name": "English"}.items() <= head.languages()[0].items()
    assert head.installation is None


def test_stop_ends_the_work_of_the_replica(
    head: RemoteEngine, replicas: ReplicaThreads, recording: Path
) -> None:
    stop = threading.Event()
    with closing(head.stream(recording, ENGLISH, stop)) as updates:
        for update in updates:
            if update.stage == "transcribing":
                stop.set()
                break
        assert next(updates).transcript is None
    assert replicas.cancelled.wait(10)


def test_closing_ends_what_runs(head: RemoteEngine, recording: Path) -> None:
    updates = head.stream(recording, ENGLISH)
    assert next(update for update in updates if update.stage != "loading")
    head.close()
    with pytest.raises(ShuttingDown):
        list(updates)
    with pytest.raises(ShuttingDown):
        head.transcribe(recording, ENGLISH)


def test_who_speaks_in_a_stretch_is_found_by_a_replica(head: RemoteEngine, talk: np.ndarray) -> None:
    turns = head.turns([talk[: 20 * RATE]], 2, threading.Event())
    assert len({turn.speaker for turn in turns}) == 2
