"""Recordings behind other bytes, pieces without a beginning, and headers that state what cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import DamagedMedia, NotMedia
from engine.sampling import SAMPLE_RATE
from tests.support.media_files import cut, decode, likeness, make, stated
from tests.support.odd_media import (
    FRAGMENTED,
    dictation,
    joined,
    uploaded,
    with_last_position,
    with_webm_duration,
)

NOISE = np.random.default_rng(3).bytes(20_000)
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.m4a"\r\nContent-Type: audio/mp4\r\n\r\n'
)
BEHIND = {
    "newline.wav": b"\r\n",
    "form.m4a": FORM,
    "macbinary.m4a": bytes(128),
    "noise.flac": NOISE,
    "noise.ogg": NOISE[:3000],
    "far.webm": NOISE + NOISE + NOISE[:20_000],
    "text.aiff": b"Recorded on Monday.\n",
    "zeros.mka": bytes(5000),
}


@pytest.mark.usefixtures("reader")
class TestRescue:
    @pytest.mark.parametrize("name", BEHIND)
    def test_a_recording_behind_other_bytes_is_heard_whole(
        self, name: str, tmp_path: Path, speech: Path
    ) -> None:
        voice = soundfile.read(speech, dtype="float32")[0]
        samples, decoding = decode(uploaded(name, BEHIND[name], tmp_path, speech))
        assert likeness(samples, voice, 0.1) > 0.9
        assert decoding.duration == pytest.approx(len(voice) / SAMPLE_RATE, abs=0.1)
        assert decoding.notice is None

    def test_the_end_of_a_recording_before_the_next_is_passed_over(
        self, tmp_path: Path, speech: Path
    ) -> None:
        whole = make(tmp_path / "whole.webm", "-i", speech, "-c:a", "libopus")
        tail = whole.read_bytes()[-8000:]
        samples, _ = decode(uploaded("two.webm", tail, tmp_path, speech))
        assert likeness(samples, soundfile.read(speech, dtype="float32")[0], 0.1) > 0.9

    def test_nothing_is_sought_beyond_the_first_part(self, tmp_path: Path, speech: Path) -> None:
        with pytest.raises(NotMedia):
            decode(uploaded("too_far.wav", bytes(70_000), tmp_path, speech))

    @pytest.mark.parametrize("kind", ["webm", "ogg", "mp4", "live"])
    def test_a_piece_without_its_beginning_is_called_that(
        self, kind: str, tmp_path: Path, talk_wav: Path
    ) -> None:
        if kind == "mp4":
            whole = make(tmp_path / "whole.mp4", "-i", talk_wav, *FRAGMENTED).read_bytes()
            piece = whole[whole.index(b"moof") - 4 :]
        elif kind == "live":  # a browser's recording: its parts begin with a cluster
            whole = make(tmp_path / "w.webm", "-i", talk_wav, "-c:a", "libopus", "-live", "1").read_bytes()
            piece = whole[whole.index(b"\x1fC\xb6u", len(whole) // 2) :]
        else:
            whole = make(tmp_path / f"whole.{kind}", "-i", talk_wav, "-c:a", "libopus").read_bytes()
            piece = whole[-20_000:]
        (tmp_path / "piece").write_bytes(piece)
        with pytest.raises(DamagedMedia, match="piece of a recording without its beginning"):
            decode(tmp_path / "piece")

    def test_a_dictation_is_read_and_one_that_cannot_be_is_named(self, tmp_path: Path) -> None:
        _, decoding = decode(dictation(tmp_path / "dictation.dss"))
        assert decoding.duration == pytest.approx(17.7, abs=0.1)
        (tmp_path / "dictation.ds2").write_bytes(b"\x03ds2" + bytes(5000))
        with pytest.raises(NotMedia, match="DS2"):
            decode(tmp_path / "dictation.ds2")


@pytest.mark.usefixtures("reader")
class TestStatedDuration:
    @pytest.mark.parametrize("hours", [5, 5787])
    def test_a_duration_that_the_bytes_do_not_allow_refuses_nothing(
        self, hours: int, tmp_path: Path, speech: Path
    ) -> None:
        whole = make(tmp_path / "whole.ogg", "-i", speech, "-c:a", "libopus")
        path = with_last_position(whole, hours * 3600 * 48_000)
        assert stated(path) is None
        _, decoding = decode(path)
        assert decoding.duration == pytest.approx(soundfile.info(speech).duration, abs=0.1)
        assert decoding.notice is None

    @pytest.mark.parametrize("seconds", [60.0, 1e6])
    def test_a_file_with_its_end_is_not_cut_off_whatever_it_states(
        self, seconds: float, tmp_path: Path, speech: Path
    ) -> None:
        whole = make(tmp_path / "whole.webm", "-i", speech, "-c:a", "libopus")
        _, decoding = decode(with_webm_duration(whole, seconds))
        assert decoding.notice is None

    def test_a_file_without_its_end_is_cut_off(self, tmp_path: Path, talk_wav: Path) -> None:
        whole = make(tmp_path / "whole.webm", "-i", talk_wav, "-c:a", "libopus")
        _, decoding = decode(cut(whole, whole.stat().st_size // 2))
        assert decoding.notice is not None and decoding.notice.code == "cut_off"

    def test_a_part_that_cannot_be_read_is_not_lost_in_silence(self, tmp_path: Path, speech: Path) -> None:
        first = make(tmp_path / "first.ogg", "-i", speech, "-c:a", "libopus")
        second = make(tmp_path / "second.ogg", "-i", speech, "-c:a", "libvorbis")
        _, decoding = decode(joined(tmp_path, "joined.ogg", first, second))
        assert decoding.notice is not None and decoding.notice.code == "damaged"

    def test_variable_bit_rate_without_a_header_states_no_more_than_a_guess(
        self, tmp_path: Path, talk_wav: Path
    ) -> None:
        quiet = ("-af", "apad=pad_dur=120", "-c:a", "libmp3lame", "-q:a", "6", "-write_xing", "0")
        path = make(tmp_path / "vbr.mp3", "-i", talk_wav, *quiet)
        _, decoding = decode(path)
        assert decoding.duration == pytest.approx(150, abs=0.2)
        assert decoding.notice is None
