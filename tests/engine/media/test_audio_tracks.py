"""Files with several audio tracks, and tracks whose channels carry different things."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import InvalidOption
from engine.media.audio_reader import AudioReader
from engine.media.audio_tracks import ANY_TRACK, AudioTrack, TrackChoice, choice_of, listed
from engine.sampling import SAMPLE_RATE
from tests.support.media_files import CONFIG, PICTURE, decode, make
from tests.support.odd_media import tracks

TONE = "sine=f=440:d=2"
SILENCE = "anullsrc=r=16000:cl=mono:d=2"
GERMAN_DEFAULT = (
    "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger",
    "-disposition:a:0", "0", "-disposition:a:1", "default",
)  # fmt: skip


def heard_in(path: Path, choice: TrackChoice = ANY_TRACK) -> tuple[np.ndarray, AudioReader]:
    reader = AudioReader(path, CONFIG, track=choice)
    return np.concatenate(list(reader)), reader


def is_tone(samples: np.ndarray) -> bool:
    spectrum = np.abs(np.fft.rfft(samples[:SAMPLE_RATE]))
    return abs(int(spectrum.argmax()) - 440) <= 2


@pytest.mark.usefixtures("reader")
class TestTracks:
    def test_the_language_asked_for_comes_before_the_default_track(
        self, tmp_path: Path, speech: Path
    ) -> None:
        path = tracks(tmp_path, "two.mkv", speech, TONE, options=GERMAN_DEFAULT)
        for choice, tone in [
            (ANY_TRACK, True),
            (choice_of(0, "de"), True),
            (choice_of(0, "en"), False),
            (choice_of(0, "fr"), True),
            (choice_of(0, "mixed"), True),
            (choice_of(1, "de"), False),
        ]:
            samples, reader = heard_in(path, choice)
            assert is_tone(samples) is tone, choice
            (remark,) = reader.remarks
            assert remark.values == {"track": 2 if tone else 1, "tracks": "1 (en, aac), 2 (de, aac, default)"}

    def test_a_silent_track_is_passed_over_unless_it_is_asked_for(self, tmp_path: Path) -> None:
        path = tracks(tmp_path, "quiet.mka", SILENCE, TONE)
        assert is_tone(heard_in(path)[0])
        assert np.abs(heard_in(path, TrackChoice(1))[0]).max() < 0.001
        quiet = tracks(tmp_path, "all_quiet.mka", SILENCE, SILENCE)
        assert heard_in(quiet)[1].remarks[0].values["track"] == 1

    @pytest.mark.parametrize("codec", [b"apac", b"xyzw"])
    def test_a_track_of_an_unknown_codec_is_passed_over(self, codec: bytes, tmp_path: Path) -> None:
        path = tracks(tmp_path, "spatial.mp4", SILENCE, TONE)
        data = path.read_bytes()
        entry = data.index(b"stsd") + 16  # the name of the first track's codec
        assert data[entry : entry + 4] == b"mp4a"
        path.write_bytes(data[:entry] + codec + data[entry + 4 :])
        samples, reader = heard_in(path)
        assert is_tone(samples)
        assert reader.remarks[0].values["track"] == 2

    def test_an_audio_description_comes_last(self, tmp_path: Path, speech: Path) -> None:
        described = ("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=eng",
                     "-disposition:a:0", "default+visual_impaired", "-disposition:a:1", "0")  # fmt: skip
        path = tracks(tmp_path, "film.mkv", speech, TONE, options=described)
        assert is_tone(heard_in(path, choice_of(0, "en"))[0])

    def test_a_track_that_is_not_there_is_refused_with_those_that_are(
        self, tmp_path: Path, speech: Path
    ) -> None:
        path = tracks(tmp_path, "two.mkv", speech, TONE)
        for media in (path, speech):
            with pytest.raises(InvalidOption, match=r"no audio track 3 in this file. It has 1 \(") as caught:
                heard_in(media, TrackChoice(3))
            assert caught.value.field == "track"
        assert len(heard_in(speech, TrackChoice(1))[0])

    def test_one_track_needs_no_remark(self, tmp_path: Path, speech: Path) -> None:
        path = make(tmp_path / "film.mp4", *PICTURE, "-i", speech, "-c:v", "libx264", "-c:a", "aac")
        assert heard_in(path)[1].remarks == []


@pytest.mark.parametrize(
    ("language", "description", "expected"),
    [
        ("ger", "aac (LC) (mp4a / 0x6134706D), 22050 Hz, mono, fltp, 64 kb/s (default)",
         AudioTrack("aac", language="de", is_default=True)),
        ("und", "none (apac / 0x63617061), 48000 Hz, 5.1(side), 300 kb/s",
         AudioTrack("apac", is_known=False, has_centre=True)),
        ("pt-BR", "opus, 48000 Hz, stereo, fltp", AudioTrack("opus", language="pt", is_stereo=True)),
        ("fil", "ac3, 48000 Hz, 5.1(side), fltp (visual impaired)",
         AudioTrack("ac3", language="tl", is_main=False, has_centre=True)),
        ("tlh", "pcm_s16le ([1][0][0][0] / 0x0001), 16000 Hz, 12 channels, s16",
         AudioTrack("pcm_s16le", unnamed_channels=12)),
        (None, "pcm_s16le, 48000 Hz, 3 channels (FL+FR+FC), s16", AudioTrack("pcm_s16le", has_centre=True)),
        (None, "pcm_s16le, 48000 Hz, 3.0(back), s16", AudioTrack("pcm_s16le")),
        (None, "pcm_s16le, 48000 Hz, quad, s16", AudioTrack("pcm_s16le")),
        (None, "eac3, 48000 Hz, 7.1(wide-side), fltp", AudioTrack("eac3", has_centre=True)),
    ],
)  # fmt: skip
def test_ffmpegs_description_of_a_track(language: str | None, description: str, expected: AudioTrack) -> None:
    assert AudioTrack.parse(language, description) == expected
    assert listed([expected]).startswith("1 (")


@pytest.mark.usefixtures("reader")
class TestCancellation:
    def pair(self, path: Path, left: np.ndarray, right: np.ndarray) -> Path:
        soundfile.write(path, np.stack([left, right], axis=1), SAMPLE_RATE, subtype="FLOAT")
        return path

    def test_channels_that_cancel_each_other_out_leave_one(self, tmp_path: Path, speech: Path) -> None:
        voice = soundfile.read(speech, dtype="float32")[0]
        for gain in (-1.0, -0.9, -0.8):
            samples, decoding = decode(self.pair(tmp_path / "pair.wav", voice, gain * voice))
            np.testing.assert_allclose(samples, voice, atol=1e-6)
            assert [remark.code for remark in decoding.remarks] == ["cancelled"]

    def test_other_pairs_are_averaged(self, tmp_path: Path, speech: Path) -> None:
        voice = soundfile.read(speech, dtype="float32")[0]
        noise = np.float32(0.1) * np.random.default_rng(1).standard_normal(len(voice)).astype(np.float32)
        for left, right in [(voice, 0 * voice), (voice, noise), (0.2 * voice, voice), (0 * voice, 0 * voice)]:
            samples, decoding = decode(self.pair(tmp_path / "pair.wav", left, right))
            np.testing.assert_allclose(samples, (left + right) / 2, atol=1e-6)
            assert decoding.remarks == []
