"""Stores recordings by their content in the folder of the jobs.

    <data_dir>/wordlight-jobs/
        .wordlight-jobs      the marker; without it, nothing in here is touched
        recordings/          one file each, named by the SHA-256 of its content
        incoming/            uploads under way
        workers/             a file for each process, locked for as long as it lives
        jobs.sqlite3         the database, unless it is elsewhere

A recording stays for as long as a job names it in the database. A row of the database is locked while its file is
made or deleted, so that a deletion cannot take a recording that another request is submitting.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.errors import SetupError
from jobs.database import Database
from jobs.files import full_disk_refused, sync_folder
from jobs.models import Job, Recording

NAME = "wordlight-jobs"
MARKER = ".wordlight-jobs"
PRIVATE = 0o700
ORPHAN_SECONDS = 3600.0  # age at which an upload cannot be under way any more

_DIGEST = re.compile(r"[0-9a-f]{64}")
_MARKER_TEXT = (
    "Wordlight stores jobs and their recordings in this folder and deletes them when they expire.\n"
)
_HINT = "Choose another folder in WORDLIGHT_DATA_DIR."


class JobsFolder:
    """The folder on the disk; made by `claim`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.recordings = root / "recordings"
        self.incoming = root / "incoming"
        self.workers = root / "workers"
        for folder in (self.recordings, self.incoming, self.workers):
            _make_private(folder)

    @classmethod
    def claim(cls, parent: Path) -> JobsFolder:
        """Opens or creates the folder below `parent`. Raises SetupError if the folder is not ours."""
        try:
            parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            root = parent.resolve() / NAME
            _make_private(root)
            names = os.listdir(root)
            if names and MARKER not in names:
                raise SetupError(
                    f"{root} holds files and no marker {MARKER}, so it is not Wordlight's.",
                    f"Move it away. {_HINT}",
                )
            if not names:
                (root / MARKER).write_text(_MARKER_TEXT)
            return cls(root)
        except OSError as error:
            raise SetupError(f"{parent} cannot be used: {error.strerror}.", _HINT) from error

    def temporary(self) -> TemporaryDirectory[str]:
        """Returns a folder for one upload, deleted when its context ends."""
        return TemporaryDirectory(prefix="upload-", dir=self.incoming, ignore_cleanup_errors=True)


class Recordings:
    """The recordings of one folder and their rows in the database."""

    def __init__(self, folder: JobsFolder, database: Database) -> None:
        self._folder = folder
        self._database = database

    def path_of(self, digest: str) -> Path:
        """Returns the path of a recording."""
        assert _DIGEST.fullmatch(digest)
        return self._folder.recordings / digest

    def add(self, session: Session, digest: str, upload: Path) -> None:
        """Moves a synced upload to its place, in the transaction of the job that names it.

        Raises StorageFull. If the transaction fails, `sweep` deletes the file.
        """
        row = {"digest": digest, "bytes": upload.stat().st_size, "created_at": time.time()}
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        # Changes nothing in a row that is there, but locks it: of two requests with one content the second waits, as
        # does a deletion, and after a deletion the row is made again.
        locked = (
            insert(Recording)
            .values(row)
            .on_conflict_do_update(index_elements=["digest"], set_={"digest": digest})
        )
        session.execute(locked)
        place = self.path_of(digest)
        with full_disk_refused():
            if not place.exists():
                os.replace(upload, place)
            sync_folder(place.parent)

    def release(self, digest: str) -> bool:
        """Deletes a recording unless a job names it; returns whether it was deleted."""
        with self._database.write() as session:
            row = session.get(Recording, digest, with_for_update=True)
            if row is None or session.scalar(select(exists().where(Job.recording == digest))):
                return False
            self.path_of(digest).unlink(missing_ok=True)
            sync_folder(self._folder.recordings)
            session.delete(row)
            return True

    def sweep(self) -> int:
        """Deletes recordings without a job and files of killed servers; returns the number of files."""
        with self._database.read() as session:
            named = exists().where(Job.recording == Recording.digest)
            unnamed = list(session.scalars(select(Recording.digest).where(~named)))
        gone = sum(self.release(digest) for digest in unnamed)
        for path in list(self._folder.recordings.iterdir()):
            if _DIGEST.fullmatch(path.name) and _is_old(path) and not self._has_row(path.name):
                path.unlink(missing_ok=True)
                gone += 1
        for folder in list(self._folder.incoming.iterdir()):
            if _is_old(folder):
                gone += _remove(folder)
        return gone

    def _has_row(self, digest: str) -> bool:
        with self._database.read() as session:
            return session.get(Recording, digest) is not None


def digest_of(path: Path) -> str:
    """Returns the SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_old(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return time.time() - path.lstat().st_mtime > ORPHAN_SECONDS
    return False


def _remove(folder: Path) -> int:
    """Deletes a folder of files; returns the number of files."""
    gone = 0
    with suppress(OSError):
        for path in list(folder.iterdir()):
            path.unlink(missing_ok=True)
            gone += 1
        folder.rmdir()
    return gone


def _make_private(folder: Path) -> None:
    with suppress(FileExistsError):
        folder.mkdir(PRIVATE)
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise SetupError(f"{folder} is not a folder of this user.", f"Remove it. {_HINT}")
    folder.chmod(PRIVATE)
