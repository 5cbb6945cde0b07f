"""Opens the file of a recording, and refuses what is none: folders, pipes, empty and too large files."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from engine.config import Config
from engine.errors import EmptyFile, InputError, TooLarge


def open_media(path: Path, config: Config) -> BinaryIO:
    """Opens a recording for reading. Raises InputError, EmptyFile or TooLarge."""
    try:
        # Non-blocking: opening a named pipe would otherwise wait for its writer.
        media = open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0)  # noqa: SIM115
    except (FileNotFoundError, ValueError):
        raise InputError("There is no such file.", "Check the name, or upload it again.") from None
    except OSError:
        raise InputError(
            "This file cannot be opened.", "Check that it is a file that the server may read."
        ) from None
    status = os.fstat(media.fileno())
    fault: InputError | None = None
    if not stat.S_ISREG(status.st_mode):
        fault = InputError("This is not a file.", "Choose an audio or video file.")
    elif not status.st_size:
        fault = EmptyFile("This file is empty.", "Choose another one, or upload it again.")
    elif status.st_size > config.max_bytes:
        fault = TooLarge.than(config.max_bytes)
    if fault:
        media.close()
        raise fault
    return media
