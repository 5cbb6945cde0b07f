"""Recordings as recorders, editors, broadcasters and uploads leave them: late, joined, cut, wrongly labelled."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

from tests.support.media_files import make

VIDEO = ("-f", "lavfi", "-i", "testsrc=d=8:s=64x64:r=10")
WITH_MPEG2 = ("-c:v", "mpeg2video", "-c:a", "mp2")
WITH_H264 = ("-c:v", "libx264", "-c:a", "aac")
FRAGMENTED = (
    "-c:a",
    "aac",
    "-movflags",
    "frag_keyframe+empty_moov+default_base_moof",
    "-frag_duration",
    "500000",
)

# Name: ffmpeg's arguments before and after "-i speech", and the second at which its speech is in a player.
SHIFTED: dict[str, tuple[tuple[str, ...], tuple[str, ...], float]] = {
    "late.m4a": (("-itsoffset", "4"), ("-c:a", "aac"), 4),
    "late.mka": (("-itsoffset", "4"), ("-c:a", "libopus"), 4),
    "late.webm": (("-itsoffset", "2.5"), ("-c:a", "libopus"), 2.5),
    "late.ogg": (("-itsoffset", "4"), ("-c:a", "libvorbis"), 4),
    "late.mp4": ((*VIDEO, "-itsoffset", "4"), WITH_H264, 4),
    "late.mkv": ((*VIDEO, "-itsoffset", "3"), WITH_H264, 3),
    "late.ts": ((*VIDEO, "-itsoffset", "2"), (*WITH_MPEG2, "-output_ts_offset", "3600"), 2),
    "very_late.ts": ((*VIDEO, "-itsoffset", "15"), WITH_MPEG2, 15),
    "late.mpg": ((*VIDEO, "-itsoffset", "2"), ("-r", "25", *WITH_MPEG2), 2),
    "early.ts": (("-itsoffset", "2", *VIDEO), ("-map", "0", "-map", "1", *WITH_MPEG2), 0),
    "wrapped.ts": ((), ("-c:a", "aac", "-output_ts_offset", "95442"), 0),  # its clock ends at 95,443.7 s
    "live.webm": ((), ("-c:a", "libopus", "-output_ts_offset", "100"), 100),
    "live.mp4": (VIDEO, (*WITH_H264, "-output_ts_offset", "100"), 100),
    "live_for_a_day.mka": ((), ("-c:a", "libopus", "-output_ts_offset", "86400"), 0),
    "cut.m4a": (("-ss", "0.5"), ("-c:a", "aac"), -0.5),
}


def shifted(name: str, folder: Path, speech: Path) -> Path:
    """Makes a file of SHIFTED."""
    before, after, _ = SHIFTED[name]
    return make(folder / name, *before, "-i", speech, *after)


def joined(folder: Path, name: str, *parts: Path) -> Path:
    """Writes the bytes of files one after the other."""
    target = folder / name
    target.write_bytes(b"".join(part.read_bytes() for part in parts))
    return target


def joined_mp3(folder: Path, speech: Path) -> Path:
    """Mono at 44.1 kHz, stereo at 48 kHz without a header, and the first again."""
    mono = make(folder / "mono.mp3", "-i", speech, "-ac", "1", "-ar", "44100")
    bare = ("-write_xing", "0", "-id3v2_version", "0")
    stereo = make(folder / "stereo.mp3", "-i", speech, "-ac", "2", "-ar", "48000", *bare)
    return joined(folder, "joined.mp3", mono, stereo, mono)


def joined_adts(folder: Path, speech: Path) -> Path:
    first = make(folder / "first.aac", "-i", speech, "-ar", "44100")
    second = make(folder / "second.aac", "-i", speech, "-ar", "24000", "-ac", "2")
    return joined(folder, "joined.aac", first, second, first)


def joined_ts(folder: Path, speech: Path) -> Path:
    """Two transport streams of which the second has a clock of its own."""
    first = make(folder / "first.ts", "-i", speech, "-c:a", "aac")
    second = make(folder / "second.ts", "-i", speech, "-c:a", "aac", "-output_ts_offset", "5000")
    return joined(folder, "joined.ts", first, second)


def joined_webm(folder: Path, speech: Path) -> Path:
    part = make(folder / "part.webm", "-i", speech, "-c:a", "libopus")
    return joined(folder, "joined.webm", part, part)


JOINED: dict[str, tuple[Callable[[Path, Path], Path], int]] = {
    "mp3": (joined_mp3, 3), "adts": (joined_adts, 3), "ts": (joined_ts, 2), "webm": (joined_webm, 2),
}  # fmt: skip


def uploaded(name: str, before: bytes, folder: Path, speech: Path) -> Path:
    """Makes a file of its ending behind other bytes."""
    whole = make(folder / f"whole_{name}", "-i", speech)
    target = folder / name
    target.write_bytes(before + whole.read_bytes())
    return target


def tracks(folder: Path, name: str, *inputs: str | Path, options: tuple[str, ...] = ()) -> Path:
    """Makes a file of one audio track for each input."""
    given: list[str | Path] = []
    for source in inputs:
        given += ["-i", source] if isinstance(source, Path) else ["-f", "lavfi", "-i", source]
    maps = [argument for index in range(len(inputs)) for argument in ("-map", str(index))]
    return make(folder / name, *given, *maps, "-c:a", "aac", *options)


def with_last_position(path: Path, position: int) -> Path:
    """Sets the position that the last page of an Ogg file states, and mends its checksum."""
    data = bytearray(path.read_bytes())
    page = data.rfind(b"OggS")
    data[page + 6 : page + 14] = position.to_bytes(8, "little")
    data[page + 22 : page + 26] = bytes(4)
    data[page + 22 : page + 26] = _ogg_checksum(data[page:]).to_bytes(4, "little")
    path.write_bytes(data)
    return path


def with_webm_duration(path: Path, seconds: float) -> Path:
    """Sets the duration that a WebM file states."""
    data = bytearray(path.read_bytes())
    at = data.index(b"\x44\x89\x88") + 3
    data[at : at + 8] = struct.pack(">d", 1000 * seconds)
    path.write_bytes(data)
    return path


def dictation(path: Path) -> Path:
    """Writes 17.7 s of noise as Olympus's DSS, which ffmpeg reads but does not write."""
    head = bytearray(1024)
    head[0:4] = b"\x02dss"
    head[0x0C:0x1C] = b"A" * 16
    head[0x26:0x32], head[0x32:0x3E] = b"261128120000", b"261128120100"
    frames = (
        bytes([1, 0, 255, 255, 255, 255]) + bytes((7 * at + block) & 255 for at in range(506))
        for block in range(60)
    )
    path.write_bytes(bytes(head) + b"".join(frames))
    return path


def _ogg_checksum(page: bytes | bytearray) -> int:
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if value >> 31 else value << 1
    return value
