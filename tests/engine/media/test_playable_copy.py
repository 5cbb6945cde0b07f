"""The copy that browsers play has the transcript's times, and its failure disturbs nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from engine import Config
from engine.media.audio_reader import AudioReader
from engine.media.audio_tracks import AudioTrack
from engine.media.playable_copy import PlayableCopy
from engine.sampling import SAMPLE_RATE, to_samples
from tests.support.media_files import children, decode, likeness
from tests.support.odd_media import joined_adts, joined_mp3, shifted
from tests.support.waiting import eventually


def late(folder: Path, speech: Path) -> Path:
    return shifted("late.ts", folder, speech)


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("source", [late, joined_mp3, joined_adts])
def test_a_copy_has_the_transcripts_times(
    source: Callable[[Path, Path], Path], tmp_path: Path, speech: Path
) -> None:
    samples, _ = decode(source(tmp_path, speech))
    copy = PlayableCopy(tmp_path / "copy.m4a")
    for block in np.array_split(samples, 5):
        copy.write(block)
    assert copy.finish()

    copied, decoding = decode(tmp_path / "copy.m4a")
    assert decoding.track == AudioTrack("opus", is_default=True)
    assert decoding.duration == pytest.approx(len(samples) / SAMPLE_RATE, abs=0.03)
    content = (tmp_path / "copy.m4a").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat"), "its index comes first"
    assert likeness(copied, samples, 0.03) > 0.9


def test_a_long_copy_takes_32_kbit_a_second(tmp_path: Path, talk: np.ndarray) -> None:
    copy = PlayableCopy(tmp_path / "copy.m4a")
    for _ in range(3):
        copy.write(np.stack([talk, -0.5 * talk], axis=1))
    assert copy.finish()
    assert 24_000 < 8 * (tmp_path / "copy.m4a").stat().st_size / 90 < 40_000


def test_without_sound_or_room_there_is_no_copy(
    tmp_path: Path, talk: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not PlayableCopy(tmp_path / "copy.m4a").finish()
    copy = PlayableCopy(tmp_path / "missing" / "copy.m4a")
    for _ in range(8):
        copy.write(talk)
    assert not copy.finish()
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    copy = PlayableCopy(tmp_path / "copy.m4a")
    for _ in range(8):
        copy.write(talk)
    assert not copy.finish()


def test_a_copy_that_is_given_up_leaves_no_process(tmp_path: Path, talk: np.ndarray) -> None:
    before = children()
    copy = PlayableCopy(tmp_path / "copy.m4a")
    copy.write(talk)
    copy.close()
    copy.write(talk)
    assert not copy.finish()
    assert eventually(lambda: children() == before)


def test_a_copy_is_read_from_any_second_on(tmp_path: Path, talk: np.ndarray) -> None:
    copy = PlayableCopy(tmp_path / "copy.m4a")
    for _ in range(4):
        copy.write(talk)
    assert copy.finish()
    for start in (0.0, 3.3, 77.123):
        with closing(AudioReader(copy.path, Config(), block_seconds=5.0, start=start)) as reader:
            block = next(iter(reader))
            assert reader.duration == len(block) / SAMPLE_RATE == 5.0
        there = np.tile(talk, 4)[to_samples(start) :][: len(block)]
        assert likeness(block, there, 0.002) > 0.9
