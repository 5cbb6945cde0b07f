"""Throughput of two replicas against one, and of two processes of the engine that have nothing between them.

Runs alternate, since two cores of a rented machine are not as fast at one minute as at the next.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from dataclasses import replace
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Semaphore
from pathlib import Path
from statistics import median

from engine import Config, Engine
from tests.benchmarks.scale.callers import recordings, running_head, send
from tests.benchmarks.scale.core_use import hold_to_cores
from tests.support.recordings import TALK

COUNTS = (1, 2)
_engine: list[Engine] = []  # of a plain process


def throughput(folder: Path, longest: float, runs: int) -> int:
    """Prints the throughput of one and two replicas, each held to one core, and the CPU time of the head."""
    paths = recordings(folder, longest)
    shared, plain = list[float](), list[float]()
    for _ in range(runs):
        walls = {count: _of_replicas(count, paths) for count in COUNTS}
        shared.append(walls[1] / walls[2])
        print(f"two replicas do {shared[-1]:.2f} times as much as one")
        walls = {count: _of_processes(count, paths) for count in COUNTS}
        plain.append(walls[1] / walls[2])
        print(f"two processes with nothing between them do {plain[-1]:.2f} times as much as one", flush=True)
    print(
        f"medians of {runs}: two replicas {median(shared):.2f} times as much as one, "
        f"two processes with nothing between them {median(plain):.2f} times"
    )
    return 0


def _of_replicas(count: int, paths: list[Path]) -> float:
    """Returns the seconds that so many replicas take, and prints who used the cores."""
    with running_head(count, cores=1) as head:
        hold_to_cores()
        outcome = send(head, paths)
    print(
        f"{count} replicas: {outcome.sound:.0f} s of sound in {outcome.wall:.1f} s, "
        f"{outcome.sound / outcome.wall:.1f} times real time, {len(outcome.errors)} errors, head "
        f"{3600 * outcome.head_cpu / outcome.sound:.2f} CPU-s an hour of sound, "
        f"{1000 * outcome.head_cpu / len(paths):.0f} ms a recording"
    )
    if outcome.use is not None:
        print(f"    cores in use: {outcome.use.shares(outcome.wall)}")
    return outcome.wall


def _of_processes(count: int, paths: list[Path]) -> float:
    """Returns the seconds that so many processes take, each held to one core, with an engine of one thread."""
    context = multiprocessing.get_context("spawn")
    cores, ready = context.Queue(), context.Semaphore(0)
    for core in sorted(os.sched_getaffinity(0))[:count]:
        cores.put(core)
    with context.Pool(count, _start, (cores, ready)) as pool:
        for _ in range(count):
            ready.acquire()
        began = time.perf_counter()
        pool.map(_transcribe, paths, chunksize=1)
        return time.perf_counter() - began


def _start(cores: Queue[int], ready: Semaphore) -> None:
    os.sched_setaffinity(0, {cores.get()})
    engine = Engine(replace(Config.from_env(), offline=True, threads=1))
    _engine.append(engine)
    for _ in range(4):  # as often as each replica has transcribed when it is measured
        engine.transcribe(TALK)
    ready.release()


def _transcribe(path: Path) -> None:
    _engine[0].transcribe(path)
