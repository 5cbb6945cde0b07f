"""One worker tells the speakers of all recordings apart, a step of each in turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from engine.diarization.turns import Diarization, SpeakerCount, Turn
from engine.errors import ShuttingDown
from engine.sampling import SAMPLE_RATE
from engine.scheduling.diarization_feed import MOST_WAITING, STEP, DiarizationFeed
from engine.scheduling.diarization_worker import DiarizationWorker
from engine.text.notices import Notice
from tests.support.scripted_diarizer import ScriptedDiarizer

NOTICE = Notice.of("diarizer", diarizer="scripted", instead_of="pyannote", reason="Another one was meant.")
FINAL = Diarization((Turn(0.0, 1.0, 0),), certainties=(1.0,))


def sound(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def eventually(true: Callable[[], bool], within: float = 20.0) -> bool:
    until = time.monotonic() + within
    while not true() and time.monotonic() < until:
        time.sleep(0.01)
    return true()


@pytest.fixture
def diarizer() -> ScriptedDiarizer:
    return ScriptedDiarizer(early=(Turn(0.0, 100.0, 0),), final=FINAL)


@pytest.fixture
def worker(diarizer: ScriptedDiarizer) -> Iterator[DiarizationWorker]:
    made = DiarizationWorker(lambda: (diarizer, (NOTICE,)))
    yield made
    made.close()


def hear_out(feed: DiarizationFeed) -> None:
    assert eventually(lambda: feed.settled)


def test_a_recording_is_heard_in_small_steps_to_its_end(
    worker: DiarizationWorker, diarizer: ScriptedDiarizer
) -> None:
    with worker.feed(SpeakerCount(2, 3)) as feed:
        for seconds in (30.0, 30.0, 1.5):
            feed.put(sound(seconds))
        feed.end()
        hear_out(feed)
        assert feed.known.final and feed.known.diarization == FINAL
        assert feed.known.heard_until == 61.5
        assert feed.notices == (NOTICE,)
    assert diarizer.counts == [SpeakerCount(2, 3)]
    assert max(samples for _, samples in diarizer.steps) == STEP * SAMPLE_RATE
    assert sum(samples for _, samples in diarizer.steps) == 61.5 * SAMPLE_RATE
    assert diarizer.closed == [0]


def test_nothing_begins_before_the_first_words(worker: DiarizationWorker, diarizer: ScriptedDiarizer) -> None:
    with worker.feed(SpeakerCount()) as feed:
        feed.put(sound(20.0))
        feed.wait(0.2)
        assert diarizer.counts == []
        feed.begin()
        assert eventually(lambda: feed.known.version > 0)
        assert not feed.known.final
        assert feed.known.diarization.turns == (Turn(0.0, 100.0, 0),)


def test_a_short_recording_is_not_held_up_by_a_long_one(
    worker: DiarizationWorker, diarizer: ScriptedDiarizer
) -> None:
    with worker.feed(SpeakerCount(1)) as long, worker.feed(SpeakerCount(2)) as short:
        for feed, seconds in ((long, 280.0), (short, 10.0)):
            feed.put(sound(seconds))
        diarizer.gate.clear()
        long.end()
        short.end()
        diarizer.gate.set()
        hear_out(short)
        hear_out(long)
    order = [number for number, _ in diarizer.steps]
    short_steps = [place for place, number in enumerate(order) if diarizer.counts[number].minimum == 2]
    assert short_steps[-1] <= 4, "its two steps are among the first, with those of the other between"


def test_sound_that_waits_is_bounded_and_makes_reading_wait(worker: DiarizationWorker) -> None:
    with worker.feed(SpeakerCount()) as feed:
        feed.put(sound(MOST_WAITING - 1))
        assert not feed.is_full
        feed.put(sound(30.0))  # starts the worker, though no words have been found
        assert eventually(lambda: not feed.is_full)


@pytest.mark.parametrize("where", ["open", "add", "finish"])
def test_a_failure_concerns_one_recording_alone(
    worker: DiarizationWorker, diarizer: ScriptedDiarizer, where: str
) -> None:
    diarizer.fails = where
    with worker.feed(SpeakerCount()) as feed:
        feed.put(sound(20.0))
        feed.end()
        hear_out(feed)
        assert isinstance(feed.error, RuntimeError)
        assert not feed.known.final
        feed.put(sound(1000.0))  # dropped
        assert not feed.is_full
    diarizer.fails = ""
    with worker.feed(SpeakerCount()) as feed:
        feed.put(sound(20.0))
        feed.end()
        hear_out(feed)
        assert feed.known.final


def test_leaving_ends_the_work_and_releases_the_session(
    worker: DiarizationWorker, diarizer: ScriptedDiarizer
) -> None:
    with worker.feed(SpeakerCount()) as feed:
        feed.put(sound(200.0))
        feed.begin()
        assert eventually(lambda: bool(diarizer.steps))
    assert eventually(lambda: diarizer.closed == [0])
    steps = len(diarizer.steps)
    time.sleep(0.1)
    assert len(diarizer.steps) == steps


def test_who_waits_hears_of_the_shutdown(worker: DiarizationWorker) -> None:
    with worker.feed(SpeakerCount()) as feed:
        feed.put(sound(1.0))
        threading.Timer(0.1, worker.close).start()
        with pytest.raises(ShuttingDown):
            for _ in range(100):
                feed.wait(0.5)
    with pytest.raises(ShuttingDown), worker.feed(SpeakerCount()):
        pass
