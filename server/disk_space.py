"""Tracks disk space for uploads: free, promised to uploads in progress, and the error when it runs out."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import StorageFull

STEP_BYTES = 4 * 1024 * 1024  # claimed at a time by an upload that has not announced its size


class DiskSpace:
    """The space that uploads to one folder may take.

    folder          its file system and its content are measured
    min_free_bytes  space on the file system that uploads leave free, so that transcripts find room
    max_bytes       limit for the content of the folder; 0 sets none
    """

    def __init__(self, folder: Path, min_free_bytes: int = 0, max_bytes: int = 0) -> None:
        self._folder = folder
        self._min_free_bytes = min_free_bytes
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._promised = 0  # bytes promised to uploads and not yet written

    def is_short(self) -> bool:
        """Returns whether new uploads find no room."""
        with self._lock:
            return self._available() <= 0

    @contextmanager
    def reserve(self, announced_bytes: int | None) -> Iterator[Reservation]:
        """Reserves space for an upload. Raises StorageFull if the announced size does not fit."""
        reservation = Reservation(self)
        try:
            reservation.extend(announced_bytes or 1)
            yield reservation
        finally:
            reservation.release()

    def promise(self, size: int) -> None:
        """Promises bytes to an upload. Raises StorageFull if they do not fit."""
        with self._lock:
            if size > self._available():
                raise StorageFull
            self._promised += size

    def redeem(self, size: int) -> None:
        """Takes back a promise, because the bytes are written now or are not going to be."""
        with self._lock:
            self._promised -= size

    def _available(self) -> int:
        free = shutil.disk_usage(self._folder).free - self._min_free_bytes
        if self._max_bytes:
            free = min(free, self._max_bytes - _content_bytes(self._folder))
        return free - self._promised


class Reservation:
    """Space promised to one upload."""

    def __init__(self, space: DiskSpace) -> None:
        self._space = space
        self._left = 0  # bytes

    def extend(self, size: int) -> None:
        """Reserves more bytes. Raises StorageFull if they do not fit."""
        self._space.promise(size)
        self._left += size

    def written(self, size: int) -> None:
        """Counts bytes that are about to be written. Raises StorageFull if they do not fit."""
        if size > self._left:
            try:
                self.extend(max(size - self._left, STEP_BYTES))
            except StorageFull:
                self.extend(size - self._left)
        self._left -= size
        self._space.redeem(size)

    def release(self) -> None:
        """Gives back what is left."""
        self._space.redeem(self._left)
        self._left = 0


def _content_bytes(folder: Path) -> int:
    """Returns the space that a folder's files take on the disk; files may be deleted meanwhile."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_blocks * 512
            except FileNotFoundError:
                continue
    return total
