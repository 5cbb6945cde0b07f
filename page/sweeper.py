"""Deletes expired files: transcripts, recordings, exported files, and what killed servers have left.

The sweeper only deletes names that Wordlight or gradio give, and only in the folder with Wordlight's marker.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from page.transcript_files import MARK_ENDING, age, hidden_token, is_transcript, mark_of, remove_if_empty
from page.transcript_store import UNDO_SECONDS, TranscriptStore

MAX_CHECKED_UNDER_LOCK = 100  # files; starting runs wait for the lock

# Wordlight's folders, gradio's by content, and the temporary files of gradio's components.
_OURS = re.compile(r"(?:upload|export|example)-[\w-]+|[0-9a-f]{64}|tmp[a-z0-9_]{8}(?:\.\w+)?")

_log = logging.getLogger("wordlight.page")


class Sweeper:
    """Deletes the expired files of one store."""

    def __init__(self, store: TranscriptStore) -> None:
        self._store = store
        self._folder = store.folder

    def sweep(self) -> int:
        """Deletes every expired file, and folders that are empty then; returns the number of files."""
        self._folder.sweep_dead()
        deleted = 0
        for path in list(self._folder.transcripts.iterdir()):
            if is_transcript(path) and self._has_expired(path):
                deleted += _delete(path)
            elif (token := hidden_token(path)) and self._is_forgotten(path):
                deleted += self._store.delete_hidden(token)
        due = [path for path in self._recordings() if self._is_due(path)]
        folders = [path for path in self._folders() if self._has_expired(path)]
        for start in range(0, len(due), MAX_CHECKED_UNDER_LOCK):
            with self._folder.lock():
                in_use = self._store.files_in_use()
                for path in due[start : start + MAX_CHECKED_UNDER_LOCK]:
                    # Once more, under the lock: a run may have used it meanwhile.
                    if path not in in_use and self._is_due(path):
                        deleted += _delete(path)
                        mark_of(path).unlink(missing_ok=True)
        for folder in {*folders, *(path.parent for path in due if path.parent != self._folder.uploads)}:
            remove_if_empty(folder)
        return deleted

    def start(self, pause_seconds: float, also: Sequence[Callable[[], int]] = ()) -> None:
        """Sweeps again and again, in a thread that ends with the process; `also` are other sweeps."""
        sweeps = [self.sweep, *also]

        def run() -> None:
            while True:
                for sweep in sweeps:
                    try:
                        sweep()
                    except Exception:  # the next sweep may succeed
                        _log.exception("sweep failed")
                time.sleep(pause_seconds)

        threading.Thread(target=run, name="sweep", daemon=True).start()

    def _folders(self) -> Iterator[Path]:
        """Yields the folders with a known name, but no links."""
        for entry in list(os.scandir(self._folder.uploads)):
            if _OURS.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                yield Path(entry.path)

    def _recordings(self) -> Iterator[Path]:
        """Yields the files with a known name or in such a folder; a link counts as a file."""
        for entry in list(os.scandir(self._folder.uploads)):
            if _OURS.fullmatch(entry.name) and not entry.is_dir(follow_symlinks=False):
                yield Path(entry.path)
        for folder in self._folders():
            for path in _entries(folder):
                if not path.is_dir() or path.is_symlink():
                    yield path

    def _is_due(self, path: Path) -> bool:
        if path.name.startswith(".") and path.name.endswith(MARK_ENDING):
            return not path.with_name(path.name[1 : -len(MARK_ENDING)]).exists()
        return self._has_expired(path) or self._store.is_marked(path)

    def _is_forgotten(self, path: Path) -> bool:
        """Returns whether the server that was to delete a hidden transcript for good must have ended."""
        with suppress(FileNotFoundError):
            return age(path) > 2 * UNDO_SECONDS
        return False

    def _has_expired(self, path: Path) -> bool:
        try:
            return age(path) > self._store.keep_seconds
        except FileNotFoundError:  # another sweep was faster
            return False


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:  # another sweep was faster
        return []


def _delete(path: Path) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError:  # the other files are still deleted
        _log.exception("an expired file cannot be deleted")
        return False
    return True
