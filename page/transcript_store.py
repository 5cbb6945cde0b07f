"""Stores transcripts for a while: behind a link, over a reload, for a zip of many. Then they are deleted.

Each transcript is a file. Its name is a random token, which only holders of the link know; there is no list of
tokens. The first line of a file names the recording. A recording stays as long as a transcript names it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from engine.errors import InputError
from server.data_folder import DataFolder, create_private, sync_folder

Outcome = Literal["done", "stopped", "left"]  # of a transcription; `left` if its page was closed

ENDING = ".json"
MARK_ENDING = ".forgotten"  # of the file beside a recording that is deleted once nothing uses it

_TOKEN = re.compile(r"[\w-]{10,40}")


class NotKept(InputError):
    code = "not_kept"


@dataclass(slots=True)
class TranscriptStore:
    """The stored transcripts, and which recordings are in use.

    folder        holds transcripts and recordings
    keep_seconds  how long a file stays after its last use
    queued_files  returns the files of the requests that wait in gradio's queue
    """

    folder: DataFolder
    keep_seconds: float
    queued_files: Callable[[], Collection[Path]] = tuple
    _running: set[str] = field(default_factory=set)

    @staticmethod
    def new_token() -> str:
        """Returns a name for a transcript: 96 random bits."""
        return secrets.token_urlsafe(12)

    def save(self, token: str, outcome: Outcome, media: Path, message: dict[str, Any]) -> float:
        """Stores the page's message of a transcript; returns when that expires, in seconds since the epoch.

        The file survives a power failure from then on. Raises StorageFull.
        """
        path = self._path(token)
        assert path is not None, "tokens come from new_token"
        head = json.dumps({"state": outcome, "media": str(media)})
        self.folder.write(path, f"{head}\n{json.dumps(message)}".encode())
        for file in (media, copy_of(media, token)):  # all expire together
            _touch(file)
        return time.time() + self.keep_seconds

    def add_copy(self, token: str, media: Path, copy: Path) -> Path | None:
        """Moves a playable copy beside its recording; returns its path, or None if that is not among the uploads."""
        media = media.resolve()
        if self.folder.uploads not in media.parents:
            return None
        place = copy_of(media, token)
        with self.folder.lock():
            if not media.exists():
                return None
            copy.replace(place)
            _touch(media)  # the sweeper keeps both until the transcript names them
        return place

    def replace(self, token: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> float:
        """Replaces a stored message with what `change` makes of it; returns when that expires.

        Raises NotKept, StorageFull, and what `change` raises. A transcript that is deleted meanwhile stays deleted.
        """
        stored = self._load_or_raise(token)
        message = change(stored["message"])
        with self.folder.lock():
            self._load_or_raise(token)
            return self.save(token, stored["state"], Path(stored["media"]), message=message)

    def _load_or_raise(self, token: Any) -> dict[str, Any]:
        stored = self.load(token)
        if stored is None:
            raise NotKept("The transcript is no longer kept.", "Download it before you leave this page.")
        return stored

    def load(self, token: Any) -> dict[str, Any] | None:
        """Returns {"state", "media", "message"}; None if the token is unknown or the transcript has expired."""
        path = self._path(token)
        try:
            if path is None or age(path) > self.keep_seconds:
                return None
            head, _, message = path.read_text("utf-8").partition("\n")
            return {**json.loads(head), "message": json.loads(message)}
        except FileNotFoundError:
            return None

    @contextmanager
    def mark_running(self, token: str) -> Iterator[None]:
        """Marks a transcript as being made; it is saved before the block ends."""
        self._running.add(token)
        try:
            yield
        finally:
            self._running.discard(token)

    def state(self, token: Any) -> dict[str, Any]:
        """Returns what `load` does, or only {"state"}: "working" or "gone"."""
        stored = self.load(token)
        if stored is None and isinstance(token, str) and token in self._running:
            return {"state": "working"}
        # Once more: it may have been saved between the two checks.
        return stored or self.load(token) or {"state": "gone"}

    def delete(self, token: Any) -> bool:
        """Deletes a transcript now; returns whether there was one.

        Its recording is deleted too, unless another transcript, a run or a waiting request uses it. Then it is
        deleted with the last of these.
        """
        with self.folder.lock():
            stored, path = self.load(token), self._path(token)
            if stored is None or path is None:
                return False
            path.unlink(missing_ok=True)
            sync_folder(path.parent)
            copy_of(Path(stored["media"]), token).unlink(missing_ok=True)
            self._release(Path(stored["media"]), wanted=True)
            return True

    @contextmanager
    def protect(self, *media: Path) -> Iterator[None]:
        """Protects recordings from deletion during the block."""
        paths = [path.resolve() for path in media]
        try:
            with self.folder.using(paths):
                with self.folder.lock():  # a sweep that did not see them in use has ended by then
                    for path in paths:
                        _touch(path)
                yield
        finally:
            with self.folder.lock():
                for path in paths:
                    self._release(path, wanted=False)

    def files_in_use(self) -> set[Path]:
        """Returns the recordings that a run, a waiting request or a stored transcript uses."""
        return {*self.folder.in_use(), *self._queued(), *self._named()}

    def note_queued(self) -> None:
        """Notes the recordings of the waiting requests for the other servers on the folder."""
        self.folder.note_queued(self._queued())

    def is_marked(self, media: Path) -> bool:
        """Returns whether a recording's deletion was requested while it was in use."""
        return mark_of(media).exists()

    def _queued(self) -> set[Path]:
        return set(filter(None, map(_resolved, self.queued_files())))

    def _named(self) -> Iterator[Path]:
        """Yields the recordings of the stored transcripts, and their playable copies."""
        for path in self.folder.transcripts.glob(f"*{ENDING}"):
            with suppress(OSError, ValueError):  # another process may delete the file meanwhile
                if _TOKEN.fullmatch(path.stem) and age(path) <= self.keep_seconds:
                    with path.open(encoding="utf-8") as file:
                        media = Path(json.loads(file.readline())["media"]).resolve()
                    yield media
                    yield copy_of(media, path.stem)

    def _release(self, media: Path, wanted: bool) -> None:
        """Deletes a recording if that is `wanted` now or was before, or marks it if it is in use."""
        media = media.resolve()
        if self.folder.uploads not in media.parents or not (wanted or self.is_marked(media)):
            return
        mark = mark_of(media)
        if media in self.files_in_use():
            with suppress(OSError):  # on a full disk the recording is deleted when it expires
                create_private(mark).close()
            return
        for path in (media, mark):
            path.unlink(missing_ok=True)
        if media.parent != self.folder.uploads:
            remove_if_empty(media.parent)
        with suppress(FileNotFoundError):
            sync_folder(media.parent)
        sync_folder(self.folder.uploads)

    def _path(self, token: Any) -> Path | None:
        is_token = isinstance(token, str) and _TOKEN.fullmatch(token)
        return self.folder.transcripts / f"{token}{ENDING}" if is_token else None


def is_transcript(path: Path) -> bool:
    """Returns whether a file has the name of a stored transcript."""
    return path.suffix == ENDING and _TOKEN.fullmatch(path.stem) is not None


def age(path: Path) -> float:
    """Returns the seconds since the last use of a file, or of a link itself."""
    return time.time() - path.lstat().st_mtime


def remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # the folder is not empty
        folder.rmdir()


def mark_of(media: Path) -> Path:
    """Returns the file that marks a recording for deletion once nothing uses it."""
    return media.with_name(f".{media.name}{MARK_ENDING}")


def copy_of(media: Path, token: str) -> Path:
    """Returns the file of a recording's playable copy, which one transcript has."""
    return media.with_name(f"copy-{token}.m4a")


def _resolved(path: Path) -> Path | None:
    """Returns None if there can be no such path: waiting requests hold arbitrary strings."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return None


def _touch(path: Path) -> None:
    if path.exists():
        os.utime(path)
