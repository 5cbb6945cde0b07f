"""Second 0 is where a player has it: late sound, edit lists, live streams, and files joined from unlike parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.media.timeline import LONGEST_SILENCE, Timeline
from engine.sampling import SAMPLE_RATE
from tests.support.media_files import decode, likeness, make
from tests.support.odd_media import JOINED, SHIFTED, shifted

SLACK = 0.1  # seconds by which a word may be off


def voice_of(speech: Path) -> np.ndarray:
    return soundfile.read(speech, dtype="float32")[0]


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("name", SHIFTED)
def test_speech_is_where_a_player_has_it(name: str, tmp_path: Path, speech: Path) -> None:
    voice, at = voice_of(speech), SHIFTED[name][2]
    samples, decoding = decode(shifted(name, tmp_path, speech))

    begin = max(0, round(at * SAMPLE_RATE))
    assert np.abs(samples[: max(0, begin - SAMPLE_RATE // 5)]).max(initial=0.0) < 0.01
    assert likeness(samples[begin:], voice[max(0, round(-at * SAMPLE_RATE)) :], SLACK) > 0.9
    assert decoding.duration == pytest.approx(at + len(voice) / SAMPLE_RATE, abs=0.2)
    assert decoding.notice is None


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("kind", JOINED)
def test_parts_that_were_joined_follow_each_other(kind: str, tmp_path: Path, speech: Path) -> None:
    join, count = JOINED[kind]
    voice = voice_of(speech)
    seconds = len(voice) / SAMPLE_RATE
    samples, decoding = decode(join(tmp_path, speech))

    assert decoding.duration == pytest.approx(count * seconds, abs=0.15 * count)
    for number in range(count):
        at = round(number * seconds * SAMPLE_RATE)
        assert likeness(samples[at : at + len(voice)], voice, 0.1 * count) > 0.85, number
    assert decoding.notice is None


@pytest.mark.usefixtures("reader")
def test_a_pause_between_packets_is_silence(tmp_path: Path) -> None:
    pauses = "sine=d=3:r=48000,asetpts='PTS+floor(T)*2/TB'"
    samples, _ = decode(make(tmp_path / "pauses.mka", "-f", "lavfi", "-i", pauses, "-c:a", "libopus"))
    loud = np.abs(samples[: 7 * SAMPLE_RATE]).reshape(7, -1).mean(axis=1) > 0.01
    assert loud.tolist() == [True, False, False, True, False, False, True]


class TestTimeline:
    def placed(self, *pieces: tuple[float, float], zero: float = 0.0) -> list[int]:
        """Returns the seconds with sound of pieces, given as (time, seconds)."""
        timeline = Timeline(zero)
        blocks = [
            block
            for time, seconds in pieces
            for block in timeline.place(time, np.ones((round(seconds * SAMPLE_RATE), 1), np.float32))
        ]
        sound = np.concatenate([*blocks, *timeline.end()])[:, 0]
        return np.flatnonzero(sound.reshape(-1, SAMPLE_RATE).mean(axis=1) == 1).tolist()

    def test_sound_before_the_start_is_left_out(self) -> None:
        assert self.placed((-2, 1), (-1, 3), (2, 1)) == [0, 1, 2]

    def test_times_that_go_back_lose_nothing_and_add_nothing(self) -> None:
        assert self.placed((0, 2), (0, 2), (2, 1)) == [0, 1, 2, 3, 4]

    def test_a_time_ahead_that_the_next_ones_do_not_confirm_is_no_gap(self) -> None:
        ahead = [(1 + 0.25 * number, 0.25) for number in range(4)]
        assert self.placed((0, 1), (160, 0.25), *[(160, 0.25)] * 3, *ahead[:0]) == [0, 1]

    def test_two_clocks_are_no_gap_of_days(self) -> None:
        day = 24 * LONGEST_SILENCE
        assert self.placed((0, 1), (day, 1), (day + 1, 1), (day + 4, 1)) == [0, 1, 2, 5]
        assert self.placed((day, 1), (day + 1, 1)) == [0, 1]
