"""What is no recording, or too much of one, is refused with the reason, by either ffmpeg."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.config import Config
from engine.errors import (
    DamagedMedia,
    DecodeLimitExceeded,
    EmptyAudioTrack,
    EmptyFile,
    InputError,
    NoAudioTrack,
    NotMedia,
    TooLarge,
    TooLong,
    WordlightError,
)
from engine.media.audio_reader import AudioReader
from engine.sampling import SAMPLE_RATE
from tests.support.media_files import (
    CONFIG,
    PICTURE,
    cut,
    decode,
    likeness,
    make,
    patch,
    stated,
    with_external_track,
)


@pytest.mark.usefixtures("reader")
class TestRefusals:
    def refuse(self, path: Path, error: type[WordlightError], config: Config = CONFIG) -> None:
        for attempt in (lambda: stated(path, config), lambda: decode(path, config)):
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
        path = make(tmp_path / "silent.mp4", *PICTURE, "-c:v", "libx264")
        for config in (CONFIG, Config(max_seconds=1.0)):  # no part of it would be taken
            self.refuse(path, NoAudioTrack, config)

    def test_an_mp4_cut_off_before_its_index(self, tmp_path: Path, speech: Path) -> None:
        self.refuse(cut(make(tmp_path / "talk.m4a", "-i", speech), -2000), DamagedMedia)

    @pytest.mark.parametrize("suffix", ["flac", "ogg", "mka", "avi"])
    def test_a_recording_cut_off_in_its_header(self, suffix: str, tmp_path: Path, speech: Path) -> None:
        self.refuse(cut(make(tmp_path / f"talk.{suffix}", "-i", speech), 30), DamagedMedia)

    def test_a_header_without_sound(self, tmp_path: Path) -> None:
        soundfile.write(tmp_path / "nothing.wav", np.zeros(0, np.float32), SAMPLE_RATE)
        with pytest.raises(EmptyAudioTrack):
            decode(tmp_path / "nothing.wav")

    @pytest.mark.parametrize("channels", [65, 1000, 65_535])
    def test_a_head_with_more_channels_than_there_can_be(
        self, channels: int, tmp_path: Path, talk_wav: Path
    ) -> None:
        path = tmp_path / "many.wav"
        path.write_bytes(talk_wav.read_bytes())
        frame = 2 * channels
        patch(path, 22, channels.to_bytes(2, "little"))
        patch(
            path,
            28,
            (min(16_000 * frame, 2**32 - 1)).to_bytes(4, "little") + (frame % 65_536).to_bytes(2, "little"),
        )
        with pytest.raises(DamagedMedia):
            decode(path)

    def test_empty_missing_and_odd_paths(self, tmp_path: Path) -> None:
        (tmp_path / "empty.wav").touch()
        os.mkfifo(tmp_path / "fifo.wav")
        self.refuse(tmp_path / "empty.wav", EmptyFile)
        for name in ("missing.wav", ".", "fifo.wav", "nul\0.wav", "x" * 300):
            self.refuse(tmp_path / name, InputError)

    def test_more_bytes_or_seconds_than_accepted(self, talk_wav: Path) -> None:
        size = talk_wav.stat().st_size
        assert stated(talk_wav, Config(max_bytes=size, max_seconds=30.0)) == 30.0
        decode(talk_wav, Config(max_bytes=size, max_seconds=30.0))
        self.refuse(talk_wav, TooLarge, Config(max_bytes=size - 1))
        self.refuse(talk_wav, TooLong, Config(max_seconds=29.9))

    def test_hours_of_sound_behind_a_header_that_keeps_quiet_about_them(self, tmp_path: Path) -> None:
        silence = ("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "3600")
        path = make(tmp_path / "silence.flac", *silence)
        assert path.stat().st_size < 1_000_000
        patch(path, 8 + 14, bytes(4))  # the count of samples in STREAMINFO; zero stands for unknown
        config = Config(max_seconds=100)
        assert stated(path, config) is None

        heard = 0
        with pytest.raises(TooLong):
            for block in AudioReader(path, config):
                heard += len(block)
        assert heard == 90 * SAMPLE_RATE

    def test_less_memory_than_reading_takes(self, talk_wav: Path) -> None:
        self.refuse(talk_wav, DecodeLimitExceeded, Config(ffmpeg_memory=40 * 1024 * 1024))
