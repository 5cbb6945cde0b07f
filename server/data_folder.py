"""The folder of uploads and transcripts: its layout and marker, and the processes that share it.

    <temp_dir>/wordlight-data/
        .wordlight-data         the marker; without it, nothing in here is touched
        transcripts/            one file each, kept for a while
        uploads/                complete recordings and exported files, kept as long; served by gradio
        processes/<pid>-<id>/   what only one running server uses: incomplete uploads and drafts

Each server holds a lock on its folder below processes/ for as long as it lives, however it ends. Folders
that are not locked belong to servers that were killed, and are deleted. All folders are on one file system,
so that a file is complete, or absent, at its final place.
"""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import re
import secrets
import shutil
import stat
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.errors import SetupError
from jobs.files import create_private, full_disk_refused, sync, sync_folder
from server.disk_space import DiskSpace

NAME = "wordlight-data"
MARKER = ".wordlight-data"
PRIVATE = 0o700  # the mode of every folder; files have 0600
IN_USE = ".in-use-"

_MARKER_TEXT = "Wordlight stores uploads and transcripts in this folder and deletes them when they expire.\n"
_LOCK = ".lock"
_IDENTITY = ".identity"
_PROCESS = re.compile(r"\d+-[0-9a-f]{8}")
_HINT = "Choose another folder in WORDLIGHT_TEMP_DIR."


def uploads_folder(parent: Path) -> Path:
    """Returns the folder of uploads below `parent`, which need not be there yet."""
    return parent.resolve() / NAME / "uploads"


class DataFolder:
    """One server's hold on the folder; made by `claim`."""

    def __init__(self, root: Path, space: DiskSpace) -> None:
        self.root = root
        self.space = space
        self.transcripts = root / "transcripts"
        self.uploads = root / "uploads"
        self._processes = root / "processes"
        self._in_use: Counter[Path] = Counter()
        self._queued: set[Path] = set()  # as noted last
        self._guard = threading.Lock()
        for folder in (self.transcripts, self.uploads, self._processes):
            _make_private(folder)
        create_private(root / _LOCK).close()
        self.identity = self._identify()
        self.process = self._processes / "none"
        self._held = -1
        self.sweep_dead()  # first, for it may make the room that is needed next
        with self.lock():
            self.process = self._processes / f"{os.getpid()}-{secrets.token_hex(4)}"
            self.process.mkdir(PRIVATE)
            self._held = os.open(self.process / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._held, fcntl.LOCK_EX)
        atexit.register(self.close)

    @classmethod
    def claim(cls, parent: Path, min_free_bytes: int = 0, max_bytes: int = 0) -> DataFolder:
        """Opens, or creates, the folder below `parent`, and deletes what killed servers have left in it.

        The limits are as in DiskSpace. Raises SetupError if the folder is not Wordlight's, belongs to another
        user, or cannot be written to.
        """
        try:
            parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            _check_parent(parent)
            root = parent.resolve() / NAME
            _make_private(root)
            _mark(root)
            return cls(root, DiskSpace(root, min_free_bytes, max_bytes))
        except OSError as error:
            raise SetupError(f"{parent} cannot be used: {error.strerror}.", _HINT) from error

    def _identify(self) -> str:
        """Returns the folder's name among all data folders, the same for every server on it."""
        path = self.root / _IDENTITY
        with self.lock():
            if not path.exists():
                with create_private(path) as file:
                    file.write(secrets.token_hex(8).encode())
                    sync(file.fileno())
            return path.read_text()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Excludes the other threads and the other servers on this folder, for a moment; not re-entrant."""
        file = os.open(self.root / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)

    # -- files being written

    def temporary(self, prefix: str) -> TemporaryDirectory[str]:
        """Returns a folder that is deleted when its context ends, and by others if this server is killed."""
        return TemporaryDirectory(prefix=prefix, dir=self.process, ignore_cleanup_errors=True)

    def write(self, path: Path, content: bytes) -> None:
        """Writes a file that is complete after a power loss, or as it was before. Raises StorageFull."""
        draft = self.process / secrets.token_hex(8)
        try:
            with full_disk_refused():
                with create_private(draft) as file:
                    file.write(content)
                    sync(file.fileno())
                os.replace(draft, path)
                sync_folder(path.parent)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise

    def publish(self, folder: Path, kind: str) -> Path:
        """Moves a folder of complete, synced files to the uploads; returns its path. Raises StorageFull.

        The folder survives a power failure from then on.
        """
        place = self.uploads / f"{kind}-{secrets.token_urlsafe(16)}"
        with full_disk_refused():
            sync_folder(folder)
            os.rename(folder, place)
            sync_folder(self.uploads)
        return place

    def publish_file(self, name: str, content: bytes, kind: str) -> Path:
        """Writes a file to a folder of its own among the uploads. Raises StorageFull."""
        with self.temporary(f"{kind}-") as parent, full_disk_refused():
            folder = Path(parent, "file")
            folder.mkdir(PRIVATE)
            with create_private(folder / name) as file:
                file.write(content)
                sync(file.fileno())
            return self.publish(folder, kind) / name

    # -- recordings in use

    @contextmanager
    def using(self, paths: Iterable[Path]) -> Iterator[None]:
        """Notes that recordings are in use, for this server and the others on the folder."""
        paths = list(paths)
        note = self.process / f"{IN_USE}{secrets.token_hex(8)}"
        with self._guard:
            self._in_use.update(paths)
        # The other servers do without the note if the disk is full: the recording is young.
        with suppress(OSError), create_private(note) as file:
            file.write(json.dumps([str(path) for path in paths]).encode())
        try:
            yield
        finally:
            with self._guard:
                self._in_use.subtract(paths)
                self._in_use = +self._in_use
            note.unlink(missing_ok=True)

    def note_queued(self, paths: set[Path]) -> None:
        """Notes the recordings of the requests that wait in this server's queue, for the other servers."""
        note = self.process / f"{IN_USE}queued"
        with self._guard, suppress(OSError):  # on a full disk their age protects them: they are young
            if paths == self._queued:
                return
            if paths:
                draft = self.process / secrets.token_hex(8)
                with create_private(draft) as file:
                    file.write(json.dumps(sorted(map(str, paths))).encode())
                os.replace(draft, note)
            else:
                note.unlink(missing_ok=True)
            self._queued = paths

    def in_use(self) -> set[Path]:
        """Returns the recordings that a living server uses, or that wait in another server's queue."""
        with self._guard:
            found = set(self._in_use)
        for note in self._processes.glob(f"*/{IN_USE}*"):
            if note.parent != self.process:
                with suppress(OSError, ValueError):  # it ends, or was cut off by a full disk
                    found.update(map(Path, json.loads(note.read_text("utf-8"))))
        return found

    # -- the servers

    def sweep_dead(self) -> int:
        """Deletes the folders of servers that no longer live; returns how many."""
        gone = 0
        with self.lock():
            for entry in list(os.scandir(self._processes)):
                path = Path(entry.path)
                if path == self.process or not _PROCESS.fullmatch(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False) and not _is_locked(path / _LOCK):
                    shutil.rmtree(path, ignore_errors=True)
                    gone += 1
        return gone

    def close(self) -> None:
        """Deletes this server's own folder."""
        atexit.unregister(self.close)
        if self._held >= 0:
            shutil.rmtree(self.process, ignore_errors=True)
            os.close(self._held)
            self._held = -1


def _check_parent(parent: Path) -> None:
    """Refuses a folder in which another user could put theirs in the place of ours."""
    for found in (os.lstat(parent), os.stat(parent)):
        if found.st_uid not in (0, os.geteuid()):
            raise SetupError(f"{parent} belongs to another user.", f"Change its owner. {_HINT}")


def _make_private(folder: Path) -> None:
    """Creates a folder for this user alone. Raises SetupError if there is anything else of that name."""
    with suppress(FileExistsError):
        folder.mkdir(PRIVATE)
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode):
        raise SetupError(f"{folder} is not a folder.", f"Remove it. {_HINT}")
    if found.st_uid != os.geteuid():
        raise SetupError(f"{folder} belongs to another user.", f"Change its owner. {_HINT}")
    folder.chmod(PRIVATE)


def _mark(root: Path) -> None:
    """Puts the marker into a folder that is empty. Raises SetupError if there are other files only."""
    names = os.listdir(root)
    if MARKER in names:
        return
    if names:
        raise SetupError(
            f"{root} holds files and no marker {MARKER}, so it is not Wordlight's.", f"Move it away. {_HINT}"
        )
    with create_private(root / MARKER) as file:
        file.write(_MARKER_TEXT.encode())


def _is_locked(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False  # it is made under the lock: its server was killed before it could
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False
