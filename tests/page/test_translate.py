"""A stretch of a kept recording is translated into English, with the times of the recording."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile

from engine import Engine, Options, Transcript, Update
from engine.errors import InvalidOption
from engine.media.playable_copy import PlayableCopy
from page.components import ASSETS
from page.transcript_files import copy_of
from page.transcript_store import NotKept, TranscriptStore
from page.translate import MAX_STRETCH, translate
from server.data_folder import DataFolder
from tests.support.media_files import ffmpeg
from tests.support.page import keep_transcript
from tests.support.recordings import RATE

if TYPE_CHECKING:
    from pathlib import Path

STATION = ASSETS / "examples" / "at-the-station.mp3"  # two people ask and answer in Spanish
LATER = 150.0  # seconds after which the same is said once more


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    path = tmp_path_factory.mktemp("station") / "station.wav"
    ffmpeg("-i", STATION, "-ac", "1", "-ar", RATE, path)
    return soundfile.read(path, dtype="float32")[0]


@pytest.fixture(scope="module")
def transcript(engine: Engine) -> Transcript:
    return engine.transcribe(STATION, Options(language="es"))


@pytest.fixture
def store(tmp_path: Path) -> TranscriptStore:
    return TranscriptStore(DataFolder.claim(tmp_path / "data"), keep_seconds=600.0)


def text_of(answer: dict[str, Any]) -> str:
    return " ".join(sentence["text"] for sentence in answer["segments"]).lower()


def test_a_stretch_is_english_with_times_of_the_recording(
    engine: Engine, store: TranscriptStore, tmp_path: Path, station: np.ndarray, transcript: Transcript
) -> None:
    media = tmp_path / "station.wav"
    pause = np.zeros(RATE, np.float32)
    soundfile.write(media, np.concatenate([pause, station]), RATE)
    # What guides the words of the first transcription would lead a translation back into their language.
    options = {"language": "auto", "languages": "es, en", "initial_prompt": "Buenos días.", "speakers": "2"}
    token = keep_transcript(store, media, transcript, **options)
    noted: list[Update] = []
    end = 1 + len(station) / RATE
    answer = translate(
        engine, store, {"token": token, "start": 0.8, "end": end}, threading.Event(), noted.append
    )
    assert "train" in text_of(answer) and "tren" not in text_of(answer)
    times = [(sentence["start"], sentence["end"]) for sentence in answer["segments"]]
    assert times == sorted(times) and times[0][0] >= 0.8 and times[-1][1] <= round(end, 3)
    assert all(start < end for start, end in times)
    assert noted, "the work counts for the caller"


def test_far_behind_it_is_read_from_the_copy(
    engine: Engine, store: TranscriptStore, tmp_path: Path, station: np.ndarray, transcript: Transcript
) -> None:
    media = store.folder.uploads / "station.wav"
    soundfile.write(media, np.zeros(RATE, np.float32), RATE)  # only the copy has the words
    token = keep_transcript(store, media, transcript, language="es")
    copy = PlayableCopy(tmp_path / "copy.m4a")
    for block in (np.zeros(round(LATER * RATE), np.float32), station):
        copy.write(block)
    assert copy.finish()
    assert store.add_copy(token, media, copy.path) == copy_of(media.resolve(), token)
    asked = {"token": token, "start": LATER, "end": LATER + 11}
    answer = translate(engine, store, asked, threading.Event())
    assert "train" in text_of(answer)
    assert all(LATER <= each["start"] <= each["end"] <= LATER + 11 for each in answer["segments"])


def test_what_cannot_be_translated_is_refused_or_has_no_answer(
    engine: Engine, store: TranscriptStore, tmp_path: Path, station: np.ndarray, transcript: Transcript
) -> None:
    media = tmp_path / "station.wav"
    soundfile.write(media, station, RATE)
    token = keep_transcript(store, media, transcript, language="es")
    left = threading.Event()
    for start, end in ((-1, 5), (5, 5), (0, MAX_STRETCH + 1), (float("nan"), 5)):
        with pytest.raises(InvalidOption):
            translate(engine, store, {"token": token, "start": start, "end": end}, left)
    asked = {"start": 0, "end": 5}
    with pytest.raises(NotKept):
        translate(engine, store, {"token": "unknown-token", **asked}, left)
    left.set()
    assert translate(engine, store, {"token": token, **asked}, left) == {"segments": []}
    media.unlink()
    with pytest.raises(NotKept):
        translate(engine, store, {"token": token, **asked}, threading.Event())


def test_a_model_that_translates_takes_the_place_of_one_that_cannot(
    engine: Engine, store: TranscriptStore, tmp_path: Path, station: np.ndarray, transcript: Transcript
) -> None:
    media = tmp_path / "station.wav"
    soundfile.write(media, station, RATE)
    token = keep_transcript(store, media, transcript, language="es", model="large-v3-turbo")
    answer = translate(engine, store, {"token": token, "start": 0, "end": 10}, threading.Event())
    assert "train" in text_of(answer)
