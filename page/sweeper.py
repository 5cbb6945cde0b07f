"""Deletes what has expired: transcripts, recordings, exported files, and what killed servers have left.

Only names that Wordlight or gradio give are deleted, and only in the folder that carries the marker.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from page.kept import FORGOTTEN, Kept, age, is_transcript, mark_of, remove_if_empty

LOCKED_AT_ONCE = 100  # files that are looked at while runs that begin have to wait

# Folders of ours, gradio's by content, and the temporary files of gradio's components.
_OURS = re.compile(r"(?:upload|export|example)-[\w-]+|[0-9a-f]{64}|tmp[a-z0-9_]{8}(?:\.\w+)?")

_log = logging.getLogger("wordlight.page")


def sweep(kept: Kept) -> int:
    """Deletes every file that has expired, and folders left empty; returns how many files."""
    kept.folder.sweep_dead()
    gone = 0
    for path in list(kept.folder.transcripts.iterdir()):
        if is_transcript(path) and _is_over(path, kept.keep_seconds):
            gone += _is_deleted(path)
    found = [path for path in _recordings(kept.folder.uploads) if _is_due(path, kept)]
    folders = [path for path in _folders(kept.folder.uploads) if _is_over(path, kept.keep_seconds)]
    for start in range(0, len(found), LOCKED_AT_ONCE):
        with kept.folder.lock():
            needed = kept.needed()
            for path in found[start : start + LOCKED_AT_ONCE]:
                # Once more, under the lock: one may have been used meanwhile.
                if path not in needed and _is_due(path, kept):
                    gone += _is_deleted(path)
                    mark_of(path).unlink(missing_ok=True)
    for folder in {*folders, *(path.parent for path in found if path.parent != kept.folder.uploads)}:
        remove_if_empty(folder)
    return gone


def sweep_forever(kept: Kept, pause_seconds: float, also: Sequence[Callable[[], int]] = ()) -> None:
    """Sweeps now and then, in a thread that ends with the process; `also` are other sweeps."""

    sweeps: list[Callable[[], int]] = [partial(sweep, kept), *also]

    def run() -> None:
        while True:
            for each in sweeps:
                try:
                    each()
                except Exception:  # nothing would be deleted any more
                    _log.exception("sweep failed")
            time.sleep(pause_seconds)

    threading.Thread(target=run, name="sweep", daemon=True).start()


def _folders(uploads: Path) -> Iterator[Path]:
    """Yields the folders that are ours, and no links."""
    for entry in list(os.scandir(uploads)):
        if _OURS.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
            yield Path(entry.path)


def _recordings(uploads: Path) -> Iterator[Path]:
    """Yields the files that are ours; a link is a file, whatever it leads to."""
    for entry in list(os.scandir(uploads)):
        if _OURS.fullmatch(entry.name) and not entry.is_dir(follow_symlinks=False):
            yield Path(entry.path)
    for folder in _folders(uploads):
        for path in _entries(folder):
            if not path.is_dir() or path.is_symlink():
                yield path


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:  # another sweep was faster
        return []


def _is_due(path: Path, kept: Kept) -> bool:
    if path.name.startswith(".") and path.name.endswith(FORGOTTEN):
        return not path.with_name(path.name[1 : -len(FORGOTTEN)]).exists()
    return _is_over(path, kept.keep_seconds) or kept.is_forgotten(path)


def _is_over(path: Path, seconds: float) -> bool:
    try:
        return age(path) > seconds
    except FileNotFoundError:
        return False  # another sweep was faster


def _is_deleted(path: Path) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError:  # it must not keep the others from being deleted
        _log.exception("an expired file cannot be deleted")
        return False
    return True
