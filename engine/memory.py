"""How much memory is left, the machine's, the container's, or the GPU's, and keeping what is taken small."""

from __future__ import annotations

import ctypes
import errno
import gc
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from engine.errors import OutOfMemory, WordlightError, internal_error

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # of glibc's malloc.h
# Bytes of a block that is kept when it is free: attention of the largest encoder takes 180 MB.
LARGEST = 256 << 20
KEPT = 256 << 20  # bytes that are kept at the heap's end
STACK_BYTES = 2 << 20  # of a thread's stack: the models need less than 1 MiB, the system reserves 8
# What torch, oneDNN, CTranslate2, cuBLAS, cuDNN, onnxruntime, C++ and threads call it, none by a class of its own.
# oneDNN does not say why it fails; with the same network and the same sizes as before, that is for want of memory.
_SIGNS = (
    "could not create a primitive",
    "could not execute a primitive",
    "could not create a memory",
    "could not initialize a memory",
    "can't start new thread",
    "resource temporarily unavailable",
    "out of memory",
    "alloc_failed",
    "allocation_failed",
    "allocate memory",
    "not enough memory",
    "bad_alloc",
    "bad allocation",
)
RESERVE = 2 << 30  # bytes to be left free: what a large aligner takes while it is being read


def available(device: str, root: Path = Path("/")) -> tuple[int, int] | None:
    """Returns the bytes that can still be taken and those there are in all; None where nothing tells.

    On the CPU the least of what the machine has, what each control group (version 1 or 2) that this process is in
    leaves, and what its own limits (`ulimit`) leave; files that the kernel keeps in memory and can drop count as left.
    """
    if device.startswith("cuda"):
        import torch

        free, total = torch.cuda.mem_get_info()
        return free + torch.cuda.memory_reserved() - torch.cuda.memory_allocated(), total
    found = [*_machine(root), *_groups(root), *_own_limits(root)]
    return min(found) if found else None


def tune_malloc() -> None:
    """Has threads to come take their memory from one heap, and each window what the last one used.

    glibc gives each thread a heap of its own, which keeps what the largest window took there: sixteen
    recordings at a time would hold 1.5 GB that none of them uses. And of large blocks it keeps none: each
    window's came from the kernel, which clears them page by page, a tenth of all the work on a CPU.
    `trim_heap` is for when nothing is at work.
    """
    with suppress(OSError, AttributeError):  # another C library
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_ARENA_MAX, 1)
        libc.mallopt(_M_MMAP_THRESHOLD, LARGEST)
        libc.mallopt(_M_TRIM_THRESHOLD, KEPT)


def shrink_stacks() -> None:
    """Gives threads to come smaller stacks. A server with 72 threads reserves 0.4 GB less of address space."""
    threading.stack_size(STACK_BYTES)


def is_low(device: str) -> bool:
    """Tells whether less is left than RESERVE, or than a quarter where the whole is small."""
    found = available(device)
    return found is not None and found[0] < min(RESERVE, found[1] // 4)


def out_of_memory(error: BaseException) -> bool:
    """Tells whether something failed for want of memory, on the device or on the machine."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return any(sign in str(error).lower() for sign in _SIGNS)


def error_for_caller(error: Exception) -> WordlightError:
    """Returns what a caller sees of an unexpected error: OutOfMemory, or no more than that there was one."""
    return OutOfMemory() if out_of_memory(error) else internal_error()


def trim_heap() -> None:
    """Returns to the machine what `tune_malloc` has kept and nothing uses."""
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def release(device: str) -> None:
    """Returns what is no longer used to the device. Call it when a model has been let go."""
    gc.collect()
    trim_heap()
    if device.startswith("cuda"):
        import torch

        torch.cuda.empty_cache()


def _machine(root: Path) -> Iterator[tuple[int, int]]:
    fields = dict(line.split(":", 1) for line in _lines(root / "proc/meminfo"))
    if "MemAvailable" in fields and "MemTotal" in fields:
        yield tuple(int(fields[name].split()[0]) * 1024 for name in ("MemAvailable", "MemTotal"))  # type: ignore[misc]


def _groups(root: Path) -> Iterator[tuple[int, int]]:
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            names = "memory.max", "memory.current", "inactive_file"
            mount = root / "sys/fs/cgroup"
        elif "memory" in controllers.split(","):
            names = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
            mount = root / "sys/fs/cgroup/memory"
        else:
            continue
        # A limit holds for all groups below it. A container sees its own group as the topmost.
        own = mount / path.lstrip("/")
        for group in (own, *own.parents):
            if group == mount.parent:
                break
            yield from _group(group, *names)


def _own_limits(root: Path) -> Iterator[tuple[int, int]]:
    """Yields what this process may still take, and may take in all, of its data and its address space."""
    used = dict(line.split(":", 1) for line in _lines(root / "proc/self/status") if ":" in line)
    for line in _lines(root / "proc/self/limits"):
        for name, counted in (("Max data size", "VmData"), ("Max address space", "VmSize")):
            if line.startswith(name) and counted in used:
                soft = line.removeprefix(name).split()[0]
                if soft.isdecimal():  # else "unlimited"
                    yield max(0, int(soft) - int(used[counted].split()[0]) * 1024), int(soft)


def _group(group: Path, limit: str, usage: str, reclaimable: str) -> Iterator[tuple[int, int]]:
    try:
        total, used = (int("".join(_lines(group / name))) for name in (limit, usage))
    except ValueError:  # no such file, or "max": no limit
        return
    stat = dict(line.split(" ", 1) for line in _lines(group / "memory.stat"))
    yield max(0, total - used + int(stat.get(reclaimable, 0))), total


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
