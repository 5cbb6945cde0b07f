"""Measures free memory of machine, container or GPU, and returns unused memory."""

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
# Bytes of the largest block that malloc keeps when it is free: attention of the largest encoder takes 180 MB.
LARGEST = 256 << 20
KEPT = 256 << 20  # bytes that malloc keeps at the heap's end
STACK_BYTES = 2 << 20  # of a thread's stack: the models need less than 1 MiB, the system reserves 8 MiB
# Texts of out-of-memory errors of torch, oneDNN, CTranslate2, cuBLAS, cuDNN, onnxruntime, C++ and threads, which
# share no class. oneDNN gives no reason; a network and sizes that worked before fail only for lack of memory.
_OUT_OF_MEMORY = (
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
RESERVE = 2 << 30  # bytes to keep free: the memory that loading a large aligner takes


def available(device: str, root: Path = Path("/")) -> tuple[int, int] | None:
    """Returns free and total memory in bytes; None if the system does not tell.

    On the CPU the free memory is the least of the machine's, of each control group's (version 1 or 2) that this
    process is in, and of the process's own limits (`ulimit`). Files that the kernel caches and can drop count as
    free.
    """
    if device.startswith("cuda"):
        import torch

        free, total = torch.cuda.mem_get_info()
        return free + torch.cuda.memory_reserved() - torch.cuda.memory_allocated(), total
    found = [*_machine(root), *_groups(root), *_own_limits(root)]
    return min(found) if found else None


def tune_malloc() -> None:
    """Makes new threads share one malloc arena and keep freed blocks for the next use.

    By default glibc gives each thread an arena, which keeps the memory of its largest window: sixteen
    recordings would hold 1.5 GB that none of them uses. glibc also returns large blocks to the kernel, which
    clears them page by page for each window: a tenth of all work on a CPU. `trim_heap` returns the kept
    memory when nothing runs.
    """
    with suppress(OSError, AttributeError):  # another C library
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_ARENA_MAX, 1)
        libc.mallopt(_M_MMAP_THRESHOLD, LARGEST)
        libc.mallopt(_M_TRIM_THRESHOLD, KEPT)


def shrink_stacks() -> None:
    """Gives later threads smaller stacks, which saves 0.4 GB of address space in a server with 72 threads."""
    threading.stack_size(STACK_BYTES)


def is_low(device: str) -> bool:
    """Returns whether less than RESERVE is free, or than a quarter of a small total."""
    found = available(device)
    return found is not None and found[0] < min(RESERVE, found[1] // 4)


def out_of_memory(error: BaseException) -> bool:
    """Returns whether an error means that device or machine ran out of memory."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return any(sign in str(error).lower() for sign in _OUT_OF_MEMORY)


def error_for_caller(error: Exception) -> WordlightError:
    """Returns the error that a caller sees for an unexpected one: OutOfMemory or a generic one."""
    return OutOfMemory() if out_of_memory(error) else internal_error()


def trim_heap() -> None:
    """Returns unused memory that `tune_malloc` has kept to the machine."""
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def release(device: str) -> None:
    """Returns unused memory to the device. Call this after dropping a model."""
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
    """Yields free and total bytes of this process's limits on data and on address space."""
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
