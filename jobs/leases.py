"""Finds the living worker processes on this machine: each holds a lock on a file until it ends."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

_WORKER = re.compile(r"worker-[0-9a-f]{16}")


class LivingWorker:
    """This process among the workers of a folder, so that others need not wait for its leases to end."""

    def __init__(self, folder: Path) -> None:
        self.name = f"worker-{secrets.token_hex(8)}"
        self._path = folder / self.name
        # The file is locked before it gets its name: an unlocked file counts as that of a dead process.
        draft = folder / f".{self.name}"
        self._file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        os.rename(draft, self._path)

    def dead(self) -> list[str]:
        """Returns the workers of the folder that ended without `close`."""
        found = []
        for path in list(self._path.parent.iterdir()):
            if path != self._path and _WORKER.fullmatch(path.name) and not _is_locked(path):
                found.append(path.name)
        return found

    def bury(self, names: list[str]) -> None:
        """Forgets dead workers whose jobs are in the queue again."""
        for name in names:
            self._path.with_name(name).unlink(missing_ok=True)

    def close(self) -> None:
        """Marks this process as one without jobs."""
        self._path.unlink(missing_ok=True)
        with suppress(OSError):
            os.close(self._file)


def _is_locked(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True  # it ended with `close`
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False
