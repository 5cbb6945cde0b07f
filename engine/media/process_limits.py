"""Limits the resources of a running process, since a preexec_fn could deadlock a threaded parent."""

from __future__ import annotations

from contextlib import suppress

_GRACE_CPU_SECONDS = 10  # between SIGXCPU, which lets ffmpeg end in order, and SIGKILL


def limit_process(pid: int, *, memory: int, cpu: int, data: int | None) -> None:
    """Limits the resources of a running process, which may write no files and dump no core.

    Only Linux can limit a running process. Elsewhere, and in a sandbox that forbids it, only the time limits
    hold.

    memory  bytes of address space
    cpu     CPU seconds
    data    bytes that the process may allocate; None for no such limit
    """
    import resource

    if not hasattr(resource, "prlimit"):
        return
    limits = {
        resource.RLIMIT_AS: (memory, memory),
        resource.RLIMIT_CPU: (cpu, cpu + _GRACE_CPU_SECONDS),
        resource.RLIMIT_FSIZE: (0, 0),  # bytes written to any file; pipes are not limited
        resource.RLIMIT_CORE: (0, 0),
    }
    if data is not None:
        limits[resource.RLIMIT_DATA] = (data, data)
    with suppress(ProcessLookupError, PermissionError):
        for kind, values in limits.items():
            _, ceiling = resource.prlimit(pid, kind)
            least, most = (
                value if ceiling == resource.RLIM_INFINITY else min(value, ceiling) for value in values
            )
            resource.prlimit(pid, kind, (least, most))
