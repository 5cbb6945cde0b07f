"""Creates files that only this user can read, and syncs files and folders to the disk."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from engine.errors import StorageFull

# EFBIG is the answer to a write beyond the file size that the process is limited to.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def full_disk_refused() -> Iterator[None]:
    """Turns the system's error for a full disk into StorageFull; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull from error
        raise


def create_private(path: Path) -> BinaryIO:
    """Opens or creates a file for writing that no other user can read; follows no link."""
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600), "wb")


def sync(file: int) -> None:
    """Syncs an open file or folder to the disk."""
    os.fsync(file)


def sync_file(path: Path) -> None:
    """Syncs a closed file to the disk."""
    with path.open("rb") as file:
        sync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Syncs a folder's list of names to the disk, so that a rename or deletion survives a crash."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync(opened)
    finally:
        os.close(opened)
