"""Transcripts kept for a while: behind a link, over a reload, for a zip of many. Then they are deleted.

Each lies in a file of its own beside gradio's uploads. Its name is a token that nobody guesses and that
whoever has the link knows; there is no list of them. Whatever lies in that folder, uploads included, goes
once it is older than the installation says (`sweep`), unless a run is at work on it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from engine.errors import InputError

State = Literal["done", "stopped", "left"]

_TOKEN = re.compile(r"[\w-]{10,40}")

_log = logging.getLogger("wordlight.page")


class NotKept(InputError):
    code = "not_kept"


@dataclass(slots=True)
class Kept:
    """The folder of what is kept, below gradio's cache, and what in that cache is in use.

    root          gradio's cache, with uploads in folders of their own
    waiting       tells which files somebody in line is going to need
    keep_seconds  how long anything stays after it was last used
    """

    root: Path
    keep_seconds: float
    waiting: Callable[[], Collection[Path]] = tuple
    _in_use: list[Path] = field(default_factory=list)
    _at_work: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @staticmethod
    def token() -> str:
        """Returns a new name for a transcript: 96 random bits."""
        return secrets.token_urlsafe(12)

    def put(self, token: str, state: State, media: Path, message: dict[str, Any]) -> float:
        """Keeps what the page shows of a transcript; returns until when, as seconds since the epoch."""
        path = self._path(token)
        assert path is not None, "tokens are made here"
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps({"state": state, "media": str(media), "message": message}), "utf-8")
        draft.replace(path)  # whole or not at all
        _touch(media)  # they go together
        return time.time() + self.keep_seconds

    def get(self, token: Any) -> dict[str, Any] | None:
        """Returns {"state", "media", "message"}; None where the token is unknown or its time is over."""
        path = self._path(token)
        try:
            if path is None or _age(path) > self.keep_seconds:
                return None
            return dict(json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            return None

    @contextmanager
    def working(self, token: str) -> Iterator[None]:
        """Says of a transcript that it is in the making; what comes of it is put before that is over."""
        self._at_work.add(token)
        try:
            yield
        finally:
            self._at_work.discard(token)

    def ask(self, token: Any) -> dict[str, Any]:
        """Returns what `get` does, or {"state"} of "working" or "gone"."""
        kept = self.get(token)
        if kept is None and isinstance(token, str) and token in self._at_work:
            return {"state": "working"}
        # Once more: it may have been put between the two looks.
        return kept or self.get(token) or {"state": "gone"}

    def forget(self, token: Any) -> bool:
        """Deletes a transcript and its recording now; returns whether there was one."""
        kept, path = self.get(token), self._path(token)
        if kept is None or path is None:
            return False
        path.unlink(missing_ok=True)
        self._delete(Path(kept["media"]))
        return True

    @contextmanager
    def using(self, *media: Path) -> Iterator[None]:
        """Protects recordings from `sweep` for as long as a run is at work on them, or going to be."""
        paths = [path.resolve() for path in media]
        with self._lock:
            self._in_use += paths
        try:
            for path in paths:
                _touch(path)
            yield
        finally:
            with self._lock:
                for path in paths:
                    self._in_use.remove(path)

    def sweep(self) -> int:
        """Deletes every file whose time is over, and folders left empty; returns how many files."""
        with self._lock:
            in_use = {*self._in_use, *filter(None, map(_resolved, self.waiting()))}
        gone = 0
        # Folders first: each is young again once a file in it is deleted.
        found = [(path, path.is_dir()) for path in _below(self.root) if _is_over(path, self.keep_seconds)]
        for path, is_folder in sorted(found, key=lambda it: len(it[0].parts), reverse=True):
            if is_folder:
                _remove_if_empty(path)
            elif _resolved(path) not in in_use:
                gone += _is_deleted(path)
        return gone

    def sweep_forever(self, pause_seconds: float) -> None:
        """Sweeps now and then, in a thread that ends with the process."""

        def run() -> None:
            while True:
                try:
                    self.sweep()
                except Exception:  # nothing would be deleted any more
                    _log.exception("sweep failed")
                time.sleep(pause_seconds)

        threading.Thread(target=run, name="sweep", daemon=True).start()

    def _path(self, token: Any) -> Path | None:
        known = isinstance(token, str) and _TOKEN.fullmatch(token)
        return self.root / "kept" / f"{token}.json" if known else None

    def _delete(self, media: Path) -> None:
        """Deletes a recording below the cache, and its folder, which gradio shares among names of one content."""
        if self.root.resolve() in media.resolve().parents:
            media.unlink(missing_ok=True)
            if media.parent != self.root:
                _remove_if_empty(media.parent)


def sweep_uploads(folder: Path, seconds: float) -> None:
    """Deletes what plain HTTP uploads have left where the process was killed before it could."""
    for upload in folder.glob("upload-*"):
        if _is_over(upload, seconds):
            shutil.rmtree(upload, ignore_errors=True)


def _below(folder: Path) -> Iterator[Path]:
    """Yields what lies in a folder at any depth; unlike `Path.rglob`, goes on where something goes meanwhile."""
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent, name) for name in (*folders, *files))


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def _is_over(path: Path, seconds: float) -> bool:
    try:
        return _age(path) > seconds
    except FileNotFoundError:
        return False  # another sweep was faster


def _resolved(path: Path) -> Path | None:
    """Returns None for what can be no path: those in line have sent what they like."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return None


def _touch(path: Path) -> None:
    if path.exists():
        path.touch()


def _is_deleted(path: Path) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError:  # one that cannot be is not to keep the others for ever
        _log.exception("a file that has had its time cannot be deleted")
        return False
    return True


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # it holds something yet
        folder.rmdir()
