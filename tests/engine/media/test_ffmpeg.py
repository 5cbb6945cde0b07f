"""ffmpeg as a process: what it is given, how long it is waited for, and that nothing of it stays."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine.config import Config
from engine.errors import (
    Busy,
    DecodeLimitExceeded,
    FfmpegMissing,
    InputError,
    NotMedia,
    OutOfMemory,
    TooLong,
)
from engine.media.audio_reader import AudioReader
from engine.media.ffmpeg import Ffmpeg
from engine.sampling import SAMPLE_RATE
from tests.support.media_files import CONFIG, children, decode, stated


class TestProcess:
    def test_blocks_are_of_the_length_asked_for_and_join_without_seams(self, talk_wav: Path) -> None:
        whole = soundfile.read(talk_wav, dtype="float32")[0]
        for seconds in (30.0, 7.0, 0.5, 100.0):
            blocks = list(AudioReader(talk_wav, CONFIG, seconds))
            assert {len(block) for block in blocks[:-1]} <= {int(seconds * SAMPLE_RATE)}
            assert 0 < len(blocks[-1]) <= seconds * SAMPLE_RATE
            np.testing.assert_array_equal(np.concatenate(blocks), whole)

    @pytest.mark.parametrize("taken", [0, 1])
    def test_closing_early_leaves_no_process_and_no_pipe(self, taken: int, long_wav: Path) -> None:
        before = children(), len(os.listdir("/proc/self/fd"))
        with closing(AudioReader(long_wav, CONFIG, block_seconds=1.0)) as decoding:
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
        stated(talk_wav)
        decode(talk_wav)
        with pytest.raises(NotMedia):
            decode(tmp_path / "text.mp3")
        with pytest.raises(TooLong):
            decode(talk_wav, Config(max_seconds=1.0), block_seconds=0.1)
        assert (children(), len(os.listdir("/proc/self/fd"))) == before

    def test_an_ffmpeg_that_gives_nothing_is_stopped(self, long_wav: Path) -> None:
        before = children()
        blocks = iter(AudioReader(long_wav, Config(ffmpeg_stall=3.0), block_seconds=1.0))
        next(blocks)
        (ffmpeg,) = set(children()) - set(before)
        os.kill(ffmpeg, signal.SIGSTOP)
        with pytest.raises(DecodeLimitExceeded):
            list(blocks)
        assert children() == before

    def test_what_the_file_says_is_known_from_the_ffmpeg_that_decodes_it(self, long_wav: Path) -> None:
        before = children()
        with closing(AudioReader(long_wav, CONFIG)) as decoding:
            assert decoding.open() == decoding.open() == stated(long_wav)
            (ffmpeg,) = set(children()) - set(before)
            blocks = iter(decoding)
            heard = len(next(blocks)) + len(next(blocks))
            assert set(children()) - set(before) == {ffmpeg}
            assert heard + sum(map(len, blocks)) == 300 * SAMPLE_RATE

    def test_closing_drops_what_has_been_decoded(self, talk_wav: Path) -> None:
        decoding = AudioReader(talk_wav, CONFIG)
        decoding.open()
        decoding.close()
        assert list(decoding) == []

    def test_what_failed_gives_nothing_more(self, tmp_path: Path) -> None:
        decoding = AudioReader(tmp_path / "missing.wav", CONFIG)
        with pytest.raises(InputError):
            decoding.open()
        assert decoding.open() is None
        assert list(decoding) == []

    def test_another_thread_may_close_while_ffmpeg_starts(
        self, long_wav: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Closed(Ffmpeg):
            def __init__(self, *arguments: Any) -> None:
                super().__init__(*arguments)
                decoding.close()

        monkeypatch.setattr("engine.media.audio_reader.Ffmpeg", Closed)
        before = children()
        decoding = AudioReader(long_wav, Config(ffmpeg_stall=0.3))
        assert list(decoding) == []
        assert children() == before

    def test_a_slow_listener_is_waited_for(self, long_wav: Path) -> None:
        blocks = iter(AudioReader(long_wav, Config(ffmpeg_stall=2.0)))
        heard = len(next(blocks))
        time.sleep(2.5)
        assert heard + sum(len(block) for block in blocks) == 300 * SAMPLE_RATE

    def test_another_thread_may_close_while_ffmpeg_is_waited_for(self, long_wav: Path) -> None:
        before = children()
        decoding = AudioReader(long_wav, CONFIG, block_seconds=1.0)
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
        config = Config(ffmpeg_memory=1 << 30, max_seconds=1000.0)
        with closing(AudioReader(long_wav, config, block_seconds=1.0)) as decoding:
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
        for attempt in (lambda: stated(speech), lambda: decode(speech)):
            with pytest.raises(FfmpegMissing, match="apt install ffmpeg"):
                attempt()

    def test_an_ffmpeg_that_does_not_start_says_so(
        self, speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "ffmpeg").write_bytes(b"\x7fELF of another machine")
        (tmp_path / "ffmpeg").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(FfmpegMissing, match="does not start"):
            stated(speech)

    @pytest.mark.parametrize(
        ("number", "error"),
        [
            (errno.ENOENT, FfmpegMissing),
            (errno.ENOEXEC, FfmpegMissing),
            (errno.EMFILE, Busy),
            (errno.EAGAIN, Busy),
            (errno.ENOMEM, OutOfMemory),
            (errno.E2BIG, OSError),
        ],
    )
    def test_only_a_program_that_is_not_there_is_missing(
        self, number: int, error: type[Exception], speech: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: Any, **__: Any) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr("engine.media.fence.Fence.start", refuse)
        with pytest.raises(error) as caught:
            decode(speech, Config(fence="off"))
        assert isinstance(caught.value, FfmpegMissing) == (error is FfmpegMissing)

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ("failed to map segment from shared object", DecodeLimitExceeded),
            ("cannot map zero-fill pages", DecodeLimitExceeded),
            ("cannot open shared object file: No such file or directory", FfmpegMissing),
        ],
    )
    def test_what_the_loader_cannot_do_is_told_by_its_cause(
        self,
        fault: str,
        error: type[Exception],
        speech: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        said = f"ffmpeg: error while loading shared libraries: libavcodec.so.59: {fault}"
        (tmp_path / "ffmpeg").write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 127\n")
        (tmp_path / "ffmpeg").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(error):
            stated(speech)
