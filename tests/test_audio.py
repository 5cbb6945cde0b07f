"""Real media, made by ffmpeg from real speech, read by the system's ffmpeg and by the packaged one."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import soundfile
from imageio_ffmpeg import get_ffmpeg_exe

from engine.audio import SAMPLE_RATE, Decoding, MediaInfo, probe
from engine.config import Config
from engine.errors import (
    DamagedMedia,
    EmptyFile,
    FfmpegMissing,
    InputError,
    NoAudio,
    NoSound,
    NotMedia,
    TooCostly,
    TooLarge,
    TooLong,
    WordlightError,
)

CONFIG = Config()
PICTURE = ("-f", "lavfi", "-i", "testsrc=d=3:s=64x64:r=10")
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


def make(target: Path, *arguments: str | Path) -> Path:
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *map(str, arguments), str(target)]
    subprocess.run(command, check=True, cwd=target.parent)
    return target


def decode(path: Path, config: Config = CONFIG, block_seconds: float = 30.0) -> tuple[np.ndarray, Decoding]:
    decoding = Decoding(path, config, block_seconds)
    samples = np.concatenate(list(decoding))
    assert samples.dtype == np.float32
    assert decoding.duration == len(samples) / SAMPLE_RATE
    return samples, decoding


def likeness(samples: np.ndarray, original: np.ndarray, slack: float = 0.03) -> float:
    """Returns the best correlation of two recordings, -1 to 1, within `slack` seconds of delay."""
    length = min(len(samples), len(original))
    spectrum = np.fft.rfft(samples[:length], 2 * length) * np.conj(np.fft.rfft(original[:length], 2 * length))
    curve = np.fft.irfft(spectrum) / (np.linalg.norm(samples[:length]) * np.linalg.norm(original[:length]))
    reach = round(slack * SAMPLE_RATE)
    return float(max(curve[: reach + 1].max(), curve[-reach:].max()))


def children() -> list[int]:
    """Returns the ids of this process's children, zombies included."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(state[1]) == os.getpid():
            found.append(int(stat.parent.name))
    return found


def patch(path: Path, offset: int, data: bytes) -> Path:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)
    return path


def cut(path: Path, length: int) -> Path:
    """Keeps the first bytes of a file, all but some where `length` is negative."""
    path.write_bytes(path.read_bytes()[:length])
    return path


@pytest.fixture(params=["system", "packaged"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs a test with the ffmpeg on PATH, then with the one of imageio-ffmpeg."""
    if request.param == "packaged":
        monkeypatch.setenv("PATH", "")
    elif not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg on PATH")


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="session")
def long_wav(media: Path) -> Path:
    """Five minutes of sound: far more than a pipe and a block hold."""
    return make(media / "long.wav", "-f", "lavfi", "-i", "sine=d=300:r=16000")


@pytest.fixture(scope="session")
def talk_wav(media: Path, talk: np.ndarray) -> Path:
    path = media / "talk.wav"
    soundfile.write(path, talk, SAMPLE_RATE, subtype="PCM_16")
    return path


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

        info = probe(path, CONFIG)
        samples, decoding = decode(path)

        assert abs(len(samples) - len(expected)) <= slack * SAMPLE_RATE + 1
        assert likeness(samples, expected, slack + 0.03) > (0.75 if options == AMR else 0.95)
        assert decoding.warning is None
        assert info.has_video == name.startswith("video.")
        assert info.size == path.stat().st_size

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

        assert probe(path, CONFIG) == MediaInfo(duration=None, has_video=False, size=path.stat().st_size)
        _, decoding = decode(path)
        assert decoding.duration == pytest.approx(30.0, abs=0.05)
        assert decoding.warning is None

    def test_a_wav_written_to_a_pipe_is_whole_though_its_header_knows_no_size(
        self, tmp_path: Path, talk_wav: Path
    ) -> None:
        command = [get_ffmpeg_exe(), "-v", "error", "-i", talk_wav, "-f", "wav", "-"]
        path = tmp_path / "piped.wav"
        path.write_bytes(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        assert b"\xff\xff\xff\xff" in path.read_bytes()[:100]

        _, decoding = decode(path)
        assert decoding.duration == 30.0
        assert decoding.warning is None

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
            assert not probe(path, CONFIG).has_video
            assert decode(path)[1].warning is None

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
        assert decoding.warning is not None
        assert f"should last 0:30, but only 0:{seconds:02} of it could be read" in decoding.warning

    def test_what_follows_a_damaged_part_stays_at_its_time(self, tmp_path: Path, talk_wav: Path) -> None:
        whole = make(tmp_path / "talk.flac", "-i", talk_wav)
        third = whole.stat().st_size // 3
        samples, decoding = decode(patch(whole, third, bytes(third // 2)))

        original = soundfile.read(talk_wav, dtype="float32")[0]
        assert len(samples) == pytest.approx(len(original), abs=SAMPLE_RATE / 10)
        assert likeness(samples[-8 * SAMPLE_RATE :], original[-8 * SAMPLE_RATE :]) > 0.99
        assert decoding.warning is not None and decoding.warning.startswith("Parts of this file are damaged")

    def test_junk_after_an_mp3_is_no_damage(self, tmp_path: Path, speech: Path) -> None:
        path = make(tmp_path / "tagged.mp3", "-i", speech)
        path.write_bytes(path.read_bytes() + b"APETAGEX" + bytes(200) + b"TAG" + b"x" * 125)
        assert decode(path)[1].warning is None

    def test_a_video_that_outlasts_its_sound_is_no_damage(self, tmp_path: Path) -> None:
        beep = ("-f", "lavfi", "-i", "sine=d=1")
        path = make(tmp_path / "short.mp4", *PICTURE, *beep, "-c:v", "libx264", "-c:a", "aac")
        assert probe(path, CONFIG).duration == pytest.approx(3.0, abs=0.1)
        assert decode(path)[1].warning is None

    def test_neither_name_nor_tags_can_pass_for_what_ffmpeg_says(
        self, tmp_path: Path, speech: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        forged = "x\n[info]   Duration: 99:00:00.00, start: 0\n[info]   Stream #0:1: Video: h264"
        tagged = make(tmp_path / "tagged.wav", "-i", speech, "-metadata", f"title={forged}")
        expected = probe(speech, CONFIG)
        assert probe(tagged, CONFIG).duration == expected.duration
        assert not probe(tagged, CONFIG).has_video

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
            assert probe(Path(name), CONFIG) == expected

    def test_a_mountain_of_tags_is_no_obstacle(self, tmp_path: Path, speech: Path) -> None:
        lyrics = "Stream #0:0: Audio: la la la\n" * 30_000
        note = tmp_path / "tags.txt"
        note.write_text(
            ";FFMETADATA1\nlyrics=" + lyrics.replace("=", "\\=").replace("#", "\\#").replace("\n", "\\\n")
        )
        path = make(tmp_path / "song.mp3", "-i", speech, "-i", note, "-map_metadata", "1")
        assert path.stat().st_size > len(lyrics)
        assert probe(path, CONFIG).duration == pytest.approx(probe(speech, CONFIG).duration, abs=0.2)


@pytest.mark.usefixtures("reader")
class TestRefusals:
    def refuse(self, path: Path, error: type[WordlightError], config: Config = CONFIG) -> None:
        for attempt in (lambda: probe(path, config), lambda: decode(path, config)):
            with pytest.raises(error) as caught:
                attempt()
            assert type(caught.value) is error
            assert caught.value.message.endswith(".") and caught.value.hint.endswith(".")
            assert str(path.parent) not in str(caught.value)

    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(b"Dear diary, today I said nothing.\n" * 200, id="text"),
            pytest.param(b"<!doctype html><html><body>404</body></html>", id="html"),
            pytest.param(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" * 50, id="pdf"),
            pytest.param(np.random.default_rng(7).bytes(300_000), id="noise"),
            pytest.param(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500), id="heic"),
            pytest.param(b"\0", id="one byte"),
        ],
    )
    def test_bytes_that_are_no_recording(self, data: bytes, tmp_path: Path) -> None:
        path = tmp_path / "song.mp3"
        path.write_bytes(data)
        self.refuse(path, NotMedia)

    def test_archives(self, tmp_path: Path, speech: Path) -> None:
        with zipfile.ZipFile(tmp_path / "songs.zip", "w") as archive:
            archive.write(speech, "speech.wav")
        self.refuse(tmp_path / "songs.zip", NotMedia)

    @pytest.mark.parametrize("suffix", ["png", "jpg", "gif"])
    def test_pictures(self, suffix: str, tmp_path: Path) -> None:
        still = () if suffix == "gif" else ("-frames:v", "1")
        self.refuse(make(tmp_path / f"picture.{suffix}", *PICTURE, *still), NotMedia)

    @pytest.mark.parametrize(
        "text",
        [
            "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nsecret.wav\n#EXT-X-ENDLIST\n",
            "ffconcat version 1.0\nfile secret.wav\n",
            "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
            "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><BaseURL>secret.wav</BaseURL></MPD>",
        ],
        ids=["hls", "concat", "sdp", "dash"],
    )
    def test_playlists_read_nothing(self, text: str, tmp_path: Path, speech: Path) -> None:
        shutil.copyfile(speech, tmp_path / "secret.wav")
        playlist = tmp_path / "list.wav"
        playlist.write_text(text)
        if text.startswith("ffconcat"):  # left to itself, ffmpeg would play it
            make(tmp_path / "leak.wav", "-i", playlist)
        self.refuse(playlist, NotMedia)

    def test_a_track_that_lies_in_another_file_is_not_read(self, tmp_path: Path, speech: Path) -> None:
        make(tmp_path / "secret.mov", "-i", speech, "-c:a", "pcm_s16le")
        path = tmp_path / "outside.mov"
        path.write_bytes(with_external_track((tmp_path / "secret.mov").read_bytes(), b"secret.mov"))
        # Left to itself and told to follow, ffmpeg would play the other file.
        leak = make(tmp_path / "leak.wav", "-enable_drefs", "1", "-i", path)
        assert likeness(soundfile.read(leak)[0], soundfile.read(speech)[0]) > 0.99
        with pytest.raises(InputError):
            decode(path)

    def test_video_without_sound(self, tmp_path: Path) -> None:
        self.refuse(make(tmp_path / "silent.mp4", *PICTURE, "-c:v", "libx264"), NoAudio)

    def test_an_mp4_cut_off_before_its_index(self, tmp_path: Path, speech: Path) -> None:
        self.refuse(cut(make(tmp_path / "talk.m4a", "-i", speech), -2000), DamagedMedia)

    @pytest.mark.parametrize("suffix", ["flac", "ogg", "mka", "avi"])
    def test_a_recording_cut_off_in_its_header(self, suffix: str, tmp_path: Path, speech: Path) -> None:
        self.refuse(cut(make(tmp_path / f"talk.{suffix}", "-i", speech), 30), DamagedMedia)

    def test_a_header_without_sound(self, tmp_path: Path) -> None:
        soundfile.write(tmp_path / "nothing.wav", np.zeros(0, np.float32), SAMPLE_RATE)
        with pytest.raises(NoSound):
            decode(tmp_path / "nothing.wav")

    def test_empty_missing_and_odd_paths(self, tmp_path: Path) -> None:
        (tmp_path / "empty.wav").touch()
        os.mkfifo(tmp_path / "fifo.wav")
        self.refuse(tmp_path / "empty.wav", EmptyFile)
        for name in ("missing.wav", ".", "fifo.wav", "nul\0.wav", "x" * 300):
            self.refuse(tmp_path / name, InputError)

    def test_more_bytes_or_seconds_than_accepted(self, talk_wav: Path) -> None:
        size = talk_wav.stat().st_size
        assert probe(talk_wav, Config(max_bytes=size, max_seconds=30.0)).duration == 30.0
        decode(talk_wav, Config(max_bytes=size, max_seconds=30.0))
        self.refuse(talk_wav, TooLarge, Config(max_bytes=size - 1))
        self.refuse(talk_wav, TooLong, Config(max_seconds=29.9))

    def test_hours_of_sound_behind_a_header_that_keeps_quiet_about_them(self, tmp_path: Path) -> None:
        silence = ("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "3600")
        path = make(tmp_path / "silence.flac", *silence)
        assert path.stat().st_size < 1_000_000
        patch(path, 8 + 14, bytes(4))  # the count of samples in STREAMINFO; zero stands for unknown
        config = Config(max_seconds=100)
        assert probe(path, config).duration is None

        heard = 0
        with pytest.raises(TooLong):
            for block in Decoding(path, config):
                heard += len(block)
        assert heard == 90 * SAMPLE_RATE

    def test_less_memory_than_reading_takes(self, talk_wav: Path) -> None:
        self.refuse(talk_wav, TooCostly, Config(decode_memory=40 * 1024 * 1024))


def with_external_track(movie: bytes, target: bytes) -> bytes:
    """Returns a QuickTime file whose sound is said to lie in `target` (an `alis` data reference)."""
    path = target + b"\0" * (len(target) % 2)
    alias = b"\0" * 10 + bytes([4]) + b"disk".ljust(27, b"\0") + b"\0" * 12 + bytes([len(target)])
    alias += target.ljust(63, b"\0") + b"\0" * 16 + b"\0\1\0\1" + b"\0" * 16
    alias += (2).to_bytes(2, "big") + len(path).to_bytes(2, "big") + path + b"\xff\xff\0\0"
    entry = b"alis" + bytes(4) + alias
    entry = (len(entry) + 4).to_bytes(4, "big") + entry
    start = movie.index(b"dref") + 12  # past its name, version, flags and count of entries
    grown = len(entry) - int.from_bytes(movie[start : start + 4], "big")
    data = bytearray(movie[:start] + entry + movie[start + len(entry) - grown :])
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        # The last box of a name before the entry is the one around it.
        at = data.rindex(box, 0, start) - 4
        size = int.from_bytes(data[at : at + 4], "big")
        data[at : at + 4] = (size + grown).to_bytes(4, "big")
    return bytes(data)


class TestProcess:
    def test_blocks_are_of_the_length_asked_for_and_join_without_seams(self, talk_wav: Path) -> None:
        whole = soundfile.read(talk_wav, dtype="float32")[0]
        for seconds in (30.0, 7.0, 0.5, 100.0):
            blocks = list(Decoding(talk_wav, CONFIG, seconds))
            assert {len(block) for block in blocks[:-1]} <= {int(seconds * SAMPLE_RATE)}
            assert 0 < len(blocks[-1]) <= seconds * SAMPLE_RATE
            np.testing.assert_array_equal(np.concatenate(blocks), whole)

    @pytest.mark.parametrize("taken", [0, 1])
    def test_closing_early_leaves_no_process_and_no_pipe(self, taken: int, long_wav: Path) -> None:
        before = children(), len(os.listdir("/proc/self/fd"))
        with closing(Decoding(long_wav, CONFIG, block_seconds=1.0)) as decoding:
            blocks = iter(decoding)
            for _ in range(taken):
                next(blocks)
            assert len(children()) == len(before[0]) + taken
        decoding.close()
        assert (children(), len(os.listdir("/proc/self/fd"))) == before
        assert list(blocks) == []

    def test_reading_to_the_end_or_failing_leaves_nothing_either(
        self, talk_wav: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "text.mp3").write_text("no sound here")
        before = children(), len(os.listdir("/proc/self/fd"))
        probe(talk_wav, CONFIG)
        decode(talk_wav)
        with pytest.raises(NotMedia):
            decode(tmp_path / "text.mp3")
        with pytest.raises(TooLong):
            decode(talk_wav, Config(max_seconds=1.0), block_seconds=0.1)
        assert (children(), len(os.listdir("/proc/self/fd"))) == before

    def test_an_ffmpeg_that_gives_nothing_is_stopped(self, long_wav: Path) -> None:
        before = children()
        blocks = iter(Decoding(long_wav, Config(decode_stall=0.3), block_seconds=1.0))
        next(blocks)
        (ffmpeg,) = set(children()) - set(before)
        os.kill(ffmpeg, signal.SIGSTOP)
        with pytest.raises(TooCostly):
            list(blocks)
        assert children() == before

    def test_a_slow_listener_is_waited_for(self, long_wav: Path) -> None:
        blocks = iter(Decoding(long_wav, Config(decode_stall=0.3)))
        heard = len(next(blocks))
        time.sleep(1.0)
        assert heard + sum(len(block) for block in blocks) == 300 * SAMPLE_RATE

    def test_another_thread_may_close_while_ffmpeg_is_waited_for(self, long_wav: Path) -> None:
        before = children()
        decoding = Decoding(long_wav, CONFIG, block_seconds=1.0)
        blocks = iter(decoding)
        next(blocks)
        (ffmpeg,) = set(children()) - set(before)
        os.kill(ffmpeg, signal.SIGSTOP)
        listener = threading.Thread(target=list, args=(blocks,))
        listener.start()
        time.sleep(0.2)
        decoding.close()
        listener.join(timeout=10)
        assert not listener.is_alive()
        assert children() == before
        assert decoding.warning is None

    @pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
    def test_ffmpeg_runs_within_limits_and_knows_no_secrets(
        self, long_wav: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        before = children()
        config = Config(decode_memory=1 << 30, max_seconds=1000.0)
        with closing(Decoding(long_wav, config, block_seconds=1.0)) as decoding:
            next(iter(decoding))
            (ffmpeg,) = set(children()) - set(before)
            assert resource.prlimit(ffmpeg, resource.RLIMIT_AS)[0] == 1 << 30
            assert 0 < resource.prlimit(ffmpeg, resource.RLIMIT_CPU)[0] <= 1000
            assert resource.prlimit(ffmpeg, resource.RLIMIT_FSIZE)[0] == 0
            assert b"hf_secret" not in Path(f"/proc/{ffmpeg}/environ").read_bytes()

    def test_a_machine_without_ffmpeg_says_how_to_get_it(
        self, speech: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "")
        monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)  # how Python marks what cannot be imported
        for attempt in (lambda: probe(speech, CONFIG), lambda: decode(speech)):
            with pytest.raises(FfmpegMissing, match="apt install ffmpeg"):
                attempt()

    def test_an_ffmpeg_that_does_not_start_says_so(
        self, speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "ffmpeg").write_bytes(b"\x7fELF of another machine")
        (tmp_path / "ffmpeg").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(FfmpegMissing, match="does not start"):
            probe(speech, CONFIG)
