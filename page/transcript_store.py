"""Stores transcripts for a while: behind a link, over a reload, for a zip of many. Then they are deleted.

Each transcript is a file. Its name is a random token, which only holders of the link know; there is no list of
tokens. The first line of a file names the recording. A recording stays as long as a transcript names it.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engine.errors import InputError
from page.transcript_files import (
    ENDING,
    HIDDEN_ENDING,
    TOKEN,
    age,
    copy_of,
    hidden_place,
    mark_of,
    remove_if_empty,
    token_of,
    touch,
)
from server.data_folder import DataFolder, create_private, sync_folder

Outcome = Literal["done", "stopped", "left"]  # of a transcription; `left` if its page was closed

UNDO_SECONDS = 6.0  # in which a deletion can be undone; the page offers it for five


class NotKept(InputError):
    code = "not_kept"


@dataclass(slots=True)
class TranscriptStore:
    """The stored transcripts, and which recordings are in use.

    folder        holds transcripts and recordings
    keep_seconds  how long a file stays after its last use
    queued_files  returns the files of the requests that wait in gradio's queue
    job_files     returns those of the page's unfinished jobs
    """

    folder: DataFolder
    keep_seconds: float
    queued_files: Callable[[], Collection[Path]] = tuple
    job_files: Callable[[], Collection[Path]] = tuple

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
        revision = message.get("meta", {}).get("revision", 0)
        # By `saved`, a change notices that there was another one meanwhile.
        saved = secrets.token_hex(4)
        head = json.dumps({"state": outcome, "media": str(media), "revision": revision, "saved": saved})
        self.folder.write(path, f"{head}\n{json.dumps(message)}".encode())
        for file in (media, copy_of(media, token)):  # all expire together
            touch(file)
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
            touch(media)  # the sweeper keeps both until the transcript names them
        return place

    def replace(self, token: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> float:
        """Replaces a stored message with what `change` makes of it; returns when that expires.

        `change` is called again if the message has been replaced meanwhile, so that no change is lost.

        Raises NotKept, StorageFull, and what `change` raises. A transcript that is deleted meanwhile stays deleted.
        """
        while True:
            stored = self._load_or_raise(token)
            message = change(stored["message"])
            with self.folder.lock():
                now = self.head(token) or {}
                if now.get("saved") == stored.get("saved"):
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

    def head(self, token: Any) -> dict[str, Any] | None:
        """Returns {"state", "media", "revision", "kept_until"} without reading the whole; None as in `load`."""
        path = self._path(token)
        try:
            if path is None or age(path) > self.keep_seconds:
                return None
            with path.open(encoding="utf-8") as file:
                head = json.loads(file.readline())
            return {**head, "kept_until": path.stat().st_mtime + self.keep_seconds}
        except FileNotFoundError:
            return None

    def prolong(self, token: Any) -> None:
        """Has a transcript and its recording stay as long as if it were saved now, unless its time is over."""
        path = self._path(token)
        with self.folder.lock():
            head = self.head(token)
            if path is None or head is None:
                return
            media = Path(head["media"])
            for file in (path, media, copy_of(media, str(token))):
                touch(file)

    def hide(self, token: Any) -> bool:
        """Takes a transcript away from every reader, until `unhide`; returns whether there was one."""
        path = self._path(token)
        with self.folder.lock():
            if path is None or self.head(token) is None:
                return False
            os.utime(path)
            path.rename(hidden_place(path))
            sync_folder(path.parent)
            return True

    def is_hidden(self, token: Any) -> bool:
        path = self._path(token)
        return path is not None and hidden_place(path).exists()

    def unhide(self, token: Any) -> None:
        """Brings a hidden transcript back. Raises NotKept."""
        path = self._path(token)
        with self.folder.lock():
            if path is None or not hidden_place(path).exists():
                raise NotKept("The transcript is deleted for good.", "Transcribe the recording once more.")
            hidden_place(path).rename(path)
            sync_folder(path.parent)

    def delete_hidden(self, token: str) -> bool:
        """Deletes a hidden transcript for good; returns False if it is hidden no longer."""
        path = self._path(token)
        with self.folder.lock():
            return path is not None and self._remove(hidden_place(path))

    def delete(self, token: Any) -> bool:
        """Deletes a transcript now; returns whether there was one.

        Its recording is deleted too, unless another transcript, a run or a waiting request uses it. Then it is
        deleted with the last of these.
        """
        with self.folder.lock():
            path = self._path(token)
            return path is not None and self.head(token) is not None and self._remove(path)

    def _remove(self, path: Path) -> bool:
        try:
            with path.open(encoding="utf-8") as file:
                media = Path(json.loads(file.readline())["media"])
        except FileNotFoundError:
            return False
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
        copy_of(media, token_of(path)).unlink(missing_ok=True)
        self._release(media, wanted=True)
        return True

    @contextmanager
    def protect(self, *media: Path) -> Iterator[None]:
        """Protects recordings from deletion during the block."""
        paths = [path.resolve() for path in media]
        try:
            with self.folder.using(paths):
                with self.folder.lock():  # a sweep that did not see them in use has ended by then
                    for path in paths:
                        touch(path)
                yield
        finally:
            with self.folder.lock():
                for path in paths:
                    self._release(path, wanted=False)

    def files_in_use(self) -> set[Path]:
        """Returns the recordings that a run, a waiting request or a stored transcript uses."""
        waiting = filter(None, map(_resolved, self.job_files()))
        return {*self.folder.in_use(), *self._queued(), *waiting, *self._named()}

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
        folder = self.folder.transcripts
        for path in [*folder.glob(f"*{ENDING}"), *folder.glob(f"*{ENDING}{HIDDEN_ENDING}")]:
            with suppress(OSError, ValueError):  # another process may delete the file meanwhile
                if TOKEN.fullmatch(token_of(path)) and age(path) <= self.keep_seconds:
                    with path.open(encoding="utf-8") as file:
                        media = Path(json.loads(file.readline())["media"]).resolve()
                    yield media
                    yield copy_of(media, token_of(path))

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
        is_token = isinstance(token, str) and TOKEN.fullmatch(token)
        return self.folder.transcripts / f"{token}{ENDING}" if is_token else None


def _resolved(path: Path) -> Path | None:
    """Returns None if there can be no such path: waiting requests hold arbitrary strings."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return None
