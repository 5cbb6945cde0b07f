"""Any media file in, 16 kHz mono float32 out, block by block, with bounded memory.

ffmpeg does the reading (engine/media/ffmpeg.py); here are its commands, and what its failures mean to the
person whose file it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from engine.config import Config
from engine.errors import (
    DamagedMedia,
    EmptyAudioTrack,
    FfmpegMissing,
    NoAudioTrack,
    NotMedia,
    TooLong,
    WordlightError,
)
from engine.media.completeness import damage_warning, stated_duration
from engine.media.decode_memory import DecodeMemory, DecodePlace
from engine.media.ffmpeg import Ffmpeg, FfmpegLog
from engine.media.ffmpeg_exit import CONVERT, Exit, interrupted, over_limit
from engine.media.media_file import open_media
from engine.sampling import SAMPLE_RATE
from engine.text.clock import clock

BLOCK_SECONDS = 30.0
SAMPLE_BYTES = 4  # float32
LOUDEST = 1e6  # full scale is 1: more is no sound, but a damaged number
MAX_CHANNELS = 64  # which ffmpeg can mix; a head that says more is damaged

# async, first_pts: a gap in the sound, or a late start, becomes silence, so that sample n is always at
#   second n / 16000 of the file, where a player finds it too.
# rematrix_maxval: without it, mixing channels down to float may exceed 1.0.
_RESAMPLE = f"aresample={SAMPLE_RATE}:async=1:first_pts=0:rematrix_maxval=1"
_MONO = "aformat=sample_fmts=flt:channel_layouts=mono"

_WHOLE = "Take the original file, or export or upload it again."

# What ffmpeg and, before it has begun, the system's loader say where their address space does not suffice.
_SHORT_OF_MEMORY = r"Cannot allocate memory|failed to map segment|cannot map zero-fill pages|pthread_create"

# First bytes of recordings, for telling a broken one from a file that never was one.
_SIGNATURES = re.compile(
    rb"RIFF....(WAVE|AVI )|fLaC|OggS|\x1aE\xdf\xa3|....ftyp(?!avif|hei|mif1)|ID3|FORM....AIF|#!AMR", re.DOTALL
)


class AudioReader:
    """Iterates once over the first audio track of a file: float32 (n,) in -1 to 1, mono, 16 kHz.

    Blocks last `block_seconds`, the last one less. ffmpeg starts with the first block asked for, or with
    `begin`, and waits while the caller is busy; leaving the loop early calls for `close`, or use
    `contextlib.closing`. Sample n is at second n / 16000 of the file: gaps are filled with silence.

    duration  seconds decoded so far, of the whole file at the end
    warning   at the end: a sentence for the reader where the file proved to be cut off or damaged

    Raises EmptyFile, TooLarge, NotMedia, NoAudioTrack, EmptyAudioTrack, DecodeLimitExceeded, FfmpegMissing,
    DamagedMedia where no sound can be read, InputError where there is no such file, and TooLong: before the
    first block where the file states its duration, else as soon as more sound comes than `config.max_seconds`.
    Also after sound has come, DecodeLimitExceeded if reading on takes too much, Busy if other recordings take the
    memory, and DecodingInterrupted if ffmpeg is ended from outside.

    memory   shared by all readers of an engine: the first block waits for a place in it
    stopped  ends that wait; there are no blocks then
    """

    def __init__(
        self,
        path: Path,
        config: Config,
        block_seconds: float = BLOCK_SECONDS,
        *,
        memory: DecodeMemory | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.duration = 0.0
        self.warning: str | None = None
        self._path = path
        self._config = config
        self._memory = memory or DecodeMemory(config.decode_memory_total)
        self._stopped = stopped
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
        with open_media(self._path, self._config) as media, self._memory.place(self._is_over) as place:
            if place is None:
                return
            log, end = yield from self._run(media, place)
            if log.tracks > MAX_CHANNELS:
                raise DamagedMedia(
                    f"This file is damaged: it says that it has {log.tracks:,} channels of sound.", _WHOLE
                )
            tracks = log.tracks
            if tracks:
                log, end = yield from self._run(media, place, tracks)
            if self._closed:
                return
            self._judge(log, end, media, place)
            self.warning = damage_warning(log, end.status, self.duration, stated_duration(log, media))

    def _is_over(self) -> bool:
        return self._closed or self._stopped()

    def _judge(self, log: FfmpegLog, end: Exit, media: BinaryIO, place: DecodePlace) -> None:
        """Raises an error unless ffmpeg has come as far as the file lets it, and found sound there."""
        if end.cause == "outside":
            raise interrupted(end)
        if end.cause == "crash" and self.duration and not self._fails_again(media, place, log.tracks):
            if self._closed:
                return
            raise interrupted(end)
        if end.cause == "limit" or (end.status and log.find_error(_SHORT_OF_MEMORY)):
            raise over_limit()
        if not self.duration:
            # What crashes before there is any sound has mostly been refused memory.
            raise over_limit() if end.cause == "crash" else _fault(log, end.status, media)

    def _fails_again(self, media: BinaryIO, place: DecodePlace, tracks: int) -> bool:
        """Returns whether ffmpeg fails once more, and no later: then it is this file that makes it do so.

        Only so can a crash be told from a signal that somebody has sent. Where memory is refused to it, ffmpeg
        crashes one time and says so the next.
        """
        left = round(self.duration * SAMPLE_RATE) + self._block_samples
        buffer = memoryview(bytearray(self._block_samples * SAMPLE_BYTES))
        with Ffmpeg(media, self._config, _output(tracks), place) as self._ffmpeg:
            while left > 0 and not self._closed:
                got = self._ffmpeg.read(buffer) // SAMPLE_BYTES
                left -= got
                if got < self._block_samples:
                    end = self._ffmpeg.finish()
                    return end.cause == "crash" or bool(
                        end.status and self._ffmpeg.log.find_error(_SHORT_OF_MEMORY)
                    )
        return False

    def _run(
        self, media: BinaryIO, place: DecodePlace, tracks: int = 0
    ) -> Generator[np.ndarray, None, tuple[FfmpegLog, Exit]]:
        """Yields the blocks; returns ffmpeg's log and how it ended.

        Yields none where channels turn up whose positions are not named, unless `tracks` says how many.
        """
        samples = 0
        with Ffmpeg(media, self._config, _output(tracks), place) as self._ffmpeg:
            log = self._ffmpeg.log
            while not self._closed:
                buffer = bytearray(self._block_samples * SAMPLE_BYTES)
                got = self._ffmpeg.read(memoryview(buffer)) // SAMPLE_BYTES
                if not samples:
                    self._look(log)
                if log.tracks and not tracks:
                    self._ffmpeg.kill()
                    break
                samples += got
                self.duration = samples / SAMPLE_RATE
                if self.duration > self._config.max_seconds:
                    raise _too_long(self._config)
                if got and not self._closed:
                    yield _finite(np.frombuffer(buffer, np.float32, got))
                if got < self._block_samples:
                    break
            if self._closed:  # it may have been started just then
                self._ffmpeg.kill()
            end = self._ffmpeg.finish()
            if place.fault is not None:
                raise place.fault
            return log, end

    def _look(self, log: FfmpegLog) -> None:
        """Takes in what the file says of itself. Raises TooLong where it has more sound than is accepted."""
        self._stated = log.duration
        if log.audio and log.duration and log.duration > self._config.max_seconds and not log.estimated:
            raise _too_long(self._config)


def _finite(samples: np.ndarray) -> np.ndarray:
    """Returns the samples with silence for those that are no numbers, or absurd ones."""
    if np.abs(samples).max(initial=0.0) < LOUDEST:  # false for NaN
        return samples
    return np.where(np.abs(samples) < LOUDEST, samples, np.float32(0))


def _output(tracks: int) -> list[str]:
    """Returns ffmpeg's options for what it gives; `tracks` as in `AudioReader._run`."""
    mix = _equal_mix(tracks) if tracks else []
    output = ["-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-filter_threads", "1"]
    return [*output, "-af", ",".join([*mix, _RESAMPLE, _MONO]), "-f", "f32le", "pipe:1"]


def _equal_mix(tracks: int) -> list[str]:
    """Returns the filter for a recorder's microphones: all count the same.

    ffmpeg takes them for surround sound, of which it leaves out the bass and the ceiling.
    """
    return ["pan=mono|c0<" + "+".join(f"c{track}" for track in range(tracks))]


def _too_long(config: Config) -> TooLong:
    return TooLong(
        f"This recording is longer than the {clock(config.max_seconds)} accepted here.",
        "Cut it into parts and transcribe them one by one.",
    )


def _fault(log: FfmpegLog, status: int, media: BinaryIO) -> WordlightError:
    """Says why nothing could be read."""
    if log.find_error("error while loading shared libraries"):
        return FfmpegMissing(
            "ffmpeg, the program that reads media files, is broken here.", "Install it again."
        )
    if not log.opened:
        if _SIGNATURES.match(os.pread(media.fileno(), 16, 0)):
            return DamagedMedia("This file is cut off or damaged: no sound can be read from it.", _WHOLE)
        return NotMedia(
            "This file is not audio or video that can be read.",
            "Try another file, or convert it to WAV or MP3.",
        )
    if not log.audio:
        return NoAudioTrack("This file has no sound track.", "Choose a recording with sound.")
    if log.find_error(r"(?i)no decoder found|decoder \(.*\) not found"):
        return NotMedia("The sound in this file is stored in a way that cannot be read here.", CONVERT)
    if status or log.errors or log.corrupt:
        return DamagedMedia("The sound in this file is damaged and cannot be read.", _WHOLE)
    return EmptyAudioTrack(
        "The sound track of this file is empty.", "Choose a recording that has some length."
    )
