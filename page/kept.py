"""Transcripts kept for a while: behind a link, over a reload, for a zip of many. Then they are deleted.

Each has a file of its own. Its name is a token that cannot be guessed and that whoever has the link knows;
there is no list of them. The first line of a file names the recording, so that it stays for as long as a
transcript names it, whatever becomes of the others.
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
from jobs.files import create_private, sync_folder
from server.data_folder import DataFolder

State = Literal["done", "stopped", "left"]

ENDING = ".json"
FORGOTTEN = ".forgotten"  # ends the name of a file beside a recording that is deleted once it is not needed

_TOKEN = re.compile(r"[\w-]{10,40}")


class NotKept(InputError):
    code = "not_kept"


@dataclass(slots=True)
class Kept:
    """The transcripts that are kept, and which recordings are needed.

    folder        where transcripts and recordings lie
    keep_seconds  how long anything stays after it was last used
    waiting       returns the files of the requests that wait in line
    """

    folder: DataFolder
    keep_seconds: float
    waiting: Callable[[], Collection[Path]] = tuple
    _at_work: set[str] = field(default_factory=set)

    @staticmethod
    def token() -> str:
        """Returns a new name for a transcript: 96 random bits."""
        return secrets.token_urlsafe(12)

    def put(self, token: str, state: State, media: Path, message: dict[str, Any]) -> float:
        """Keeps what the page shows of a transcript; returns until when, as seconds since the epoch.

        Once it returns, the transcript is there even if the power fails. Raises StorageFull.
        """
        path = self._path(token)
        assert path is not None, "tokens are made here"
        head = json.dumps({"state": state, "media": str(media)})
        self.folder.write(path, f"{head}\n{json.dumps(message)}".encode())
        _touch(media)  # they go together
        return time.time() + self.keep_seconds

    def replace(self, token: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> float:
        """Replaces a transcript's message by what `change` makes of it; returns until when it is kept.

        Raises NotKept, StorageFull, and what `change` raises. A deletion meanwhile is not undone.
        """
        known = self._known(token)
        message = change(known["message"])
        with self.folder.lock():
            self._known(token)
            return self.put(token, known["state"], Path(known["media"]), message)

    def _known(self, token: Any) -> dict[str, Any]:
        known = self.get(token)
        if known is None:
            raise NotKept("The transcript is no longer kept.", "Download it before you leave this page.")
        return known

    def get(self, token: Any) -> dict[str, Any] | None:
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
    def working(self, token: str) -> Iterator[None]:
        """Notes that a transcript is in the making; what comes of it is put before that is over."""
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
        """Deletes a transcript now; returns whether there was one.

        Its recording goes with it, unless another transcript names it, a run uses it, or a request that waits
        in line names it: then it goes with the last of these.
        """
        with self.folder.lock():
            kept, path = self.get(token), self._path(token)
            if kept is None or path is None:
                return False
            path.unlink(missing_ok=True)
            sync_folder(path.parent)
            self._release(Path(kept["media"]), forgotten=True)
            return True

    @contextmanager
    def using(self, *media: Path) -> Iterator[None]:
        """Protects recordings from deletion for as long as a run uses them, or is going to."""
        paths = [path.resolve() for path in media]
        try:
            with self.folder.using(paths):
                with self.folder.lock():  # a sweep that has not seen them in use is over then
                    for path in paths:
                        _touch(path)
                yield
        finally:
            with self.folder.lock():
                for path in paths:
                    self._release(path, forgotten=False)

    def needed(self) -> set[Path]:
        """Returns the recordings that a run uses, a waiting request names, or a kept transcript names."""
        waiting = filter(None, map(_resolved, self.waiting()))
        return {*self.folder.in_use(), *waiting, *self._named()}

    def is_forgotten(self, media: Path) -> bool:
        """Returns whether a recording's deletion was asked for while it was needed."""
        return mark_of(media).exists()

    def _named(self) -> Iterator[Path]:
        for path in self.folder.transcripts.glob(f"*{ENDING}"):
            with suppress(OSError, ValueError):  # it is deleted meanwhile
                if _TOKEN.fullmatch(path.stem) and age(path) <= self.keep_seconds:
                    with path.open(encoding="utf-8") as file:
                        yield Path(json.loads(file.readline())["media"]).resolve()

    def _release(self, media: Path, forgotten: bool) -> None:
        """Deletes a recording whose deletion was asked for, now or before, once it is not needed."""
        media = media.resolve()
        if self.folder.uploads not in media.parents or not (forgotten or self.is_forgotten(media)):
            return
        mark = mark_of(media)
        if media in self.needed():
            with suppress(OSError):  # on a full disk, it goes when it expires
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
        known = isinstance(token, str) and _TOKEN.fullmatch(token)
        return self.folder.transcripts / f"{token}{ENDING}" if known else None


def is_transcript(path: Path) -> bool:
    """Returns whether a file has a name that transcripts have."""
    return path.suffix == ENDING and _TOKEN.fullmatch(path.stem) is not None


def age(path: Path) -> float:
    """Returns the seconds since a file, or a link itself, was last used."""
    return time.time() - path.lstat().st_mtime


def remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # it is not empty
        folder.rmdir()


def mark_of(media: Path) -> Path:
    """Returns the file that notes that a recording is deleted once it is not needed."""
    return media.with_name(f".{media.name}{FORGOTTEN}")


def _resolved(path: Path) -> Path | None:
    """Returns None for what can be no path: requests in line hold what their senders like."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return None


def _touch(path: Path) -> None:
    if path.exists():
        os.utime(path)
