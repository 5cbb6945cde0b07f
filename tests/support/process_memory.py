"""What processes hold of the memory, each page counted once."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

MIB = 1024 * 1024
PAGE = os.sysconf("SC_PAGE_SIZE")


def weigh(pid: int) -> tuple[int, int, int]:
    """Returns the bytes of a server, of all ffmpeg below it, and of everything, each page counted once."""
    server, ffmpeg, others = own_memory(pid), 0, 0
    image = _image(pid)
    for child in _below(pid):
        if _image(child) == image:  # it has not started its program yet: its pages are the server's
            continue
        if "ffmpeg" in _name(child):
            ffmpeg += own_memory(child)
        else:
            others += own_memory(child)
    return server, ffmpeg, server + ffmpeg + others


def own_memory(pid: int) -> int:
    """Returns the resident bytes of a process that are its own; shared pages of libraries are not counted."""
    with suppress(OSError, IndexError, ValueError):
        fields = Path(f"/proc/{pid}/statm").read_text().split()
        return (int(fields[1]) - int(fields[2])) * PAGE
    return 0


def _name(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text()
    return ""


def _image(pid: int) -> str:
    """Returns what a process and its forks have in common until they start another program: the stack's address."""
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[25]
    return ""


def _below(pid: int) -> list[int]:
    """Returns the ids of all processes that descend from one."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        with suppress(OSError):
            for task in Path(f"/proc/{waiting.pop()}/task").iterdir():
                children = [int(child) for child in (task / "children").read_text().split()]
                found += children
                waiting += children
    return found
