"""Any media file in, 16 kHz mono float32 out, block by block, with bounded memory.

ffmpeg does the reading (engine/media/ffmpeg.py). Its commands are here; engine/media/diagnosis.py says what
its failures mean to the person who sent the file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from engine.config import Config
from engine.errors import (
    DamagedMedia,
    EmptyFile,
    InputError,
    TooLarge,
    TooLong,
)
from engine.media.diagnosis import WHOLE, fault_of, stated_seconds, warning_of
from engine.media.ffmpeg import Ffmpeg, FfmpegLog
from engine.media.ffmpeg_exit import Exit, interrupted, over_limit
from engine.sampling import SAMPLE_RATE
from engine.text.clock import clock

BLOCK_SECONDS = 30.0
SAMPLE_BYTES = 4  # float32
MAX_CHANNELS = 64  # which ffmpeg can mix; a head that says more is damaged

# async, first_pts: a gap in the sound, or a late start, becomes silence, so that sample n is always at
#   second n / 16000 of the file, where a player finds it too.
# rematrix_maxval: without it, mixing channels down to float may exceed 1.0.
_RESAMPLE = f"aresample={SAMPLE_RATE}:async=1:first_pts=0:rematrix_maxval=1"
_LAYOUTS = {1: "mono", 2: "stereo"}

# What ffmpeg and, before it has begun, the system's loader say where their address space does not suffice.
_SHORT_OF_MEMORY = r"Cannot allocate memory|failed to map segment|cannot map zero-fill pages|pthread_create"


class AudioReader:
    """Iterates once over the first audio track of a file: float32 (n,) in -1 to 1, mono, 16 kHz.

    With `channels` 2, blocks are (n, 2): left and right. Blocks last `block_seconds`, the last one less. ffmpeg
    starts with the first block asked for, or with `begin`, and waits while the caller is busy; leaving the loop
    early calls for `close`, or use `contextlib.closing`. Sample n is at second n / 16000; gaps become silence.

    duration  seconds decoded so far, of the whole file at the end
    is_stereo whether the track has two channels, left and right; known after `open`
    warning   at the end: a sentence for the reader where the file proved to be cut off or damaged

    Raises EmptyFile, TooLarge, NotMedia, NoAudioTrack, EmptyAudioTrack, DecodeLimitExceeded, FfmpegMissing,
    DamagedMedia where no sound can be read, InputError where there is no such file, and TooLong: before the
    first block where the file states its duration, else as soon as more sound comes than `config.max_seconds`.
    Also after sound has come, DecodeLimitExceeded if reading on takes too much, and DecodingInterrupted if ffmpeg
    is ended from outside.
    """

    def __init__(
        self, path: Path, config: Config, block_seconds: float = BLOCK_SECONDS, channels: int = 1
    ) -> None:
        self.duration = 0.0
        self.is_stereo = False
        self._channels = channels
        self._frame = SAMPLE_BYTES * channels  # bytes of one sample of each channel
        self.warning: str | None = None
        self._path = path
        self._config = config
        self._block_samples = max(1, round(block_seconds * SAMPLE_RATE))
        self._ffmpeg: Ffmpeg | None = None
        self._closed = False
        self._stated: float | None = None  # seconds, as the file says
        self._ahead: list[np.ndarray] | None = None  # decoded, and not yet asked for; None before `begin`
        self._decoded = self._decode()
        self._blocks = self._from_the_first()

    def __iter__(self) -> Iterator[np.ndarray]:
        return self._blocks

    def open(self) -> float | None:
        """Decodes the first block and returns the seconds that the file says it lasts, known with that.

        None where it does not say, as in what a browser's MediaRecorder writes.
        """
        if self._ahead is None:
            self._ahead = list(islice(self._decoded, 1))
        return self._stated

    @property
    def log(self) -> FfmpegLog | None:
        """What ffmpeg has said; None before it has started."""
        return self._ffmpeg.log if self._ffmpeg else None

    def close(self) -> None:
        """Ends ffmpeg and the iteration; may be called at any time, twice, and from another thread."""
        self._closed = True
        if self._ffmpeg:
            self._ffmpeg.kill()
        with suppress(ValueError):  # another thread is inside; it finds ffmpeg gone and cleans up
            self._decoded.close()

    def _from_the_first(self) -> Generator[np.ndarray]:
        self.open()
        if self._ahead and not self._closed:
            yield self._ahead.pop()
        yield from self._decoded

    def _decode(self) -> Generator[np.ndarray, None, None]:
        with _open(self._path, self._config) as media:
            log, end = yield from self._run(media)
            if log.unnamed_channels > MAX_CHANNELS:
                raise DamagedMedia(
                    f"This file is damaged: it says that it has {log.unnamed_channels:,} channels of sound.",
                    WHOLE,
                )
            channels = log.unnamed_channels
            if channels:
                log, end = yield from self._run(media, channels)
            if self._closed:
                return
            self._judge(log, end, media, channels)
            self.warning = warning_of(log, end.status, self.duration, stated_seconds(log, media))

    def _judge(self, log: FfmpegLog, end: Exit, media: BinaryIO, channels: int) -> None:
        """Raises an error unless ffmpeg has come as far as the file lets it, and found sound there."""
        if end.cause == "outside":
            raise interrupted(end)
        if end.cause == "crash" and self.duration and not self._fails_again(media, channels):
            if self._closed:
                return
            raise interrupted(end)
        if end.cause == "limit" or (end.status and log.find_error(_SHORT_OF_MEMORY)):
            raise over_limit()
        if not self.duration:
            # What crashes before there is any sound has mostly been refused memory.
            raise over_limit() if end.cause == "crash" else fault_of(log, end.status, media)

    def _fails_again(self, media: BinaryIO, channels: int) -> bool:
        """Returns whether ffmpeg fails once more, and no later: then it is this file that makes it do so.

        Only so can a crash be told from a signal that somebody has sent. Where memory is refused to it, ffmpeg
        crashes one time and says so the next.
        """
        left = round(self.duration * SAMPLE_RATE) + self._block_samples
        buffer = memoryview(bytearray(self._block_samples * self._frame))
        with Ffmpeg(media, self._config, _output(channels, self._channels)) as self._ffmpeg:
            while left > 0 and not self._closed:
                got = self._ffmpeg.read(buffer) // self._frame
                left -= got
                if got < self._block_samples:
                    end = self._ffmpeg.finish()
                    return end.cause == "crash" or bool(
                        end.status and self._ffmpeg.log.find_error(_SHORT_OF_MEMORY)
                    )
        return False

    def _run(self, media: BinaryIO, channels: int = 0) -> Generator[np.ndarray, None, tuple[FfmpegLog, Exit]]:
        """Yields the blocks; returns ffmpeg's log and how it ended.

        Yields none where channels turn up whose positions are not named, unless `channels` says how many.
        """
        samples = 0
        with Ffmpeg(media, self._config, _output(channels, self._channels)) as self._ffmpeg:
            log = self._ffmpeg.log
            while not self._closed:
                buffer = bytearray(self._block_samples * self._frame)
                got = self._ffmpeg.read(memoryview(buffer)) // self._frame
                if not samples:
                    self._look(log)
                if log.unnamed_channels and not channels:
                    self._ffmpeg.kill()
                    break
                samples += got
                self.duration = samples / SAMPLE_RATE
                if self.duration > self._config.max_seconds:
                    raise _too_long(self._config)
                if got and not self._closed:
                    found = np.frombuffer(buffer, np.float32, got * self._channels)
                    yield found if self._channels == 1 else found.reshape(-1, self._channels)
                if got < self._block_samples:
                    break
            if self._closed:  # it may have been started just then
                self._ffmpeg.kill()
            return log, self._ffmpeg.finish()

    def _look(self, log: FfmpegLog) -> None:
        """Takes in what the file says of itself. Raises TooLong where it has more sound than is accepted."""
        self._stated = log.duration
        self.is_stereo = log.stereo
        if log.audio and log.duration and log.duration > self._config.max_seconds and not log.estimated:
            raise _too_long(self._config)


def _open(path: Path, config: Config) -> BinaryIO:
    try:
        # Non-blocking, since opening a named pipe would wait for its writer.
        media = open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0)  # noqa: SIM115
    except (FileNotFoundError, ValueError):
        raise InputError("There is no such file.", "Check its name, or upload it again.") from None
    except OSError:
        raise InputError("This file cannot be opened.", "Check that it is a file and may be read.") from None
    status = os.fstat(media.fileno())
    fault: InputError | None = None
    if not stat.S_ISREG(status.st_mode):
        fault = InputError("This is not a file.", "Choose an audio or video file.")
    elif not status.st_size:
        fault = EmptyFile("This file is empty.", "Choose another one, or upload it again.")
    elif status.st_size > config.max_bytes:
        fault = TooLarge.than(config.max_bytes)
    if fault:
        media.close()
        raise fault
    return media


def _output(unnamed: int, channels: int) -> list[str]:
    """Returns ffmpeg's options for `channels` in a block; `unnamed` are those of the file without a position."""
    mix = _equal_mix(unnamed) if unnamed else []
    layout = f"aformat=sample_fmts=flt:channel_layouts={_LAYOUTS[channels]}"
    output = ["-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-filter_threads", "1"]
    return [*output, "-af", ",".join([*mix, _RESAMPLE, layout]), "-f", "f32le", "pipe:1"]


def _equal_mix(channels: int) -> list[str]:
    """Returns the filter for a recorder's microphones: all count the same.

    ffmpeg takes them for surround sound, of which it leaves out the bass and the ceiling.
    """
    return ["pan=mono|c0<" + "+".join(f"c{channel}" for channel in range(channels))]


def _too_long(config: Config) -> TooLong:
    return TooLong(
        f"This recording is longer than the {clock(config.max_seconds)} accepted here.",
        "Cut it into parts and transcribe them one by one.",
    )
