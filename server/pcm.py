"""Makes a WAV file of samples that a client sends without any header."""

from __future__ import annotations

import struct
from pathlib import Path

from engine.sampling import SAMPLE_RATE

SAMPLE_BYTES = 2  # 16 bits, little-endian, one channel
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")  # RIFF, format and data chunks
PLACEHOLDER = bytes(_HEADER.size)  # to be written before the samples, and replaced by `finish_wav`
# First bytes of files that have a header of their own, by their place in the file.
_SIGNATURES = (
    (0, b"RIFF"), (0, b"OggS"), (0, b"fLaC"), (0, b"ID3"), (0, b"\x1a\x45\xdf\xa3"), (4, b"ftyp"),
)  # fmt: skip


def finish_wav(path: Path) -> None:
    """Writes the header over the placeholder; removes the placeholder if the samples are a file with a header."""
    with path.open("r+b") as file:
        file.seek(len(PLACEHOLDER))
        head = file.read(16)
        if any(head[at:].startswith(mark) for at, mark in _SIGNATURES):
            _remove_placeholder(path)
            return
        samples = path.stat().st_size - len(PLACEHOLDER)
        file.seek(0)
        file.write(
            _HEADER.pack(
                b"RIFF", _HEADER.size - 8 + samples, b"WAVE",
                b"fmt ", 16, 1, 1, SAMPLE_RATE, SAMPLE_RATE * SAMPLE_BYTES, SAMPLE_BYTES, 8 * SAMPLE_BYTES,
                b"data", samples,
            )
        )  # fmt: skip


def _remove_placeholder(path: Path, block: int = 1024 * 1024) -> None:
    """Moves the content of a file to its beginning, in place."""
    with path.open("r+b") as file:
        at = 0
        while True:
            file.seek(at + len(PLACEHOLDER))
            data = file.read(block)
            if not data:
                break
            file.seek(at)
            file.write(data)
            at += len(data)
        file.truncate(at)
