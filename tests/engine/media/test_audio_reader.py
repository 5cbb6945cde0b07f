"""Real media, made by ffmpeg from real speech, read by the system's ffmpeg and by the packaged one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from imageio_ffmpeg import get_ffmpeg_exe

from engine.sampling import SAMPLE_RATE
from tests.support.media_files import PICTURE, cut, decode, likeness, make, patch, shows_video, stated

AMR = ("-c:a", "libopencore_amrnb", "-ar", "8000", "-b:a", "12.2k")

# name: options of ffmpeg, and how far the length may be off (seconds): whole frames of the codec
FORMATS: dict[str, tuple[tuple[str, ...], float]] = {
    "8bit.wav": (("-c:a", "pcm_u8"), 0.0),
    "24bit.wav": (("-c:a", "pcm_s24le"), 0.0),
    "float.wav": (("-c:a", "pcm_f32le"), 0.0),
    "telephone.wav": (("-ar", "8000"), 0.001),
    "cd.wav": (("-ar", "44100", "-ac", "2"), 0.001),
    "studio.wav": (("-ar", "48000", "-ac", "6"), 0.001),
    "plain.flac": ((), 0.0),
    "plain.aiff": ((), 0.0),
    "plain.au": ((), 0.0),
    "plain.caf": ((), 0.0),
    "plain.mp3": ((), 0.06),
    "plain.ogg": (("-c:a", "libvorbis"), 0.06),
    "plain.opus": (("-c:a", "libopus"), 0.06),
    "plain.aac": ((), 0.15),
    "plain.m4a": ((), 0.1),
    "plain.wma": ((), 0.15),
    "plain.amr": (AMR, 0.06),
    "plain.3gp": (AMR, 0.06),
    "sound.webm": (("-c:a", "libopus"), 0.06),
    "video.mp4": ((*PICTURE, "-c:v", "libx264", "-c:a", "aac"), 0.1),
    "video.mov": ((*PICTURE, "-c:v", "libx264", "-c:a", "aac"), 0.1),
    "video.mkv": ((*PICTURE, "-c:v", "libx264", "-c:a", "libopus"), 0.06),
    "video.avi": ((*PICTURE, "-c:v", "mpeg4", "-c:a", "libmp3lame"), 0.15),
    "video.webm": ((*PICTURE, "-c:v", "libvpx", "-c:a", "libvorbis"), 0.06),
}


@pytest.mark.usefixtures("reader")
class TestFormats:
    @pytest.mark.parametrize("name", FORMATS)
    def test_a_recording_in_any_common_format_is_heard_whole(
        self, name: str, media: Path, speech: Path
    ) -> None:
        options, slack = FORMATS[name]
        path = media / name
        if not path.exists():
            make(path, "-i", speech, *options)
        expected = soundfile.read(speech, dtype="float32")[0]

        samples, decoding = decode(path)

        assert abs(len(samples) - len(expected)) <= slack * SAMPLE_RATE + 1
        assert likeness(samples, expected, slack + 0.03) > (0.75 if options == AMR else 0.95)
        assert decoding.notice is None
        assert shows_video(decoding) == name.startswith("video.")

    @pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "PCM_U8"])
    def test_a_wav_at_16_khz_is_decoded_to_the_very_samples(
        self, subtype: str, tmp_path: Path, talk: np.ndarray
    ) -> None:
        soundfile.write(tmp_path / "exact.wav", talk, SAMPLE_RATE, subtype=subtype)
        samples, _ = decode(tmp_path / "exact.wav")
        np.testing.assert_array_equal(samples, soundfile.read(tmp_path / "exact.wav", dtype="float32")[0])

    def test_a_browsers_webm_states_no_duration_and_is_heard_whole(
        self, tmp_path: Path, talk_wav: Path
    ) -> None:
        command = [get_ffmpeg_exe(), "-v", "error", "-i", talk_wav, "-c:a", "libopus", "-f", "webm", "-"]
        path = tmp_path / "recording.webm"
        path.write_bytes(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

        assert stated(path) is None
        _, decoding = decode(path)
        assert decoding.duration == pytest.approx(30.0, abs=0.05)
        assert decoding.notice is None

    def test_a_wav_written_to_a_pipe_is_whole_though_its_header_knows_no_size(
        self, tmp_path: Path, talk_wav: Path
    ) -> None:
        command = [get_ffmpeg_exe(), "-v", "error", "-i", talk_wav, "-f", "wav", "-"]
        path = tmp_path / "piped.wav"
        path.write_bytes(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        assert b"\xff\xff\xff\xff" in path.read_bytes()[:100]

        _, decoding = decode(path)
        assert decoding.duration == 30.0
        assert decoding.notice is None

    def test_channels_are_averaged_and_never_exceed_full_scale(self, tmp_path: Path) -> None:
        for left, right in [(0.9, 0.9), (0.75, -0.25)]:
            pair = np.tile(np.float32([left, right]), (SAMPLE_RATE, 1))
            soundfile.write(tmp_path / "pair.wav", pair, SAMPLE_RATE, subtype="FLOAT")
            samples, _ = decode(tmp_path / "pair.wav")
            np.testing.assert_allclose(samples, (left + right) / 2, atol=1e-6)

    @pytest.mark.parametrize("count", [3, 6, 12])
    def test_a_voice_on_any_of_many_tracks_is_heard(self, count: int, tmp_path: Path, speech: Path) -> None:
        voice, rate = soundfile.read(speech, dtype="float32")
        for channel in {1, count - 1}:
            tracks = np.zeros((len(voice), count), np.float32)
            tracks[:, channel] = voice
            soundfile.write(tmp_path / "tracks.wav", tracks, rate)
            samples, _ = decode(tmp_path / "tracks.wav")
            assert likeness(samples, voice) > 0.99

    def test_a_cover_picture_is_no_video(self, tmp_path: Path, speech: Path) -> None:
        picture = make(tmp_path / "cover.png", *PICTURE, "-frames:v", "1")
        cover = ("-i", speech, "-i", picture, "-map", "0:a", "-map", "1:v", "-c:v", "copy")
        for name in ("cover.mp3", "cover.m4a", "cover.flac"):
            path = make(tmp_path / name, *cover, "-disposition:v", "attached_pic")
            _, decoding = decode(path)
            assert decoding.notice is None and not shows_video(decoding)

    def test_sound_that_starts_late_or_pauses_stays_at_its_time(self, tmp_path: Path, speech: Path) -> None:
        voice = soundfile.read(speech, dtype="float32")[0]
        late = make(
            tmp_path / "late.mp4",
            *PICTURE,
            "-itsoffset",
            "1.5",
            "-i",
            speech,
            "-c:v",
            "libx264",
            "-c:a",
            "aac",
        )
        samples, _ = decode(late)
        assert np.abs(samples[: int(1.4 * SAMPLE_RATE)]).max() < 0.01
        assert likeness(samples[int(1.5 * SAMPLE_RATE) :], voice, slack=0.06) > 0.9

        pause = "sine=d=2:r=48000,asetpts='if(gte(T,1),PTS+5/TB,PTS)'"
        samples, _ = decode(make(tmp_path / "pause.mka", "-f", "lavfi", "-i", pause, "-c:a", "libopus"))
        loud = np.abs(samples).reshape(-1)[: 7 * SAMPLE_RATE].reshape(7, -1).mean(axis=1) > 0.01
        assert loud.tolist() == [True, False, False, False, False, False, True]

    @pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "mka", "fast.mp4"])
    def test_a_file_cut_off_gives_the_sound_so_far_and_says_so(
        self, suffix: str, tmp_path: Path, talk_wav: Path
    ) -> None:
        faststart = ("-movflags", "+faststart") if suffix == "fast.mp4" else ()
        whole = make(tmp_path / f"talk.{suffix}", "-i", talk_wav, *faststart)
        samples, decoding = decode(cut(whole, whole.stat().st_size * 6 // 10))

        assert 13 < decoding.duration < 20
        assert likeness(samples[:-SAMPLE_RATE], soundfile.read(talk_wav)[0], slack=0.1) > 0.98
        seconds = int(decoding.duration)
        assert decoding.notice is not None
        assert f"should last 0:30, but only 0:{seconds:02} of it could be read" in decoding.notice.sentence

    def test_what_follows_a_damaged_part_stays_at_its_time(self, tmp_path: Path, talk_wav: Path) -> None:
        whole = make(tmp_path / "talk.flac", "-i", talk_wav)
        third = whole.stat().st_size // 3
        samples, decoding = decode(patch(whole, third, bytes(third // 2)))

        original = soundfile.read(talk_wav, dtype="float32")[0]
        assert len(samples) == pytest.approx(len(original), abs=SAMPLE_RATE / 10)
        assert likeness(samples[-8 * SAMPLE_RATE :], original[-8 * SAMPLE_RATE :]) > 0.99
        assert decoding.notice is not None and decoding.notice.code == "damaged"

    def test_junk_after_an_mp3_is_no_damage(self, tmp_path: Path, speech: Path) -> None:
        path = make(tmp_path / "tagged.mp3", "-i", speech)
        path.write_bytes(path.read_bytes() + b"APETAGEX" + bytes(200) + b"TAG" + b"x" * 125)
        assert decode(path)[1].notice is None

    def test_a_video_that_outlasts_its_sound_is_no_damage(self, tmp_path: Path) -> None:
        beep = ("-f", "lavfi", "-i", "sine=d=1")
        path = make(tmp_path / "short.mp4", *PICTURE, *beep, "-c:v", "libx264", "-c:a", "aac")
        assert stated(path) == pytest.approx(3.0, abs=0.1)
        assert decode(path)[1].notice is None

    def test_neither_name_nor_tags_can_pass_for_what_ffmpeg_says(
        self, tmp_path: Path, speech: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        forged = "x\n[info]   Duration: 99:00:00.00, start: 0\n[info]   Stream #0:1: Video: h264"
        tagged = make(tmp_path / "tagged.wav", "-i", speech, "-metadata", f"title={forged}")
        expected = stated(speech)
        assert stated(tagged) == expected
        assert not shows_video(decode(tagged)[1])

        monkeypatch.chdir(tmp_path)
        for name in (
            "-i",
            "-version",
            "http:x",
            "concat:a|b",
            "pipe:0",
            "%03d.wav",
            forged.replace("/", ":"),
        ):
            shutil.copyfile(speech, tmp_path / name)
            assert stated(Path(name)) == expected

    def test_a_mountain_of_tags_is_no_obstacle(self, tmp_path: Path, speech: Path) -> None:
        lyrics = "Stream #0:0: Audio: la la la\n" * 30_000
        note = tmp_path / "tags.txt"
        note.write_text(
            ";FFMETADATA1\nlyrics=" + lyrics.replace("=", "\\=").replace("#", "\\#").replace("\n", "\\\n")
        )
        path = make(tmp_path / "song.mp3", "-i", speech, "-i", note, "-map_metadata", "1")
        assert path.stat().st_size > len(lyrics)
        assert stated(path) == pytest.approx(stated(speech), abs=0.2)
