"""Models that nothing uses leave memory, and come back with the next request."""

from __future__ import annotations

import gc
import os
import weakref
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine import Config, Engine, Options
from engine.installation import Installation
from tests.support.process_memory import MIB, own_memory
from tests.support.recordings import TALK
from tests.support.waiting import eventually

SECONDS = 0.4  # without a use
LEAST_FREED = 60 * MIB  # of base in int8, with its workers and aligner


@pytest.fixture(scope="module")
def resting() -> Iterator[Engine]:
    """An engine whose models soon leave memory."""
    with closing(Engine(replace(Config.from_env(), unload_seconds=SECONDS))) as engine:
        engine.languages()  # waits for the models
        yield engine


def loaded(engine: Engine) -> list[object]:
    health = engine.health()
    return [*health["models"], *health["aligners"]["loaded"]["phonetic"], *filter(None, [health["diarizer"]])]


def installation_of(engine: Engine) -> Installation:
    assert engine.installation is not None
    return engine.installation


def test_unused_models_leave_memory_and_come_back(resting: Engine, speech: Path) -> None:
    options = Options(language="en", speakers="auto")
    before = resting.transcribe(speech, options)
    watched = [
        weakref.ref(part)
        for part in (installation_of(resting).recognizer(), installation_of(resting).diarizer()[0])
    ]
    full = own_memory(os.getpid())
    assert eventually(lambda: not loaded(resting))
    gc.collect()
    assert [part() for part in watched] == [None, None]
    assert eventually(lambda: full - own_memory(os.getpid()) > LEAST_FREED)
    health = resting.health()
    assert health["status"] == "ok" and health["released_models"] == ["base"]
    assert health["known_models"] == ["base"] and health["unload_seconds"] == SECONDS
    assert len(resting.languages()) == 99 and not loaded(resting), "a list of languages needs no model"
    after = resting.transcribe(speech, options)
    assert after.text == before.text and after.words == before.words


def test_a_run_keeps_its_models_however_long_it_waits(resting: Engine) -> None:
    assert eventually(lambda: not loaded(resting))
    with closing(resting.stream(TALK, Options(language="en", speakers="auto"))) as updates:
        next(update for update in updates if update.segments)
        used = installation_of(resting).recognizer()
        begun = loaded(resting)
        assert not eventually(lambda: not set(begun) <= set(loaded(resting)), 4 * SECONDS)
        assert installation_of(resting).recognizer() is used
        for update in updates:
            last = update
    assert last.transcript is not None and "originally from Chicago" in last.transcript.text


def test_models_stay_in_memory_on_a_space() -> None:
    assert Config.from_env({"SPACE_ID": "someone/space"}).unload_seconds == 0.0
    assert (
        Config.from_env({"SPACE_ID": "someone/space", "WORDLIGHT_UNLOAD_SECONDS": "5"}).unload_seconds == 5.0
    )
    assert Config.from_env({}).unload_seconds > 0
