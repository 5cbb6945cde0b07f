"""Reads any media file as 16 kHz mono float32, in blocks and in bounded memory.

ffmpeg.py runs ffmpeg; reading_plan.py says what it reads; timeline.py puts the sound at its time; diagnosis.py turns
failures into errors for the user.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from engine.config import Config
from engine.media.audio_tracks import ANY_TRACK, AudioTrack, TrackChoice, choose_track, listed
from engine.media.diagnosis import fault_of, is_plausible, notice_of, too_long, without_beginning
from engine.media.ffmpeg import Ffmpeg
from engine.media.ffmpeg_exit import Exit, interrupted, over_limit
from engine.media.ffmpeg_log import FfmpegLog
from engine.media.ffmpeg_memory import FfmpegMemory, MemorySlot
from engine.media.header_search import begins_with_mark, find_header, is_piece
from engine.media.matroska import MatroskaSamples
from engine.media.media_file import open_media
from engine.media.mixing import StereoMixer
from engine.media.reading_plan import LEAD, Channels, ReadingPlan
from engine.media.sample_blocks import in_blocks
from engine.media.timeline import place_samples, zero_of
from engine.sampling import SAMPLE_RATE
from engine.text.notices import Notice

BLOCK_SECONDS = 30.0
SILENT = 0.001  # -60 dB of full scale: a track that never exceeds it carries no speech

# Messages of ffmpeg, and of the dynamic loader before it, if their address space is too small.
_SHORT_OF_MEMORY = r"Cannot allocate memory|failed to map segment|cannot map zero-fill pages|pthread_create"


class AudioReader:
    """Yields one audio track of a file once: float32 (n,), -1 to 1, mono, 16 kHz.

    With `channels` "stereo", blocks are (n, 2): left and right. Blocks last `block_seconds`, the last one less. ffmpeg
    starts at the first block or at `open`, and waits while the caller is busy. A caller that leaves the loop early
    must call `close` or use `contextlib.closing`. Sample n is at second n / 16000 of a player: silence fills gaps.

    duration  seconds read so far; at the end, seconds of the whole file
    track     the track; known after `open`, if the file has one
    notice    at the end, a notice for the user if the file is cut off or damaged
    remarks   at the end, notices for the user about the track and its channels

    Raises DecodeLimitExceeded and DecodingInterrupted at any time, and TooLong at once if the header states
    the duration, else after `config.max_seconds`. Before the first block raises EmptyFile, TooLarge, NotMedia,
    NoAudioTrack, EmptyAudioTrack, FfmpegMissing, DamagedMedia, InvalidOption if there is no such track, and
    InputError if there is no such file. Raises Busy if other recordings take the memory of ffmpeg, ShuttingDown if
    the engine closes before the first block.
    """

    def __init__(
        self,
        path: Path,
        config: Config,
        block_seconds: float = BLOCK_SECONDS,
        *,
        channels: Channels = "mixed",
        start: float = 0.0,
        track: TrackChoice = ANY_TRACK,
        memory: FfmpegMemory | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Prepares to read a file; nothing is opened yet.

        channels  "mixed" gives the mean of all, "stereo" left and right, "centre" the centre of surround sound
        start     second at which the blocks begin, and from which `duration` counts; exact in a playable copy
        track     which of the file's audio tracks
        memory    shared by all readers of an engine; the first block waits until there is room in it
        stopped   ends that wait once true; the reader then yields nothing
        """
        self.duration = 0.0
        self.track: AudioTrack | None = None
        self.notice: Notice | None = None
        self.remarks: list[Notice] = []
        self._channels = channels
        self._start = start
        self._choice = track
        self._chosen: int | None = None  # the index of the track
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

        Returns None if the file states none, such as a file of a browser's MediaRecorder, or one that it cannot have.
        """
        if self._ahead is None:
            self._ahead = list(islice(self._decoded, 1))
        return self._stated

    @property
    def log(self) -> FfmpegLog | None:
        """What ffmpeg has said; None before it has started."""
        return self._ffmpeg.log if self._ffmpeg else None

    @property
    def is_stereo(self) -> bool:
        """Whether the track has two channels, left and right; known after `open`."""
        return self.track is not None and self.track.is_stereo

    @property
    def has_centre(self) -> bool:
        """Whether the track is surround sound with a centre channel; known after `open`."""
        return self.track is not None and self.track.has_centre

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
            plan: ReadingPlan | None = ReadingPlan(self._channels, start=self._start)
            while plan is not None:
                current = plan
                log, end, plan = yield from self._run(media, slot, current)
                if plan is not None and self._chosen is None and log.tracks:
                    plan = self._choose_track(media, slot, log, plan)
            if self._closed:
                return
            self._judge(log, end, media, slot=slot, plan=current)
            codec = self.track.codec if self.track else ""
            self.notice = notice_of(log, end.status, media, codec=codec, decoded=self.duration)

    def _is_over(self) -> bool:
        return self._closed or self._stopped()

    def _judge(
        self, log: FfmpegLog, end: Exit, media: BinaryIO, *, slot: MemorySlot, plan: ReadingPlan
    ) -> None:
        """Raises an error unless ffmpeg has read all the sound that the file holds."""
        if end.cause == "outside":
            raise interrupted(end)
        if end.cause == "crash" and self.duration and not self._fails_again(media, slot, plan):
            if self._closed:
                return
            raise interrupted(end)
        if end.cause == "limit" or (end.status and log.find_error(_SHORT_OF_MEMORY)):
            raise over_limit()
        if not self.duration:
            # A crash before any sound is mostly caused by the memory limit.
            raise over_limit() if end.cause == "crash" else fault_of(log, end.status, media)

    def _fails_again(self, media: BinaryIO, slot: MemorySlot, plan: ReadingPlan) -> bool:
        """Returns whether ffmpeg fails again in the same place, because of the file.

        Only a second run tells a crash from a signal sent from outside. Under the memory limit ffmpeg may
        crash in one run and report the lack of memory in the next.
        """
        with Ffmpeg(media, self._config, plan.arguments, slot) as self._ffmpeg:
            stream = MatroskaSamples(self._ffmpeg.read)
            for time, _ in stream:
                if self._closed or time - self._zero(self._ffmpeg.log) > self.duration + BLOCK_SECONDS:
                    return False
            while not self._closed and self._ffmpeg.read():
                pass
            if self._closed:
                return False
            end = self._ffmpeg.finish()
            if slot.fault is not None:
                raise slot.fault
            return end.cause == "crash" or bool(end.status and self._ffmpeg.log.find_error(_SHORT_OF_MEMORY))

    def _run(
        self, media: BinaryIO, slot: MemorySlot, plan: ReadingPlan
    ) -> Generator[np.ndarray, None, tuple[FfmpegLog, Exit, ReadingPlan | None]]:
        """Yields the blocks; returns ffmpeg's log, how ffmpeg ended, and a better plan for what it has found.

        A run with a plan that can be bettered yields nothing. A track is yet to be chosen if there are several.
        """
        with Ffmpeg(media, self._config, plan.arguments, slot) as self._ffmpeg:
            log = self._ffmpeg.log
            stream = MatroskaSamples(self._ffmpeg.read)
            pieces = iter(stream)
            first = list(islice(pieces, 1))
            better = self._better(plan, log, media)
            if better is None:
                self._look(log, plan, media)
                yield from self._assemble(stream, chain(first, pieces), log)
                while not self._closed and self._ffmpeg.read():  # what is not Matroska any more
                    pass
            if better is not None or self._closed:  # `close` may have come before ffmpeg was started
                self._ffmpeg.kill()
            end = self._ffmpeg.finish()
            if slot.fault is not None:
                raise slot.fault
            return log, end, better

    def _better(self, plan: ReadingPlan, log: FfmpegLog, media: BinaryIO) -> ReadingPlan | None:
        """Returns a plan that suits the file better; None for the same. Raises DamagedMedia."""
        if not plan.offset and (log.guessed or not log.opened) and not begins_with_mark(media):
            if (offset := find_header(media)) is not None:
                return replace(plan, offset=offset)
            if log.guessed and is_piece(media):
                raise without_beginning()
        if not log.tracks or self._closed:
            return None
        if self._chosen is None and (len(log.tracks) > 1 or self._choice.number):
            return plan
        suited = plan.suited_to(log.tracks[plan.track])
        return suited if suited != plan else None

    def _choose_track(
        self, media: BinaryIO, slot: MemorySlot, log: FfmpegLog, plan: ReadingPlan
    ) -> ReadingPlan:
        """Returns the plan for the track that the request wants. Raises InvalidOption as `choose_track` does."""
        if len(log.tracks) == 1 and not self._choice.number:
            return plan
        tracks = log.tracks

        def has_sound(index: int) -> bool:
            trial = replace(plan, track=index, channels="mixed").suited_to(tracks[index])
            return tracks[index].is_known and self._has_sound(media, slot, trial)

        self._chosen = choose_track(tracks, self._choice, has_sound)
        if len(tracks) > 1:
            self.remarks.append(Notice.of("track", track=self._chosen + 1, tracks=listed(tracks)))
        return replace(plan, track=self._chosen).suited_to(tracks[self._chosen])

    def _has_sound(self, media: BinaryIO, slot: MemorySlot, plan: ReadingPlan) -> bool:
        """Returns whether a track decodes and is not silent."""
        with Ffmpeg(media, self._config, plan.arguments, slot) as self._ffmpeg:
            for _, data in MatroskaSamples(self._ffmpeg.read):
                if self._closed or np.abs(np.frombuffer(data, np.float32)).max(initial=0.0) > SILENT:
                    return True
        if slot.fault is not None:
            raise slot.fault
        return False

    def _assemble(
        self, stream: MatroskaSamples, pieces: Iterator[tuple[float, bytes]], log: FfmpegLog
    ) -> Iterator[np.ndarray]:
        """Yields the blocks of one run, and counts the seconds. Raises TooLong."""
        mixer = StereoMixer()
        placed = place_samples(pieces, stream, self._zero(log))
        samples = 0
        for block in in_blocks(placed, self._block_samples):
            if self._closed:
                return
            samples += len(block)
            self.duration = samples / SAMPLE_RATE
            if self.duration > self._config.max_seconds:
                raise too_long(self._config)
            if stream.channels == 1:
                yield block[:, 0]
            else:
                yield block if self._channels == "stereo" else mixer.mix(block)
        if mixer.has_cancelled:
            self.remarks.append(Notice.of("cancelled"))

    def _zero(self, log: FfmpegLog) -> float:
        """Returns the time in ffmpeg's output, in seconds, at which reading starts."""
        return zero_of(log) + LEAD + self._start

    def _look(self, log: FfmpegLog, plan: ReadingPlan, media: BinaryIO) -> None:
        """Reads the track and the stated duration. Raises TooLong if that exceeds the limit, and is likely."""
        if not log.tracks:
            return
        self.track = log.tracks[plan.track]
        if log.duration and is_plausible(log.duration, media):
            self._stated = log.duration
            if log.duration > self._config.max_seconds and not log.estimated:
                raise too_long(self._config)
