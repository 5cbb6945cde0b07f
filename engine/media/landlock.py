"""Landlock: takes files, TCP ports and signals from a thread and its children.

Linux has Landlock since 5.13 (https://docs.kernel.org/userspace-api/landlock.html). A thread needs no
privilege, and cannot regain rights that it has given up.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from contextlib import suppress
from functools import cache

EXECUTE, READ_FILE, READ_FOLDER = 1 << 0, 1 << 2, 1 << 3

# System calls. Their numbers are the same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1  # flag of the first: return the version instead
_PATH_BENEATH = 1

# By Landlock version: rights over files, actions on TCP ports, and scopes limited to the thread's children.
_FILE_RIGHTS = ((1, (1 << 13) - 1), (2, 1 << 13), (3, 1 << 14), (5, 1 << 15))
_TCP = (4, 0b11)  # bind, connect
_SCOPES = (6, 0b11)  # abstract UNIX sockets, signals
_BYTES = ((1, 8), (4, 16), (6, 24))  # size of the ruleset structure


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("descriptor", ctypes.c_int32))


@cache
def version() -> int:
    """Returns the version of Landlock's interface; 0 without Landlock."""
    try:
        return _call(_CREATE_RULESET, 0, 0, _VERSION)
    except OSError:
        return 0


def give_up(readable: Iterable[tuple[int, int]]) -> None:
    """Takes from this thread all files not in `readable`, TCP, and signals to others.

    readable  (descriptor, rights) of files, and of folders with everything below them

    Raises OSError if this kernel refuses.
    """
    ruleset = _ruleset()
    try:
        for descriptor, rights in readable:
            rule = _PathBeneath(rights, descriptor)
            _call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.addressof(rule), 0)
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def open_paths(paths: Iterable[str]) -> list[int]:
    """Opens the paths that exist for use in rules, without the right to read or write."""
    found = []
    for path in paths:
        with suppress(OSError):
            found.append(os.open(path, os.O_PATH | os.O_CLOEXEC))
    return found


def _ruleset() -> int:
    known = version()
    files = sum(rights for least, rights in _FILE_RIGHTS if known >= least)
    tcp, scopes = (bits if known >= least else 0 for least, bits in (_TCP, _SCOPES))
    ruleset = _Ruleset(files, tcp, scopes)
    size = max(size for least, size in _BYTES if known >= least)
    return _call(_CREATE_RULESET, ctypes.addressof(ruleset), size, 0)


def _call(number: int, *arguments: int) -> int:
    """Makes a system call. Raises OSError on failure."""
    libc = ctypes.CDLL(None, use_errno=True)
    result: int = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
