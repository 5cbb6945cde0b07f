"""Tells whether a recording could be read to its end, by what ffmpeg said of it."""

from __future__ import annotations

import os
from typing import BinaryIO

from engine.media.ffmpeg import FfmpegLog
from engine.text.clock import clock

# Tags, padding and joins between the parts of an MP3 look like packets that cannot be decoded.
_HARMLESS_PACKETS = {"mp3": 2}
_WAV_SIZE_UNKNOWN = 0x7FFF0000  # bytes; 0x7FFFF024, 0x80000024, 0xFFFFFFFF and the like are in use


def stated_duration(log: FfmpegLog, media: BinaryIO) -> float | None:
    """Returns the seconds that the file's header promises, None where it promises nothing."""
    if not log.estimated:
        return log.duration
    # ffmpeg disregards the header of a WAV that promises more bytes than there are. Sizes of 2 GiB and
    # up are what programs write that cannot know better, since they write to a pipe.
    head = os.pread(media.fileno(), 12, 0)
    promised = int.from_bytes(head[4:8], "little") + 8
    size = os.fstat(media.fileno()).st_size
    if log.duration and head[:4] == b"RIFF" and head[8:] == b"WAVE" and size < promised < _WAV_SIZE_UNKNOWN:
        return log.duration * promised / size
    return None


def damage_warning(log: FfmpegLog, status: int, decoded: float, stated: float | None) -> str | None:
    """Says what the reader of the transcript must know; `decoded` and `stated` in seconds.

    A video may outlast its sound, so a short track alone proves nothing there.
    """
    cut = log.corrupt and not log.estimated  # the last packet of a stream of unknown length is always short
    if (
        stated
        and decoded < stated - max(1.0, stated / 100)
        and (status or log.errors or cut or not log.video)
    ):
        return (
            f"The recording should last {clock(stated)}, but only {clock(decoded)} of it could be read. "
            "The file seems to be cut off or damaged."
        )
    if status or cut or log.undecodable > _HARMLESS_PACKETS.get(log.codec, 0):
        return "Parts of this file are damaged or missing. Words may be missing there."
    return None
