"""Words that a reader has corrected get their times from the sound, and no other word is touched."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile

from engine import Engine, Segment, Transcript, Update, Word
from engine.errors import InvalidOption
from engine.media.playable_copy import PlayableCopy
from engine.text.segments import make_segment
from page.retime import RETIMED_WORDS, retime
from page.transcript_files import copy_of
from page.transcript_store import NotKept, TranscriptStore
from server.data_folder import DataFolder
from tests.support.page import keep_transcript
from tests.support.synthesis import SAMPLE_RATE, Recording, joined, speak

if TYPE_CHECKING:
    from pathlib import Path

SENTENCES = (
    "Farmers carried heavy baskets across the narrow bridge.",
    "Yesterday afternoon, Peter finally repaired his broken bicycle.",
)
LATER = 200.0  # seconds after which the same is said once more; in between there is silence
CLOSE = 0.05  # seconds
SURE = 0.8  # score of a word that the sound confirms, wherever it was thought to be before


@pytest.fixture(scope="module")
def reading() -> Recording:
    return joined([speak(sentence, "en-us", 150) for sentence in SENTENCES], (0.4, 0.8))


@pytest.fixture(scope="module")
def sound(reading: Recording) -> np.ndarray:
    samples = np.zeros(round(LATER * SAMPLE_RATE) + len(reading.samples), np.float32)
    samples[: len(reading.samples)] = samples[-len(reading.samples) :] = reading.samples
    return samples


@pytest.fixture(scope="module")
def transcript(reading: Recording) -> Transcript:
    """What is said, with the exact times of every word."""
    segments: list[Segment] = []
    spoken = iter([*reading.words, *reading.words])
    for number, sentence in enumerate(SENTENCES * 2):
        shift = LATER * (number >= len(SENTENCES))
        words = []
        for text in sentence.split():
            known = next(spoken)
            words.append(Word(text, known.start + shift, known.end + shift, 0.9, "aligned", 0.9))
        segments.append(make_segment(words, number, "en", -0.2, 0.0))
    return Transcript(
        "en", 1.0, LATER + len(reading.samples) / SAMPLE_RATE, tuple(segments), "base", "phonetic"
    )


@pytest.fixture
def store(tmp_path: Path) -> TranscriptStore:
    return TranscriptStore(DataFolder.claim(tmp_path / "data"), keep_seconds=600.0)


def shared_out(transcript: Transcript, indices: list[int]) -> dict[str, Any]:
    """The question for words that all lie at the start of their neighbour's time, as after a correction."""
    segments = [segment.to_dict() for segment in transcript.segments]
    words = [word for segment in segments for word in segment["words"]]
    for index in indices:
        start = transcript.words[index - 1].end
        words[index] |= {"start": start, "end": start + 0.1, "timing": "interpolated"}
    return {"segments": segments, "changed": indices}


def test_corrected_words_get_their_times_from_the_copy_wherever_they_are(
    engine: Engine, store: TranscriptStore, tmp_path: Path, transcript: Transcript, sound: np.ndarray
) -> None:
    media = store.folder.uploads / "talk.wav"
    soundfile.write(media, np.zeros(SAMPLE_RATE, np.float32), SAMPLE_RATE)  # only the copy has the words
    token = keep_transcript(store, media, transcript, track=1)
    copy = PlayableCopy(tmp_path / "copy.m4a")
    for block in np.array_split(sound, 20):
        copy.write(block)
    assert copy.finish()
    assert store.add_copy(token, media, copy.path) == copy_of(media.resolve(), token)

    indices = [9, len(transcript.words) - 2]  # afternoon, broken
    noted: list[Update] = []
    asked = {"token": token, **shared_out(transcript, indices)}
    words = retime(engine, store, asked, threading.Event(), noted.append)["words"]
    assert [word["index"] for word in words] == indices
    for word in words:
        truth = transcript.words[word["index"]]
        assert word["timing"] == "aligned" and word["score"] >= SURE
        assert abs(word["start"] - truth.start) <= CLOSE and abs(word["end"] - truth.end) <= CLOSE, word
    assert [update.seconds_total < 60 for update in noted] == [True], "silence in between is not counted"


def test_without_a_copy_the_recording_is_read_and_denied_words_are_left_out(
    engine: Engine, store: TranscriptStore, tmp_path: Path, transcript: Transcript, reading: Recording
) -> None:
    media = tmp_path / "talk.wav"
    soundfile.write(media, reading.samples, SAMPLE_RATE)
    said = replace(transcript, segments=transcript.segments[:2])
    token = keep_transcript(store, media, said)
    asked = {"token": token, **shared_out(said, [3, 9])}
    asked["segments"][0]["words"][3]["word"] = "incomprehensibility"
    asked["segments"][1]["words"][0]["timing"] = "interpolated"  # not asked for: it stays
    (word,) = retime(engine, store, asked, threading.Event())["words"]
    assert word["index"] == 9 and abs(word["start"] - said.words[9].start) <= CLOSE


def test_two_words_in_the_place_of_one_both_have_a_length(
    engine: Engine, store: TranscriptStore, tmp_path: Path, transcript: Transcript, reading: Recording
) -> None:
    """Also if the second is found only where the next word begins, as "and" is before "across" here."""
    media = tmp_path / "talk.wav"
    soundfile.write(media, reading.samples, SAMPLE_RATE)
    said = replace(transcript, segments=transcript.segments[:2])
    asked = {"token": keep_transcript(store, media, said), **shared_out(said, [3])}
    words = asked["segments"][0]["words"]
    half = {"start": words[4]["start"] - 0.1, "end": words[4]["start"], "timing": "interpolated"}
    words.insert(4, words[3] | half | {"word": "and"})
    asked["changed"] = [3, 4]
    found = retime(engine, store, asked, threading.Event())["words"]
    assert [word["index"] for word in found] == [3, 4] and {word["timing"] for word in found} == {"aligned"}
    assert all(word["end"] - word["start"] >= 0.0199 for word in found)
    assert found[0]["end"] <= found[1]["start"] and found[1]["end"] <= words[5]["start"]


def test_what_cannot_be_timed_is_refused_or_has_no_answer(
    engine: Engine, store: TranscriptStore, tmp_path: Path, transcript: Transcript, reading: Recording
) -> None:
    media = tmp_path / "talk.wav"
    soundfile.write(media, reading.samples, SAMPLE_RATE)
    asked = shared_out(transcript, [3])
    token = keep_transcript(store, media, transcript)
    left = threading.Event()
    for changed in ([], [-1], [len(transcript.words)], list(range(RETIMED_WORDS + 1))):
        with pytest.raises(InvalidOption):
            retime(engine, store, {"token": token, **asked, "changed": changed}, left)
    translated = keep_transcript(store, media, transcript, task="translate")
    assert retime(engine, store, {"token": translated, **asked}, left) == {"words": []}
    with pytest.raises(NotKept):
        retime(engine, store, {"token": "unknown-token", **asked}, left)
    left.set()
    assert retime(engine, store, {"token": token, **asked}, left) == {"words": []}
    media.unlink()
    with pytest.raises(NotKept):
        retime(engine, store, {"token": token, **asked}, threading.Event())
