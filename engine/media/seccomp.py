"""seccomp: takes system calls from a thread and its children.

The filter refuses every call that reaches the network or another process, or that does more to files than
read them. Landlock alone would leave UDP, UNIX sockets, and the owners and modes of files.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import sys
from functools import cache

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_MODE_FILTER = 2

# Instructions of the filter, in classic BPF (https://docs.kernel.org/userspace-api/seccomp_filter.html).
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _UNKNOWN = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38  # with EPERM, with ENOSYS
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # byte offsets in the call's data
_OTHER_ABI = 0x40000000  # x86-64 numbers from here on belong to x32

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

# By architecture: the kernel's constant for it, then the numbers of the refused calls.
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
REFUSED: dict[str, tuple[int, int]] = {  # (x86-64, arm64); -1 if there is none
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "sendto": (44, 206), "recvfrom": (45, 207),
    "sendmsg": (46, 211), "recvmsg": (47, 212), "bind": (49, 200), "listen": (50, 201), "socketpair": (53, 199),
    "accept4": (288, 242), "recvmmsg": (299, 243), "sendmmsg": (307, 269),
    # io_uring could make the same calls, unseen by the filter.
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    # Other processes and the kernel.
    "kill": (62, 129), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "setpriority": (141, 140),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41),
    "mount": (165, 40), "umount2": (166, 39), "open_by_handle_at": (304, 265),
    # Files.
    "openat2": (437, 437), "creat": (85, -1), "truncate": (76, 45), "ftruncate": (77, 46), "fallocate": (285, 47),
    "rename": (82, -1), "renameat": (264, 38), "renameat2": (316, 276), "mkdir": (83, -1), "mkdirat": (258, 34),
    "rmdir": (84, -1), "unlink": (87, -1), "unlinkat": (263, 35), "link": (86, -1), "linkat": (265, 37),
    "symlink": (88, -1), "symlinkat": (266, 36), "mknod": (133, -1), "mknodat": (259, 33),
    "chmod": (90, -1), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, -1), "fchown": (93, 55), "lchown": (94, -1), "fchownat": (260, 54),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "utime": (132, -1), "utimes": (235, -1), "futimesat": (261, -1), "utimensat": (280, 88),
}  # fmt: skip
_OPEN, _OPENAT, _TGKILL, _PRLIMIT = (2, -1), (257, 56), (234, 131), (302, 261)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


@cache
def available() -> bool:
    """Returns whether the kernel supports filters and there is one for this machine."""
    if sys.platform != "linux" or sys.byteorder != "little" or platform.machine() not in _ARCHITECTURES:
        return False
    return _prctl(21) >= 0  # PR_GET_SECCOMP fails if the kernel has no seccomp


def promise_no_new_privileges() -> None:
    """Keeps set-user-ID programs from giving children rights. Raises OSError."""
    if _prctl(_PR_SET_NO_NEW_PRIVS, 1) < 0:
        raise _failure()


def give_up() -> None:
    """Takes the refused system calls from this thread. Raises OSError."""
    code = filter_for(platform.machine())
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(buffer))
    if _prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(program)) < 0:
        raise _failure()


@cache
def filter_for(machine: str) -> bytes:
    """Returns the filter's instructions for an architecture, eight bytes each."""
    at = list(_ARCHITECTURES).index(machine)
    code = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_EQUAL, _ARCHITECTURES[machine], 1, 0),
        _instruction(_RETURN, _UNKNOWN),
        _instruction(_LOAD, _NUMBER),
        _instruction(_AT_LEAST, _OTHER_ABI, 0, 1),
        _instruction(_RETURN, _UNKNOWN),
    ]
    for numbers in REFUSED.values():
        if numbers[at] >= 0:
            code += [_instruction(_EQUAL, numbers[at], 0, 1), _instruction(_RETURN, _REFUSE)]
    # Allowed in part: opening for reading, SIGABRT by which abort() ends a process, and its own limits.
    for numbers, argument in ((_OPEN, 1), (_OPENAT, 2)):
        if numbers[at] >= 0:
            code += _weighed(numbers[at], argument, _instruction(_ANY_BIT, _WRITING, 0, 1))
    code += _weighed(_TGKILL[at], 2, _instruction(_EQUAL, signal.SIGABRT, 1, 0))
    code += _weighed(_PRLIMIT[at], 0, _instruction(_EQUAL, 0, 1, 0))
    return b"".join([*code, _instruction(_RETURN, _ALLOW)])


def _weighed(number: int, argument: int, refused_if: bytes) -> list[bytes]:
    """Returns the instructions for a call that is refused by one of its arguments."""
    return [
        _instruction(_EQUAL, number, 0, 4),
        _instruction(_LOAD, _ARGUMENTS + 8 * argument),
        refused_if,
        _instruction(_RETURN, _REFUSE),
        _instruction(_RETURN, _ALLOW),
    ]


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _prctl(option: int, *arguments: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    values = [*arguments, 0, 0, 0, 0][:4]
    result: int = libc.prctl(ctypes.c_int(option), *map(ctypes.c_ulong, values))
    return result


def _failure() -> OSError:
    code = ctypes.get_errno()
    return OSError(code, os.strerror(code))
