"""Tells from its bytes whether a file has its end, whatever duration its header states."""

from __future__ import annotations

import os
from typing import BinaryIO

WAV_SIZE_UNKNOWN = 0x7FFF0000  # bytes; writers to a pipe put 0x7FFFF024, 0x80000024, 0xFFFFFFFF or the like
_EBML = b"\x1aE\xdf\xa3"
_SEGMENT = b"\x18S\x80g"
_HEAD_BYTES = 4096  # in which a Matroska file's segment begins
_LAST_PAGE_BYTES = 66_000  # an Ogg page takes 65,307 bytes at most
_END_OF_STREAM = 4  # a flag of an Ogg page
_MOST_BOXES = 10_000  # that are followed; a fragmented MP4 of an hour has some 3,600


def is_complete(media: BinaryIO) -> bool:
    """Returns whether a WAV, AVI, MP4, Matroska or Ogg file ends as its structure says; False if that is unknown."""
    head = os.pread(media.fileno(), _HEAD_BYTES, 0)
    size = os.fstat(media.fileno()).st_size
    if head.startswith(b"RIFF"):
        stated = int.from_bytes(head[4:8], "little") + 8
        return stated <= size and stated < WAV_SIZE_UNKNOWN
    if head[4:8] == b"ftyp":
        return _boxes_end(media, size)
    if head.startswith(_EBML):
        return _segment_ends(head, size)
    if head.startswith(b"OggS"):
        tail = os.pread(media.fileno(), _LAST_PAGE_BYTES, max(0, size - _LAST_PAGE_BYTES))
        last = tail.rfind(b"OggS\0")
        return 0 <= last < len(tail) - 5 and bool(tail[last + 5] & _END_OF_STREAM)
    return False


def _boxes_end(media: BinaryIO, size: int) -> bool:
    """Returns whether an MP4's boxes end where the file does."""
    at = 0
    for _ in range(_MOST_BOXES):
        if at == size:
            return True
        head = os.pread(media.fileno(), 16, at)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8:  # 0 stands for "to the end", of which nothing can be said
            return False
        at += length
    return False


def _segment_ends(head: bytes, size: int) -> bool:
    """Returns whether a Matroska file's segment states its size and has that many bytes."""
    at = head.find(_SEGMENT)
    if at < 0 or at + 5 > len(head) or not head[at + 4]:
        return False
    width = 9 - head[at + 4].bit_length()
    data = at + 4 + width
    length = int.from_bytes(head[at + 4 : data], "big") & ~(1 << 7 * width)
    unknown = (1 << 7 * width) - 1
    return length != unknown and data + length <= size
