"""Reads any media file as 16 kHz mono float32, in blocks and in bounded memory.

ffmpeg.py runs ffmpeg; diagnosis.py turns its failures into errors for the user.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np

from engine.config import Config
from engine.errors import DamagedMedia, TooLong
from engine.media.diagnosis import WHOLE, fault_of, notice_of, stated_seconds
from engine.media.ffmpeg import Ffmpeg, FfmpegLog
from engine.media.ffmpeg_arguments import output_arguments
from engine.media.ffmpeg_exit import Exit, interrupted, over_limit
from engine.media.ffmpeg_memory import FfmpegMemory, MemorySlot
from engine.media.media_file import open_media
from engine.sampling import SAMPLE_RATE
from engine.text.clock import clock
from engine.text.notices import Notice

BLOCK_SECONDS = 30.0
SAMPLE_BYTES = 4  # float32
LOUDEST = 1e6  # full scale is 1; a sample beyond this is a damaged number
MAX_CHANNELS = 64  # ffmpeg's limit for mixing; a header that states more is damaged

# Messages of ffmpeg, and of the dynamic loader before it, if their address space is too small.
_SHORT_OF_MEMORY = r"Cannot allocate memory|failed to map segment|cannot map zero-fill pages|pthread_create"


class ReadAudio(Protocol):
    """Opens one recording as often as it is called."""

    def __call__(self, *, channels: int = 1, block_seconds: float = BLOCK_SECONDS) -> AudioReader:
        """Returns a reader; the arguments are those of `AudioReader`."""
        ...


class AudioReader:
    """Yields a file's first audio track once: float32 (n,), -1 to 1, mono, 16 kHz.

    With `channels` 2, blocks are (n, 2): left and right. Blocks last `block_seconds`, the last one less. ffmpeg
    starts at the first block or at `open`, and waits while the caller is busy. A caller that leaves the loop early
    must call `close` or use `contextlib.closing`. Sample n is at second n / 16000: silence fills gaps.

    duration   seconds read so far; at the end, seconds of the whole file
    is_stereo  whether the track has two channels, left and right; known after `open`
    notice     at the end, a notice for the user if the file is cut off or damaged

    Raises DecodeLimitExceeded and DecodingInterrupted at any time, and TooLong at once if the header states
    the duration, else after `config.max_seconds`. Before the first block raises EmptyFile, TooLarge, NotMedia,
    NoAudioTrack, EmptyAudioTrack, FfmpegMissing, DamagedMedia, and InputError if there is no such file. Raises
    Busy if other recordings take the memory of ffmpeg, ShuttingDown if the engine closes before the first block.
    """

    def __init__(
        self,
        path: Path,
        config: Config,
        block_seconds: float = BLOCK_SECONDS,
        *,
        channels: int = 1,
        memory: FfmpegMemory | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Prepares to read a file; nothing is opened yet.

        channels  1 mixes all channels, 2 gives left and right
        memory    shared by all readers of an engine; the first block waits until there is room in it
        stopped   ends that wait once true; the reader then yields nothing
        """
        self.duration = 0.0
        self.is_stereo = False
        self._channels = channels
        self._frame = SAMPLE_BYTES * channels  # bytes of one sample of each channel
        self.notice: Notice | None = None
        self._path = path
        self._config = config
        self._memory = memory or FfmpegMemory(config.ffmpeg_memory_total)
        self._stopped = stopped
        self._block_samples = max(1, round(block_seconds * SAMPLE_RATE))
        self._ffmpeg: Ffmpeg | None = None
        self._closed = False
        self._stated: float | None = None  # seconds, from the header
        self._ahead: list[np.ndarray] | None = None  # read but not yielded yet; None before `open`
        self._decoded = self._decode()
        self._blocks = self._from_the_first()

    def __iter__(self) -> Iterator[np.ndarray]:
        return self._blocks

    def open(self) -> float | None:
        """Reads the first block and returns the duration that the file states, in seconds.

        Returns None if the file states none, such as a file of a browser's MediaRecorder.
        """
        if self._ahead is None:
            self._ahead = list(islice(self._decoded, 1))
        return self._stated

    @property
    def log(self) -> FfmpegLog | None:
        """What ffmpeg has said; None before it has started."""
        return self._ffmpeg.log if self._ffmpeg else None

    def close(self) -> None:
        """Ends ffmpeg and the iteration; safe at any time, repeatedly and from any thread."""
        self._closed = True
        if self._ffmpeg:
            self._ffmpeg.kill()
        with suppress(ValueError):  # another thread is inside; it sees that ffmpeg has ended and cleans up
            self._decoded.close()

    def _from_the_first(self) -> Generator[np.ndarray]:
        self.open()
        if self._ahead and not self._closed:
            yield self._ahead.pop()
        yield from self._decoded

    def _decode(self) -> Generator[np.ndarray, None, None]:
        with open_media(self._path, self._config) as media, self._memory.slot(self._is_over) as slot:
            if slot is None:
                return
            log, end = yield from self._run(media, slot)
            if log.unnamed_channels > MAX_CHANNELS:
                raise DamagedMedia(
                    f"This file is damaged: its header states {log.unnamed_channels:,} audio channels.",
                    WHOLE,
                )
            channels = log.unnamed_channels
            if channels:
                log, end = yield from self._run(media, slot, channels)
            if self._closed:
                return
            self._judge(log, end, media, slot=slot)
            self.notice = notice_of(log, end.status, self.duration, stated_seconds(log, media))

    def _is_over(self) -> bool:
        return self._closed or self._stopped()

    def _judge(self, log: FfmpegLog, end: Exit, media: BinaryIO, slot: MemorySlot) -> None:
        """Raises an error unless ffmpeg has read all the sound that the file holds."""
        if end.cause == "outside":
            raise interrupted(end)
        if (
            end.cause == "crash"
            and self.duration
            and not self._fails_again(media, slot, log.unnamed_channels)
        ):
            if self._closed:
                return
            raise interrupted(end)
        if end.cause == "limit" or (end.status and log.find_error(_SHORT_OF_MEMORY)):
            raise over_limit()
        if not self.duration:
            # A crash before any sound is mostly caused by the memory limit.
            raise over_limit() if end.cause == "crash" else fault_of(log, end.status, media)

    def _fails_again(self, media: BinaryIO, slot: MemorySlot, channels: int) -> bool:
        """Returns whether ffmpeg fails again in the same place, because of the file.

        Only a second run tells a crash from a signal sent from outside. Under the memory limit ffmpeg may
        crash in one run and report the lack of memory in the next.
        """
        left = round(self.duration * SAMPLE_RATE) + self._block_samples
        buffer = memoryview(bytearray(self._block_samples * self._frame))
        with Ffmpeg(media, self._config, output_arguments(channels, self._channels), slot) as self._ffmpeg:
            while left > 0 and not self._closed:
                got = self._ffmpeg.read(buffer) // self._frame
                left -= got
                if got < self._block_samples:
                    end = self._ffmpeg.finish()
                    if slot.fault is not None:
                        raise slot.fault
                    return end.cause == "crash" or bool(
                        end.status and self._ffmpeg.log.find_error(_SHORT_OF_MEMORY)
                    )
        return False

    def _run(
        self, media: BinaryIO, slot: MemorySlot, channels: int = 0
    ) -> Generator[np.ndarray, None, tuple[FfmpegLog, Exit]]:
        """Yields the blocks; returns ffmpeg's log and how ffmpeg ended.

        channels  channels to mix; if 0, a file whose channels have no named positions yields nothing
        """
        samples = 0
        with Ffmpeg(media, self._config, output_arguments(channels, self._channels), slot) as self._ffmpeg:
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
                    found = _finite(np.frombuffer(buffer, np.float32, got * self._channels))
                    yield found if self._channels == 1 else found.reshape(-1, self._channels)
                if got < self._block_samples:
                    break
            if self._closed:  # `close` may have come before ffmpeg was started
                self._ffmpeg.kill()
            end = self._ffmpeg.finish()
            if slot.fault is not None:
                raise slot.fault
            return log, end

    def _look(self, log: FfmpegLog) -> None:
        """Reads the stated duration. Raises TooLong if that exceeds the limit."""
        self._stated = log.duration
        self.is_stereo = log.stereo
        if log.audio and log.duration and log.duration > self._config.max_seconds and not log.estimated:
            raise _too_long(self._config)


def _finite(samples: np.ndarray) -> np.ndarray:
    """Returns the samples with silence in place of NaN, infinite and absurdly large values."""
    if np.abs(samples).max(initial=0.0) < LOUDEST:  # false for NaN
        return samples
    return np.where(np.abs(samples) < LOUDEST, samples, np.float32(0))


def _too_long(config: Config) -> TooLong:
    return TooLong(
        f"This recording is longer than the {clock(config.max_seconds)} accepted here.",
        "Cut it into parts and transcribe them one by one.",
    )
