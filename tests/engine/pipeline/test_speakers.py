"""Speakers of real recordings: by a diarizer that the test scripts, and by the channels of a call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine import Config, Engine, Options, Transcript, Update
from engine.diarization.turns import Diarization, SpeakerCount, Turn
from engine.text.notices import Notice
from engine.text.speaker_labels import labelled
from tests.support.recordings import TALK, clip
from tests.support.scripted_diarizer import ScriptedDiarizer, installed

RATE = 16_000  # Hz
NUMBERS = {"Diane": 4, "Sheila": 1}  # of a diarizer whose first speaker is not number 0


def turns() -> list[tuple[float, float, str]]:
    lines = (line.split(" ", 5) for line in TALK.with_suffix(".stm").read_text().splitlines())
    return [(float(start), float(end), who) for _, _, who, start, end, _ in lines]


TURNS = tuple(Turn(start, end, NUMBERS[who]) for start, end, who in turns())
# Early on everybody is taken for one person, and then for the other one.
EARLY = tuple(Turn(turn.start, turn.end, 4 if turn.start < 14 else 7) for turn in TURNS)
FINAL = Diarization(
    TURNS, overlaps=((11.0, 11.5),), certainties=(0.0, 0.8, 0.0, 0.0, 0.9), near=(None, 4, None, None, None)
)

ANOTHER = Notice.of("diarizer", diarizer="scripted", instead_of="pyannote", reason="Another one was meant.")


@pytest.fixture(scope="module")
def diarizer() -> Iterator[ScriptedDiarizer]:
    with pytest.MonkeyPatch.context() as patch:
        made = ScriptedDiarizer(EARLY, FINAL)
        installed(patch, made, (ANOTHER,))
        yield made


@pytest.fixture(scope="module")
def engine(diarizer: ScriptedDiarizer) -> Iterator[Engine]:
    engine = Engine(replace(Config.from_env(), offline=True))
    engine.start()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def updates(engine: Engine, diarizer: ScriptedDiarizer) -> list[Update]:
    diarizer.ending.clear()
    found = []
    for update in engine.stream(TALK, Options(language="en", speakers="2")):
        found.append(update)
        if update.speaker_news:
            diarizer.ending.set()  # not before something provisional has been seen
    return found


@pytest.fixture(scope="module")
def plain(engine: Engine) -> Transcript:
    return engine.transcribe(TALK, Options(language="en"))


def result(updates: list[Update]) -> Transcript:
    made = updates[-1].transcript
    assert made is not None
    return made


def test_words_segments_and_people_are_labelled(updates: list[Update], diarizer: ScriptedDiarizer) -> None:
    transcript = result(updates)
    assert diarizer.counts[-1] == SpeakerCount(2, 2)
    assert [speaker.id for speaker in transcript.speakers] == ["SPEAKER_00", "SPEAKER_01"]
    assert transcript.words[0].speaker == "SPEAKER_00", "labels are in the order of first words"
    for speaker, number in zip(transcript.speakers, (4, 1), strict=True):
        said = sum(turn.end - turn.start for turn in TURNS if turn.speaker == number)
        assert speaker.seconds == pytest.approx(said)
        assert speaker.words == sum(word.speaker == speaker.id for word in transcript.words) > 20
        assert speaker.certain == FINAL.certainties[number]
    assert [(speaker.doubtful, speaker.near) for speaker in transcript.speakers] == [
        (False, None), (True, "SPEAKER_00")
    ]  # fmt: skip
    assert [(overlap.start, overlap.end) for overlap in transcript.overlaps] == [(11.0, 11.5)]
    assert ANOTHER.sentence in transcript.warnings and ANOTHER in transcript.notices


def test_no_segment_spans_two_people_for_more_than_a_word(updates: list[Update], plain: Transcript) -> None:
    transcript = result(updates)
    assert [segment.id for segment in transcript.segments] == list(range(len(transcript.segments)))
    assert len(transcript.segments) >= len(plain.segments)
    for segment in transcript.segments:
        assert segment.speaker in ("SPEAKER_00", "SPEAKER_01")
        others = [word.speaker != segment.speaker for word in segment.words]
        assert not any(one and two for one, two in pairwise(others))


def test_the_words_are_those_of_a_transcript_without_speakers(
    updates: list[Update], plain: Transcript
) -> None:
    assert [replace(word, speaker=None) for word in result(updates).words] == list(plain.words)
    assert (plain.speakers, plain.overlaps) == ((), ())
    assert all(word.speaker is None for word in plain.words)


def test_updates_correct_labels_until_they_are_those_of_the_end(updates: list[Update]) -> None:
    words: list[Any] = []
    provisional = []
    for update in updates:
        words += [word for segment in update.segments for word in segment.words]
        news = update.speaker_news
        if news is None:
            continue
        provisional.append(news.provisional)
        for change in news.changes:
            for place in range(change.first_word, change.last_word + 1):
                words[place] = replace(words[place], speaker=change.speaker)
    assert words == list(result(updates).words)
    assert provisional[-1] is False and all(provisional[:-1]) and len(provisional) > 1
    assert updates[-1].speaker_news and updates[-1].speaker_news.to_dict()["speakers"]


@pytest.mark.parametrize("where", ["open", "add", "finish"])
def test_a_failure_of_the_diarizer_leaves_text_and_times_whole(
    engine: Engine, diarizer: ScriptedDiarizer, plain: Transcript, where: str
) -> None:
    diarizer.fails = where
    try:
        transcript = engine.transcribe(TALK, Options(language="en", speakers="auto"))
    finally:
        diarizer.fails = ""
    assert transcript.segments == plain.segments
    assert (transcript.speakers, transcript.overlaps) == ((), ())
    assert any("speakers could not be told apart" in warning for warning in transcript.warnings)


def test_a_recording_that_is_left_leaves_no_session(engine: Engine, diarizer: ScriptedDiarizer) -> None:
    updates = engine.stream(TALK, Options(language="en", speakers="auto"))
    next(update for update in updates if update.segments)
    updates.close()
    assert len(engine.transcribe(TALK, Options(language="en", speakers="auto")).speakers) == 2


def test_health_names_the_diarizer_once_it_is_loaded(engine: Engine, updates: list[Update]) -> None:
    assert engine.health()["diarizer"] == "scripted"


def test_silence_has_nobody_and_loads_nothing(engine: Engine, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(8 * RATE, np.float32), RATE)
    transcript = engine.transcribe(tmp_path / "silence.wav", Options(speakers="auto"))
    assert transcript.speakers == ()
    assert transcript.warnings == ("No speech was found in this recording.",)


# Channels


def call(talk: np.ndarray) -> np.ndarray:
    """The telephone talk with Diane on the left and Sheila on the right; a fox is heard while Sheila speaks."""
    sides = np.zeros((len(talk), 2), np.float32)
    for start, end, who in turns():
        a, b = round(start * RATE), round(end * RATE)
        sides[a:b, 0 if who == "Diane" else 1] = talk[a:b]
    fox = soundfile.read(clip("en/quick_brown_fox"), dtype="float32")[0]
    at = round(24.5 * RATE)
    sides[at : at + len(fox), 0] += fox * (np.abs(talk).max() / np.abs(fox).max())
    noise = np.random.default_rng(1).normal(0, 10 ** (-70 / 20), sides.shape)
    echo = 0.05 * sides[:, ::-1]  # -26 dB
    return (sides + echo + noise).astype(np.float32)


def wav(folder: Path, samples: np.ndarray, name: str = "stereo.wav") -> Path:
    soundfile.write(folder / name, samples, RATE, subtype="FLOAT")
    return folder / name


@pytest.fixture(scope="module")
def of_call(engine: Engine, talk: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> list[Update]:
    path = wav(tmp_path_factory.mktemp("call"), call(talk))
    return list(engine.stream(path, Options(language="en", speakers="auto")))


def test_each_channel_of_a_call_is_a_person(of_call: list[Update]) -> None:
    transcript = result(of_call)
    assert [(speaker.id, speaker.channel) for speaker in transcript.speakers] == [
        ("SPEAKER_00", 0), ("SPEAKER_01", 1)
    ]  # fmt: skip
    wrong = []
    for word in transcript.words:
        middle = (word.start + word.end) / 2
        if 24.3 <= middle <= 27.7:
            continue  # both speak
        speaking = {who for start, end, who in turns() if start - 0.3 <= middle <= end + 0.3}
        label = {"SPEAKER_00": "Diane", "SPEAKER_01": "Sheila"}[word.speaker or ""]
        if speaking and label not in speaking:
            wrong.append(word)
    assert wrong == []


def test_speech_of_both_sides_at_once_is_kept(of_call: list[Update]) -> None:
    transcript = result(of_call)
    said = {
        label: " ".join(word.word.lower() for word in transcript.words if word.speaker == label)
        for label in ("SPEAKER_00", "SPEAKER_01")
    }
    assert "brown fox" in said["SPEAKER_00"] and "yankee" in said["SPEAKER_01"]
    assert "jersey" not in said["SPEAKER_01"] and "texas" not in said["SPEAKER_00"]
    assert "fox" not in said["SPEAKER_01"] and "yankee" not in said["SPEAKER_00"]
    assert any(overlap.start < 27.3 and overlap.end > 24.5 for overlap in transcript.overlaps)


def test_a_call_keeps_the_contract(of_call: list[Update]) -> None:
    transcript = result(of_call)
    starts = [word.start for word in transcript.words]
    assert starts == sorted(starts)
    assert [segment.id for segment in transcript.segments] == list(range(len(transcript.segments)))
    assert tuple(segment for update in of_call for segment in update.segments) == transcript.segments
    done = [update.seconds_done for update in of_call]
    assert done == sorted(done)
    assert Transcript.from_dict(transcript.to_dict()).to_dict() == transcript.to_dict()
    assert transcript.coverage == () or all(entry.end - entry.start < 5 for entry in transcript.coverage)


@pytest.mark.parametrize("kind", ["dual", "inverted", "panned", "music"])
def test_what_is_no_call_is_transcribed_as_one_channel(
    engine: Engine, diarizer: ScriptedDiarizer, talk: np.ndarray, tmp_path: Path, kind: str
) -> None:
    other = {"dual": talk, "inverted": -0.5 * talk, "panned": 0.1 * talk}.get(kind)
    left = talk
    if other is None:
        tone = np.sin(2 * np.pi * 220 * np.arange(len(talk)) / RATE)
        left, other = (
            talk + 0.05 * tone,
            talk + 0.05 * np.roll(tone, 40) * (np.arange(len(talk)) % RATE > 8000),
        )
    path = wav(tmp_path, np.stack([left, other], axis=1).astype(np.float32))
    plain = engine.transcribe(path, Options(language="en"))
    for mode in ("auto", "channels") if kind != "music" else ("auto",):
        found = engine.transcribe(path, Options(language="en", speakers=mode))
        assert [replace(word, speaker=None) for word in found.words] == list(plain.words)
        assert all(speaker.channel is None for speaker in found.speakers)
        assert any("channels" in warning for warning in found.warnings) is (mode == "channels")


def test_final_labels_are_cut_as_the_text_module_cuts(updates: list[Update], plain: Transcript) -> None:
    labels = [word.speaker for word in result(updates).words]
    assert tuple(labelled(plain.segments, labels)) == result(updates).segments
