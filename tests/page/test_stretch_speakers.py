"""Speakers of what is transcribed again: those of the transcript, known again by their voices or channels."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile

from engine import Engine, Options, Segment, Transcript, Word
from engine.diarization.turns import Turn
from engine.sampling import SAMPLE_RATE
from page import messages
from page.retranscribe import retranscribe
from page.stretch_speakers import KnownSpeakers, label_by_turns, match_voices
from page.transcript_store import TranscriptStore
from server.data_folder import DataFolder
from tests.support.page_messages import talk, talk_message
from tests.support.recordings import clip

if TYPE_CHECKING:
    from pathlib import Path

A, B = "SPEAKER_00", "SPEAKER_01"


@pytest.fixture
def store(tmp_path: Path) -> TranscriptStore:
    return TranscriptStore(DataFolder.claim(tmp_path / "data"), keep_seconds=600.0)


def kept(store: TranscriptStore, media: Path, transcript: Transcript, options: Options) -> str:
    """Stores a transcript as the page does; returns its token."""
    token = store.new_token()
    made: dict[str, Any] = messages.transcript_message(token, transcript.segments, 0, done=True)
    made["meta"] = messages.page_meta(transcript, 1.0) | {"options": {"speakers": options.speakers}}
    store.save(token, "done", media, made)
    return token


def again(
    engine: Engine, store: TranscriptStore, token: str, start: float, end: float
) -> list[dict[str, Any]]:
    asked = {"token": token, "start": start, "end": end, "language": "en"}
    found = retranscribe(engine, store, asked, threading.Event())["segments"]
    return [word for segment in found for word in segment["words"]]


def without(transcript: Transcript, start: float, end: float) -> Transcript:
    """The transcript as it is if the words of a stretch were missed."""

    def rest(segment: Segment) -> Segment:
        return replace(segment, words=tuple(w for w in segment.words if w.end <= start or w.start >= end))

    segments = tuple(segment for segment in map(rest, transcript.segments) if segment.words)
    return replace(transcript, segments=segments)


def test_a_voice_is_whom_it_speaks_with_longest() -> None:
    words = [word for segment in talk(("one two three four", A), ("five six", B)) for word in segment.words]
    turns = (Turn(0.0, 1.9, 4), Turn(1.9, 3.0, 2), Turn(9.0, 9.5, 1))
    labels = match_voices(turns, words)
    assert labels == {4: A, 2: B}
    [heard] = label_by_turns(talk(("ah oh", None), start=8.3), turns, {1: A})
    assert [word.speaker for word in heard.words] == [A, A] and heard.speaker == A
    [heard] = label_by_turns([heard], turns, {})
    assert [word.speaker for word in heard.words] == [None, None] and heard.speaker is None


def test_the_words_beside_a_stretch_are_those_outside_of_it_and_near() -> None:
    words = tuple(Word("x", float(n), n + 0.5, 1.0, "attention", speaker=A) for n in range(0, 100, 5))
    near = KnownSpeakers(words, {}).beside(44.0, 56.0)
    assert [word.start for word in near] == [15, 20, 25, 30, 35, 40, 60, 65, 70, 75, 80, 85]


def test_channels_count_as_speakers_while_both_say_something() -> None:
    made = talk_message(talk(("one two", A), ("three", B)))
    for number, speaker in enumerate(made["meta"]["transcript"]["speakers"]):
        speaker["channel"] = number
    assert KnownSpeakers.of(made).channels == {0: A, 1: B}
    for segment in made["segments"]:
        for word in segment["words"]:
            word["speaker"] = A  # the two were merged
    assert not KnownSpeakers.of(made).are_channels


def test_a_stretch_of_a_call_is_said_by_its_channels(
    engine: Engine, store: TranscriptStore, tmp_path: Path
) -> None:
    names = ("quick_brown_fox", "hello_world")
    fox, hello = (soundfile.read(clip(f"en/{name}"), dtype="float32")[0] for name in names)
    sides = np.zeros((SAMPLE_RATE * 14, 2), np.float32)
    for at, side, voice in ((0.3, 0, hello), (4.0, 1, fox), (8.0, 0, hello), (8.2, 1, fox)):
        first = round(at * SAMPLE_RATE)
        sides[first : first + len(voice), side] = voice
    path = tmp_path / "call.wav"
    soundfile.write(path, sides, SAMPLE_RATE, subtype="FLOAT")
    options = Options(language="en", speakers="channels")
    whole = engine.transcribe(path, options)
    token = kept(store, path, without(whole, 7.5, 14.0), options)
    said = again(engine, store, token, 7.5, 13.9)
    text = {label: " ".join(w["word"].lower() for w in said if w["speaker"] == label) for label in (A, B)}
    assert "hello" in text[A] and "fox" in text[B] and "fox" not in text[A]


def test_a_stretch_of_a_talk_is_said_by_the_voices_beside_it(
    engine: Engine, store: TranscriptStore, talk_file: Path
) -> None:
    """Most of it is said by one person between two turns of the other, to whom the nearest words belong."""
    options = Options(language="en", speakers="2")
    whole = engine.transcribe(talk_file, options)
    start, end = 13.0, 18.0
    expected = {w.word: w.speaker for w in whole.words if start <= w.start and w.end <= end}
    assert len(set(expected.values())) == 2
    token = kept(store, talk_file, without(whole, start, end), options)
    said = again(engine, store, token, start, end)
    right = [word for word in said if expected.get(word["word"]) == word["speaker"]]
    assert len(right) >= 0.8 * len(said) > 0, [(word["word"], word["speaker"]) for word in said]
