"""Reads the samples that ffmpeg writes in a Matroska stream, each piece with its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

# Elements by their number, as in RFC 9559. Those that hold others are entered; of the rest a few are read.
_SEGMENT, _CLUSTER, _BLOCK_GROUP = 0x18538067, 0x1F43B675, 0xA0
_TRACKS, _TRACK_ENTRY, _AUDIO = 0x1654AE6B, 0xAE, 0xE1
_ENTERED = frozenset((_SEGMENT, _CLUSTER, _BLOCK_GROUP, _TRACKS, _TRACK_ENTRY, _AUDIO))
_CLUSTER_TIME, _CHANNELS = 0xE7, 0x9F
_BLOCKS = frozenset((0xA3, 0xA1))  # SimpleBlock, Block
_BLOCK_HEAD = 4  # bytes: the number of the track, two of the time since the cluster's, flags
_TICK = 0.001  # seconds of a time: ffmpeg's muxer always takes a millisecond


class MatroskaSamples:
    """Iterates over (seconds, bytes of samples) of the one track.

    channels  of the samples; 0 until the header has been read
    """

    def __init__(self, read: Callable[[], bytes]) -> None:
        """read  returns the next bytes of the stream; none at its end"""
        self.channels = 0
        self._read = read
        self._buffer = b""
        self._at = 0  # in the buffer

    def __iter__(self) -> Iterator[tuple[float, bytes]]:
        cluster_time = 0
        while (element := self._number(keep_mark=True)) is not None:
            size = self._number(keep_mark=False)
            if size is None:
                return
            if element in _ENTERED:
                continue
            content = self._take(size)
            if content is None:
                return
            if element in _BLOCKS:
                since = int.from_bytes(content[1:3], "big", signed=True)
                yield (cluster_time + since) * _TICK, content[_BLOCK_HEAD:]
            elif element == _CLUSTER_TIME:
                cluster_time = int.from_bytes(content, "big")
            elif element == _CHANNELS:
                self.channels = int.from_bytes(content, "big")

    def _number(self, keep_mark: bool) -> int | None:
        """Returns a number of the length that its first byte tells, with or without that mark; None at the end."""
        first = self._take(1)
        if not first or not first[0]:
            return None
        length = 9 - first[0].bit_length()
        rest = self._take(length - 1)
        if rest is None:
            return None
        number = int.from_bytes(first + rest, "big")
        return number if keep_mark else number & ~(1 << 7 * length)

    def _take(self, size: int) -> bytes | None:
        """Returns the next bytes; None if the stream ends before them."""
        end = self._at + size
        if end > len(self._buffer):
            pieces = [self._buffer[self._at :]]
            missing = end - len(self._buffer)
            while missing > 0:
                piece = self._read()
                if not piece:
                    return None
                pieces.append(piece)
                missing -= len(piece)
            self._buffer, self._at, end = b"".join(pieces), 0, size
        found = self._buffer[self._at : end]
        self._at = end
        return found
