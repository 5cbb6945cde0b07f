"""A Ray cluster of this machine with replicas of Wordlight, and the means to kill them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ray
from ray import serve

from deploy.cluster.cluster_size import ClusterSize
from deploy.cluster.deployment import transcribers
from deploy.cluster.serve_replicas import APPLICATION, TRANSCRIBER
from tests.support.waiting import eventually

STORE_BYTES = 200 << 20  # of the object store
TICKS = os.sysconf("SC_CLK_TCK")  # of the kernel's clocks, in a second
TITLE = f"ray::ServeReplica:{APPLICATION}:{TRANSCRIBER}"  # of a replica's process


@contextmanager
def joined(cores: float = 2) -> Iterator[None]:
    """Joins the cluster that RAY_ADDRESS names; without it, starts one for the block."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if os.environ.get("RAY_ADDRESS"):
        ray.init(log_to_driver=False)
    else:
        ray.init(
            num_cpus=cores, object_store_memory=STORE_BYTES, include_dashboard=False, log_to_driver=False
        )  # type: ignore[arg-type]
    try:
        serve.start(proxy_location="Disabled")
        yield
        serve.delete(APPLICATION)
    finally:
        ray.shutdown()


def run_replicas(size: ClusterSize) -> None:
    """Starts replicas of this size, in the place of others, and waits until they have loaded their models."""
    serve.run(transcribers(size), name=APPLICATION, route_prefix=None)
    assert eventually(lambda: len(replica_processes()) == size.min_replicas)


def replica_processes() -> list[int]:
    """Returns the process ids of the replicas of this machine, in ascending order."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "cmdline").read_bytes().decode(errors="replace").startswith(TITLE):
                found.append(int(folder.name))
        except OSError:  # it has ended
            continue
    return sorted(found)


def cpu_seconds(process: int) -> float:
    """Returns the CPU seconds of a process, and of those of its children that have ended; 0 if it has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(word) for word in fields[11:15]) / TICKS


def kill(process: int) -> None:
    """Ends a process without a word, as the kernel does if memory is short."""
    os.kill(process, signal.SIGKILL)
