"""The names of the files of stored transcripts and their recordings, and when they were last used."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path

ENDING = ".json"
HIDDEN_ENDING = ".deleted"  # of a transcript whose deletion can be undone
MARK_ENDING = ".forgotten"  # of the file beside a recording that is deleted once nothing uses it

TOKEN = re.compile(r"[\w-]{10,40}")


def is_transcript(path: Path) -> bool:
    """Returns whether a file has the name of a stored transcript."""
    return path.suffix == ENDING and TOKEN.fullmatch(path.stem) is not None


def hidden_token(path: Path) -> str | None:
    """Returns the token of a hidden transcript; None for other files."""
    token, _, ending = path.name.partition(".")
    return token if ending == f"{ENDING[1:]}{HIDDEN_ENDING}" and TOKEN.fullmatch(token) else None


def age(path: Path) -> float:
    """Returns the seconds since the last use of a file, or of a link itself."""
    return time.time() - path.lstat().st_mtime


def remove_if_empty(folder: Path) -> None:
    """Removes a folder that has become empty."""
    with suppress(OSError):  # the folder is not empty
        folder.rmdir()


def mark_of(media: Path) -> Path:
    """Returns the file that marks a recording for deletion once nothing uses it."""
    return media.with_name(f".{media.name}{MARK_ENDING}")


def copy_of(media: Path, token: str) -> Path:
    """Returns the file of a recording's playable copy, which one transcript has."""
    return media.with_name(f"copy-{token}.m4a")


def token_of(path: Path) -> str:
    """Returns the token of a transcript's file, hidden or not."""
    return path.name.partition(".")[0]


def hidden_place(path: Path) -> Path:
    """Returns the place of a transcript's file while its deletion can be undone."""
    return path.with_name(f"{path.name}{HIDDEN_ENDING}")


def touch(path: Path) -> None:
    """Notes that a file is used now, if there is one."""
    if path.exists():
        os.utime(path)
