"""The embedded diarizer on real voices: the call that pyannote.audio ships, and parts of it."""

from __future__ import annotations

import itertools
from functools import cache
from importlib.metadata import files

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.diarization.embedded import EmbeddedDiarizer, EmbeddedSession
from engine.diarization.features import log_mel
from engine.diarization.networks import NetworkLoader
from engine.diarization.turns import Diarization, SpeakerCount
from engine.errors import InvalidOption
from engine.sampling import SAMPLE_RATE
from tests.support.conversations import Spoken, alone, cut, read_rttm, read_wav, words_right

DIARIZER = EmbeddedDiarizer()
ANY = SpeakerCount()


@cache
def call() -> tuple[NDArray[np.float32], list[Spoken]]:
    found = {
        entry.name: entry.locate() for entry in files("pyannote.audio") or () if "/sample/" in str(entry)
    }
    (spoken,) = read_rttm(found["sample.rttm"]).values()
    return read_wav(found["sample.wav"]), spoken


def diarize(samples: NDArray[np.float32], count: SpeakerCount = ANY, block: int | None = None) -> Diarization:
    session = DIARIZER.open(count)
    for start in range(0, len(samples), block or max(len(samples), 1)):
        session.add(samples[start : start + (block or len(samples))])
    return session.finish()


@cache
def whole() -> Diarization:
    return diarize(call()[0])


def test_a_call_of_two_people_is_told_apart() -> None:
    right, total = words_right(call()[1], whole())
    assert len(whole().speakers) == 2
    assert total > 50 and right / total >= 0.97


def test_turns_are_exclusive_and_in_order() -> None:
    turns = whole().turns
    assert all(one.end <= other.start + 1e-6 for one, other in itertools.pairwise(turns))
    assert all(turn.start < turn.end for turn in turns)
    assert len(whole().certainties) == len(whole().near) == 2


@pytest.mark.parametrize("block", [1_111, 160_000])
def test_blocks_of_any_size_give_the_same_turns(block: int) -> None:
    assert diarize(call()[0], block=block) == whole()


def test_the_number_of_speakers_can_be_given() -> None:
    assert len(diarize(call()[0], SpeakerCount(1, 1)).speakers) == 1


def test_provisional_labels_keep_their_numbers() -> None:
    samples, _spoken = call()
    session = DIARIZER.open(SpeakerCount())
    for start in range(0, len(samples), 80_000):
        session.add(samples[start : start + 80_000])
        now = session.current()
    before = {turn.speaker for turn in now.turns}
    final = session.finish()
    assert before == set(final.speakers)
    agreed = [
        turn.speaker == other.speaker
        for turn in now.turns
        for other in final.turns
        if other.start <= (turn.start + turn.end) / 2 < other.end
    ]
    assert sum(agreed) / len(agreed) >= 0.8


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0, np.float32),
        np.zeros(100, np.float32),
        np.zeros(400_000, np.float32),
        (np.random.default_rng(1).standard_normal(400_000) * 0.05).astype(np.float32),
    ],
    ids=["empty", "shorter than a frame", "silence", "noise"],
)
def test_what_is_no_speech_has_no_speakers(samples: NDArray[np.float32]) -> None:
    assert diarize(samples).turns == ()


def test_ten_minutes_of_one_person_in_two_moods_with_coughs_and_music_are_one_speaker() -> None:
    samples, spoken = call()
    person = spoken[0].person
    parts = [cut(samples, *entry) for entry in alone(spoken, person) if entry[1] - entry[0] > 0.8]
    chance = np.random.default_rng(3)
    time = np.arange(32_000) / 16_000
    music = sum(np.sin(2 * np.pi * hz * time) for hz in (220, 277, 330)).astype(np.float32) * 0.03
    cough = (chance.standard_normal(4_000) * np.exp(-np.arange(4_000) / 900) * 0.2).astype(np.float32)
    pieces: list[NDArray[np.float32]] = []
    mood = 0
    while sum(map(len, pieces)) < 600 * SAMPLE_RATE:
        mood += 1
        for part in parts:
            # Quiet and dull against loud and bright.
            dull = np.convolve(part, np.ones(3, np.float32) / 3, "same") * 0.4
            pieces += [dull if mood % 2 else part * 1.5, np.zeros(6_000, np.float32)]
        pieces += [cough, music, np.zeros(8_000, np.float32)]
    found = diarize(np.concatenate(pieces).astype(np.float32))
    assert len(found.speakers) == 1
    assert sum(turn.end - turn.start for turn in found.turns) > 300


def test_a_third_of_a_second_tells_who_speaks() -> None:
    samples, spoken = call()
    networks = NetworkLoader().get()
    people = sorted({entry.person for entry in spoken})
    whole: list[NDArray[np.float32]] = []
    short: list[tuple[int, NDArray[np.float32]]] = []
    for number, person in enumerate(people):
        parts = [cut(samples, *entry) for entry in alone(spoken, person) if entry[1] - entry[0] > 0.8]
        known = networks.embed(log_mel(np.concatenate(parts[::2])))  # of other turns than the short parts
        assert known is not None
        whole.append(known)
        for part in parts[1::2]:
            for start in range(0, len(part) - 4_800, 4_800):
                vector = networks.embed(log_mel(part[start : start + 4_800]))
                assert vector is not None
                short.append((number, vector))
    right = [number == int((np.stack(whole) @ vector).argmax()) for number, vector in short]
    assert len(right) > 10 and sum(right) / len(right) >= 0.75


def test_sound_is_not_kept() -> None:
    session = DIARIZER.open(SpeakerCount())
    assert isinstance(session, EmbeddedSession)
    longest = 0
    for _ in range(20):
        session.add(np.zeros(160_000, np.float32))
        longest = max(longest, session.samples_held)
    assert longest <= 60 * 16_000


def test_a_count_that_no_number_meets_is_refused() -> None:
    with pytest.raises(InvalidOption, match="3 to 2"):
        SpeakerCount(3, 2)
