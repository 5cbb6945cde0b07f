"""Finds the beginning of a recording behind other bytes, and knows a piece that has none.

Uploads and recorders leave such files: a line break or the head of a form before a WAV, the end of one recording
before the next, a part of a browser's recording without its first part.
"""

from __future__ import annotations

import os
import re
from typing import BinaryIO

SEARCHED = 64 * 1024  # bytes from the start of the file
_PIECE_READ = 256 * 1024  # bytes that are looked at for the elements of a piece
_CHAIN = 3  # elements in a row that are no accident

# First bytes of recordings. They tell a damaged recording from a file that never was one.
_RIFF = rb"(?:RIFF|RIFX|RF64).{4}(?:WAVE|AVI )"
_MP4 = rb"ftyp(?!avif|hei|mif1)"
_WHOLE_MARKS = (
    _RIFF, rb"fLaC\0", rb"OggS\0[\x02\x06]", rb"\x1aE\xdf\xa3[\x40-\xff]", rb"\0{3}." + _MP4,
    rb"ID3[\x02-\x04].{2}[\0-\x7f]{4}", rb"FORM.{4}AIF[FC]", rb"#!AMR", rb"caff\0\x01", rb"\.snd\0{3}",
    rb"FLV\x01[\x01\x04\x05]", rb"0&\xb2u\x8ef\xcf\x11", rb"[\x02\x03]dss", rb"wvpk.{4}[\x02-\x10]\x04",
)  # fmt: skip
_MARK = re.compile(b"|".join(_WHOLE_MARKS), re.DOTALL)
_FIRST_BYTES = re.compile(
    b"|".join((_RIFF, rb"fLaC|OggS|\x1aE\xdf\xa3|ID3|#!AMR", rb"FORM.{4}AIF", rb".{4}" + _MP4)), re.DOTALL
)
# First bytes of files that may hold a recording among other things, and of such as are none.
_OTHER_FILES = re.compile(
    rb"PK[\x03\x05]|%PDF|%!PS|MZ|\x7fELF|Rar!|7z\xbc|\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|\x89PNG|\xff\xd8\xff|GIF8|"
    rb"SQLite|\xd0\xcf\x11\xe0|\s*(?:<!doctype|<html|<\?xml|\{)|.{257}ustar",
    re.DOTALL | re.IGNORECASE,
)
_DS2 = re.compile(rb"\x03(?:ds2|enc)")

_PAGE = re.compile(rb"OggS\0([\0-\x07])")
_FIRST_PAGE = 2  # a flag of an Ogg page: a stream begins with it
_FRAGMENT = re.compile(
    rb"moof\0{3}\x10mfhd"
)  # of a fragmented MP4, which has its header in the first part only
_BLOCK_HEAD = re.compile(
    rb"\xa3(?:[\x81-\xff]|[\x40-\x7f].|[\x20-\x3f]..)[\x81-\x84].{2}[\x00\x80]", re.DOTALL
)
_BLOCKS_AFTER = (b"\xa3", b"\xa0", b"\x1fC\xb6u", b"\x1cS\xbbk")  # SimpleBlock, BlockGroup, Cluster, Cues


def begins_with_mark(media: BinaryIO) -> bool:
    """Returns whether the first bytes are those of a recording, whole or not."""
    return _FIRST_BYTES.match(os.pread(media.fileno(), 16, 0)) is not None


def is_ds2(media: BinaryIO) -> bool:
    """Returns whether this is a dictation in DSS Pro, which no free decoder reads."""
    return _DS2.match(os.pread(media.fileno(), 4, 0)) is not None


def find_header(media: BinaryIO) -> int | None:
    """Returns the offset of the first header in the first bytes, if it is not at the start."""
    head = os.pread(media.fileno(), SEARCHED + 64, 0)
    if _OTHER_FILES.match(head):
        return None
    found = _MARK.search(head)
    return found.start() if found and 0 < found.start() < SEARCHED else None


def is_piece(media: BinaryIO) -> bool:
    """Returns whether the file is a part of a recording whose beginning is missing: of WebM, Ogg or MP4."""
    head = os.pread(media.fileno(), _PIECE_READ, 0)
    pages = [page[1][0] for page in _PAGE.finditer(head)]
    if pages and not any(flags & _FIRST_PAGE for flags in pages):
        return True
    return bool(_FRAGMENT.search(head) and b"moov" not in head) or _has_blocks(head)


def _has_blocks(head: bytes) -> bool:
    """Returns whether there are blocks of WebM or Matroska in a row."""
    for found in _BLOCK_HEAD.finditer(head):
        at, count = found.start(), 0
        while count < _CHAIN and (length := _element_length(head, at)):
            at += length
            count += 1
            if at >= len(head) or not head.startswith(_BLOCKS_AFTER, at):
                break
        if count >= _CHAIN:
            return True
    return False


def _element_length(head: bytes, at: int) -> int:
    """Returns the bytes of the SimpleBlock, head included; 0 if there is none whole."""
    if head[at : at + 1] != b"\xa3" or at + 1 >= len(head) or not head[at + 1]:
        return 0
    width = 9 - head[at + 1].bit_length()
    size = int.from_bytes(head[at + 1 : at + 1 + width], "big") & ~(1 << 7 * width)
    return 1 + width + size if 4 < size < len(head) else 0
