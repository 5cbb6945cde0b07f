"""Counts the CPU time of a cluster on this machine by who uses it: replicas, the head, Ray, and everything else."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.ray_cluster import TICKS, cpu_seconds, replica_processes

RAY = ("raylet", "gcs_server", "ray::", "ray/_private", "ray/dashboard", "ray-dashboard")  # in command lines


@dataclass(frozen=True, slots=True)
class CoreUse:
    """CPU seconds of all cores of this machine.

    replicas  with the processes that they have started
    head      this process
    ray       raylet, GCS, controller and agents
    busy      all processes of the machine together
    idle      with what waits for a disk
    """

    replicas: float
    head: float
    ray: float
    busy: float
    idle: float

    @classmethod
    def now(cls) -> CoreUse:
        """Returns the time since the processes started, and since the machine did."""
        own, replicas = os.getpid(), set(replica_processes())
        whose = _owners(lambda pid: "replicas" if pid in replicas else "head" if pid == own else None)
        used = {"replicas": 0.0, "head": 0.0, "ray": 0.0}
        for process, owner in whose.items():
            used[owner] += cpu_seconds(process)
        user, nice, system, idle, waiting, interrupt, soft, *_ = (
            int(word) / TICKS for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:]
        )
        return cls(**used, busy=user + nice + system + interrupt + soft, idle=idle + waiting)

    def since(self, start: CoreUse) -> CoreUse:
        """Returns what has been used since an earlier moment."""
        names = ("replicas", "head", "ray", "busy", "idle")
        return CoreUse(**{name: getattr(self, name) - getattr(start, name) for name in names})

    def shares(self, wall: float) -> str:
        """Returns each part as cores in use over so many seconds."""
        parts = {
            "replicas": self.replicas,
            "head": self.head,
            "Ray": self.ray,
            "other processes": self.busy - self.replicas - self.head - self.ray,
            "idle": self.idle,
        }
        return ", ".join(f"{name} {seconds / wall:.2f}" for name, seconds in parts.items())


def hold_to_cores() -> None:
    """Holds each replica, with all its threads and what it starts, to a core of its own.

    A replica of one core decodes on one, but reads media and finds speech beside that: alone it would use more.
    """
    cores = sorted(os.sched_getaffinity(0))
    for number, process in enumerate(sorted(replica_processes())):
        for thread in Path(f"/proc/{process}/task").iterdir():
            with suppress(ProcessLookupError):  # the thread has ended meanwhile
                os.sched_setaffinity(int(thread.name), {cores[number % len(cores)]})


def _owners(named: Callable[[int], str | None]) -> dict[int, str]:
    """Returns whose each process of the cluster is; a process that nothing names is its parent's."""
    parents = {int(folder.name): _parent(folder) for folder in Path("/proc").glob("[0-9]*")}
    found = {}
    for process in parents:
        each: int | None = process
        while each and (owner := named(each)) is None:
            each = parents.get(each)
        if each and owner and (owner != "head" or each == process):
            found[process] = owner
        elif any(word in _command(process) for word in RAY):
            found[process] = "ray"
    return found


def _parent(folder: Path) -> int:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it has ended
        return 0


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""
