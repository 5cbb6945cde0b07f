"""What spreading one long recording over replicas gains, and what it leaves to one."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from engine import Config, Engine
from engine.options import Options
from engine.vad.packing import pack_windows
from engine.windows import Window
from tests.support.recordings import RATE, TALK

ROUNDS = 2  # of one replica, then two


def long_talk(folder: Path, minutes: float) -> Path:
    """Makes a recording of so many minutes of talk, with pauses."""
    path = folder / "talk.wav"
    piece = np.concatenate([soundfile.read(TALK, dtype="float32")[0], np.zeros(2 * RATE, np.float32)])
    soundfile.write(path, np.resize(piece, round(60 * minutes * RATE)), RATE)
    return path


def reading(folder: Path, minutes: float) -> int:
    """Prints the CPU time that the first replica alone spends on a recording: reading, and finding speech."""
    path = long_talk(folder, minutes)
    engine = Engine(replace(Config.from_env(), offline=True))
    engine.languages()
    assert engine.installation is not None
    try:
        for name in ("pyannote", "silero"):
            began = time.process_time()
            packed = pack_windows(engine.read(path), engine.installation.detector(name), [])  # type: ignore[arg-type]
            windows = sum(isinstance(each, Window) for each in packed)
            taken = time.process_time() - began
            print(f"{name}: {windows} windows of {minutes:.0f} minutes in {taken:.1f} CPU-s")
    finally:
        engine.close()
    return 0


def spread(folder: Path, minutes: float) -> int:
    """Prints how long two replicas of one core take for one recording, spread over both and not, in turn."""
    from tests.benchmarks.scale.callers import running_head, seen
    from tests.benchmarks.scale.core_use import hold_to_cores
    from tests.support.ray_cluster import cpu_seconds, replica_processes

    path, taken, found = long_talk(folder, minutes), {1: 0.0, 2: 0.0}, []
    for count in (1, 2) * ROUNDS:
        with running_head(2, cores=1, spread=count) as head:
            hold_to_cores()
            replicas = replica_processes()
            before = [cpu_seconds(process) for process in replicas]
            began = time.perf_counter()
            found.append(seen(head.transcribe(path, Options(language="en"))))
            wall = time.perf_counter() - began
            used = [cpu_seconds(process) - start for process, start in zip(replicas, before, strict=True)]
        taken[count] += wall
        print(
            f"spread over {count}: {minutes * 60:.0f} s in {wall:.1f} s, CPU-s of the replicas "
            f"{', '.join(f'{seconds:.1f}' for seconds in used)}, load of the machine {os.getloadavg()[0]:.1f}"
        )
    print(f"spread over two it takes {taken[2] / taken[1]:.2f} of the time")
    print(f"{sum(each != found[0] for each in found)} of {len(found)} transcripts differ from the first")
    return 0
