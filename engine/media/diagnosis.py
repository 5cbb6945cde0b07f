"""Says what ffmpeg's log means to the person who sent the file: an error, a warning, or the stated duration."""

from __future__ import annotations

import os
import re
from typing import BinaryIO

from engine.errors import DamagedMedia, EmptyAudioTrack, FfmpegMissing, NoAudioTrack, NotMedia, WordlightError
from engine.media.ffmpeg import FfmpegLog
from engine.media.ffmpeg_exit import CONVERT
from engine.text.clock import clock

WHOLE = "Take the original file, or export or upload it again."

# Tags, padding and joins between the parts of an MP3 look like packets that cannot be decoded.
_HARMLESS_PACKETS = {"mp3": 2}
_WAV_SIZE_UNKNOWN = 0x7FFF0000  # bytes; 0x7FFFF024, 0x80000024, 0xFFFFFFFF and the like are in use

# First bytes of recordings, for telling a broken one from a file that never was one.
_SIGNATURES = re.compile(
    rb"RIFF....(WAVE|AVI )|fLaC|OggS|\x1aE\xdf\xa3|....ftyp(?!avif|hei|mif1)|ID3|FORM....AIF|#!AMR", re.DOTALL
)


def fault_of(log: FfmpegLog, status: int, media: BinaryIO) -> WordlightError:
    """Says why nothing could be read."""
    if log.find_error("error while loading shared libraries"):
        return FfmpegMissing(
            "ffmpeg, the program that reads media files, is broken here.", "Install it again."
        )
    if not log.opened:
        if _SIGNATURES.match(os.pread(media.fileno(), 16, 0)):
            return DamagedMedia("This file is cut off or damaged: no sound can be read from it.", WHOLE)
        return NotMedia(
            "This file is not audio or video that can be read.",
            "Try another file, or convert it to WAV or MP3.",
        )
    if not log.audio:
        return NoAudioTrack("This file has no sound track.", "Choose a recording with sound.")
    if log.find_error(r"(?i)no decoder found|decoder \(.*\) not found"):
        return NotMedia("The sound in this file is stored in a way that cannot be read here.", CONVERT)
    if status or log.errors or log.corrupt:
        return DamagedMedia("The sound in this file is damaged and cannot be read.", WHOLE)
    return EmptyAudioTrack(
        "The sound track of this file is empty.", "Choose a recording that has some length."
    )


def stated_seconds(log: FfmpegLog, media: BinaryIO) -> float | None:
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


def warning_of(log: FfmpegLog, status: int, decoded: float, stated: float | None) -> str | None:
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
