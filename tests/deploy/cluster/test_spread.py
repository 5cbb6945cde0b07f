"""One recording on several replicas: the same transcript, and room for others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import aclosing, closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from deploy.cluster.messages import PortionRefusal, SentRecording, TranscriptionRequest
from deploy.cluster.remote_engine import RemoteEngine
from deploy.cluster.transcriber import Transcriber
from engine import Config, Options, Transcript
from engine.scheduling.portion import Portion
from engine.windows import SourceSpan, Window
from tests.support.recordings import RATE
from tests.support.replica_threads import OtherReplicaThreads, ReplicaThreads

CONFIG = replace(Config.from_env(), offline=True, batch_size=1, align_languages=())
ENGLISH = Options(language="en", model="base")


@pytest.fixture(scope="module")
def helper(tmp_path_factory: pytest.TempPathFactory) -> Transcriber:
    config = replace(CONFIG, temp_dir=tmp_path_factory.mktemp("helper"))
    return Transcriber(config, cores=1, capacity=2, fetch=bytes)


@pytest.fixture(scope="module")
def others(helper: Transcriber) -> OtherReplicaThreads:
    return OtherReplicaThreads(helper)


@pytest.fixture(scope="module")
def leader(others: OtherReplicaThreads, tmp_path_factory: pytest.TempPathFactory) -> Transcriber:
    """The replica that reads the recordings; the helper takes windows of them."""
    config = replace(CONFIG, temp_dir=tmp_path_factory.mktemp("leader"))
    return Transcriber(config, cores=1, capacity=2, fetch=bytes, others=others, spread=2)


@pytest.fixture
def replicas(leader: Transcriber, others: OtherReplicaThreads) -> ReplicaThreads:
    others.losses, others.replies = [], []
    others.cancelled.clear()
    return ReplicaThreads(leader)


@pytest.fixture
def head(replicas: ReplicaThreads) -> Iterator[RemoteEngine]:
    engine = RemoteEngine(CONFIG, replicas)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory, talk: np.ndarray) -> Path:
    """Three minutes, in some twelve windows of which no two hold the same sound."""
    path = tmp_path_factory.mktemp("recording") / "talk.wav"
    pieces = [np.concatenate([talk[number * RATE :], np.zeros(2 * RATE, np.float32)]) for number in range(6)]
    soundfile.write(path, np.concatenate(pieces), RATE)
    return path


@pytest.fixture(scope="module")
def alone(helper: Transcriber, recording: Path) -> Callable[[str | None], Transcript]:
    """Returns the transcript of a replica by itself, in a language that is given, or is to be found."""

    @cache
    def transcript(language: str | None) -> Transcript:
        with closing(RemoteEngine(CONFIG, ReplicaThreads(helper))) as engine:
            return engine.transcribe(recording, replace(ENGLISH, language=language))

    return transcript


def seen(transcript: Transcript | None) -> dict[str, Any]:
    assert transcript is not None
    return {name: value for name, value in transcript.to_dict().items() if name != "timings"}


@pytest.mark.parametrize("language", ["en", None])
def test_a_recording_that_is_spread_has_the_same_transcript(
    head: RemoteEngine,
    others: OtherReplicaThreads,
    recording: Path,
    alone: Callable[[str | None], Transcript],
    language: str | None,
) -> None:
    updates = list(head.stream(recording, replace(ENGLISH, language=language)))
    assert seen(updates[-1].transcript) == seen(alone(language))
    assert others.results > 0
    # Segments come once and in order, and the time never goes back.
    shown = [segment.id for update in updates for segment in update.segments]
    assert shown == [segment.id for segment in alone(language).segments]
    done = [update.seconds_done for update in updates]
    assert done == sorted(done)


def test_a_lost_helper_costs_no_word(
    head: RemoteEngine,
    others: OtherReplicaThreads,
    recording: Path,
    alone: Callable[[str | None], Transcript],
) -> None:
    others.losses = [1, 0]
    assert seen(head.transcribe(recording, ENGLISH)) == seen(alone("en"))
    assert len(others.losses) < 2


def test_a_lost_leader_is_a_pause_and_no_more(
    head: RemoteEngine,
    replicas: ReplicaThreads,
    recording: Path,
    alone: Callable[[str | None], Transcript],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("deploy.cluster.failover.PAUSE_SECONDS", 0.0)
    replicas.losses = [3, None]
    assert seen(head.transcribe(recording, ENGLISH)) == seen(alone("en"))
    first, second = replicas.requests
    assert not first.resume and len(second.resume) == 3


def test_stop_ends_the_work_of_the_helper(
    head: RemoteEngine, others: OtherReplicaThreads, recording: Path
) -> None:
    stop = threading.Event()
    with closing(head.stream(recording, ENGLISH, stop)) as updates:
        for _ in updates:
            if others.results:
                break
        stop.set()
        assert next(updates).transcript is None
    assert others.cancelled.wait(20)


def portion(talk: np.ndarray, count: int, options: Options = ENGLISH) -> Portion:
    """Windows of ten seconds of speech each."""
    window = Window(talk[: 10 * RATE], (SourceSpan(0.0, 10.0, 0.0),), ((0.0, 10.0),))
    return Portion((window,) * count, options, "en", 1.0)


async def first_reply(helper: Transcriber, portion: Portion) -> Any:
    async with aclosing(helper.work_at(portion)) as replies:
        return await anext(replies)


async def idle(helper: Transcriber, one: Portion) -> None:
    """Waits until a replica takes a portion: work that was stopped ends with its batch."""
    async with asyncio.timeout(60):
        while await first_reply(helper, one) != []:
            await asyncio.sleep(0.1)


def test_a_clip_is_not_held_up_by_a_recording_that_is_spread(
    helper: Transcriber, talk: np.ndarray, speech: Path
) -> None:
    """The helper has windows left when the clip that came after them has ended."""

    async def last_of_clip() -> Any:
        request = TranscriptionRequest(SentRecording.of(speech), ENGLISH)
        *_, last = [reply async for reply in helper.updates(request)]
        return last

    async def both() -> None:
        clip: asyncio.Task[Any] | None = None
        await idle(helper, portion(talk, 1))
        async with aclosing(helper.work_at(portion(talk, 200))) as replies:
            async for results in replies:
                if results and clip is None:
                    clip = asyncio.create_task(last_of_clip())
                if clip is not None and clip.done():
                    assert clip.result().transcript.text
                    return
        pytest.fail("the portion has ended before the clip")

    asyncio.run(both())


def test_a_replica_takes_a_portion_only_while_it_has_nothing_else_to_do(
    helper: Transcriber, talk: np.ndarray, speech: Path
) -> None:
    async def ask() -> None:
        one = portion(talk, 1)
        await idle(helper, one)
        request = TranscriptionRequest(SentRecording.of(speech), ENGLISH)
        async with aclosing(helper.updates(request)) as updates:
            await anext(updates)
            assert await first_reply(helper, one) == PortionRefusal()
        async with aclosing(helper.work_at(one)) as taken:
            assert await anext(taken) == []
            assert await first_reply(helper, one) == PortionRefusal()
        assert await first_reply(helper, one) == []
        other_model = portion(talk, 1, replace(ENGLISH, model="large-v3-turbo"))
        assert await first_reply(helper, other_model) == PortionRefusal()  # it would have to load it

    asyncio.run(ask())


def test_a_replica_takes_no_portion_of_its_own_recordings(
    head: RemoteEngine,
    leader: Transcriber,
    helper: Transcriber,
    others: OtherReplicaThreads,
    recording: Path,
) -> None:
    """The routing may choose the replica that has asked, which then works on by itself."""
    others.transcriber = leader
    refused_at = None
    try:
        with closing(head.stream(recording, ENGLISH)) as updates:
            for update in updates:
                if others.replies and refused_at is None:
                    refused_at = update.seconds_done
                if refused_at is not None and update.seconds_done > refused_at:
                    break
    finally:
        others.transcriber = helper
    assert refused_at is not None and update.transcript is None, "it went on after the refusal"
    assert others.replies and all(isinstance(reply, PortionRefusal) for reply in others.replies)
