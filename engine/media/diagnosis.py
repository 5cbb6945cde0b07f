"""Turns ffmpeg's log into an error, a notice or the stated duration."""

from __future__ import annotations

import os
from typing import BinaryIO

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
from engine.media.container_end import WAV_SIZE_UNKNOWN, is_complete
from engine.media.ffmpeg_exit import CONVERT, WHOLE
from engine.media.ffmpeg_log import FfmpegLog
from engine.media.header_search import begins_with_mark, is_ds2, is_piece
from engine.text.clock import clock
from engine.text.notices import Notice

# Packets of a whole file that ffmpeg may report as undecodable: tags, padding and joins of an MP3.
_HARMLESS_PACKETS = {"mp3": 2}

# Messages of ffmpeg, of version 5 and of later ones, if it gives up a file before its end.
_STOPPED_READING = r"(?m)^(?:file|subfile).*:/dev/stdin: |^Error during demuxing"

# Bytes a second that a stated duration must have behind it. Speech codecs take 150 and more; FLAC and Opus take less
# for silence, of which the length is known once it has been decoded.
_LEAST_BYTES_PER_SECOND = 50


def fault_of(log: FfmpegLog, status: int, media: BinaryIO) -> WordlightError:
    """Returns the error that explains why no sound could be read."""
    if log.find_error("error while loading shared libraries"):
        return FfmpegMissing(
            "ffmpeg, the program that reads media files, is broken here.", "Install it again."
        )
    if not log.opened:
        if is_ds2(media):
            return NotMedia(
                "This is a dictation in DSS Pro (DS2), which cannot be read here.",
                "Export it as DSS, WAV or MP3 in the dictation software.",
            )
        if is_piece(media):
            return without_beginning()
        if begins_with_mark(media):
            return DamagedMedia("This file is cut off or damaged: no sound can be read from it.", WHOLE)
        return NotMedia(
            "This file is not audio or video that can be read.",
            "Try another file, or convert it to WAV or MP3.",
        )
    if not log.tracks:
        return NoAudioTrack("This file has no sound track.", "Choose a recording with sound.")
    if log.find_error(r"(?i)no decoder found|decoder \(.*\) not found"):
        return NotMedia("The sound in this file is stored in a way that cannot be read here.", CONVERT)
    if status or log.errors or log.corrupt:
        return DamagedMedia("The sound in this file is damaged and cannot be read.", WHOLE)
    return EmptyAudioTrack(
        "The sound track of this file is empty.", "Choose a recording that has some length."
    )


def without_beginning() -> DamagedMedia:
    """Returns the error for a piece of a recording that lacks its first bytes."""
    return DamagedMedia(
        "This is a piece of a recording without its beginning, which tells how to read the rest.",
        "Put the recording together from its first piece on.",
    )


def too_long(config: Config) -> TooLong:
    """Returns the error for a recording of more seconds than are accepted."""
    return TooLong(
        f"This recording is longer than the {clock(config.max_seconds)} accepted here.",
        "Cut it into parts and transcribe them one by one.",
    )


def is_plausible(seconds: float, media: BinaryIO) -> bool:
    """Returns whether the file's bytes allow a duration that its header states."""
    return os.fstat(media.fileno()).st_size >= seconds * _LEAST_BYTES_PER_SECOND


def stated_seconds(log: FfmpegLog, media: BinaryIO) -> float | None:
    """Returns the seconds that the file's header states, if any."""
    if not log.estimated:
        return log.duration
    # ffmpeg ignores the header of a WAV that states more bytes than the file has. Programs that write to a
    # pipe state 2 GiB or more, since they cannot know the size.
    head = os.pread(media.fileno(), 12, 0)
    promised = int.from_bytes(head[4:8], "little") + 8
    size = os.fstat(media.fileno()).st_size
    if log.duration and head[:4] == b"RIFF" and head[8:] == b"WAVE" and size < promised < WAV_SIZE_UNKNOWN:
        return log.duration * promised / size
    return None


def notice_of(log: FfmpegLog, status: int, media: BinaryIO, *, codec: str, decoded: float) -> Notice | None:
    """Returns a notice if the file is cut off or damaged.

    A video may last longer than its sound, so a short audio track alone proves nothing there. Nor does a header
    that states more than the bytes allow, or a file that has its end.

    codec    of the audio track
    decoded  seconds
    """
    stated = stated_seconds(log, media)
    cut = log.corrupt and not log.estimated  # the last packet of a stream of unknown length is always short
    if (
        stated
        and decoded < stated - max(1.0, stated / 100)
        and (status or log.errors or cut or not log.video)
        and is_plausible(stated, media)
        and not is_complete(media)
    ):
        return Notice.of("cut_off", stated=stated, decoded=decoded)
    stopped = log.find_error(_STOPPED_READING)
    if status or cut or stopped or log.undecodable > _HARMLESS_PACKETS.get(codec, 0):
        return Notice.of("damaged")
    return None
