"""Callers of a head on Ray: many recordings at once, streamed or not, while replicas live or are killed."""

from __future__ import annotations

import random
import resource
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from deploy.cluster.cluster_size import ClusterSize
from deploy.cluster.remote_engine import RemoteEngine
from deploy.cluster.serve_replicas import ServeReplicas
from engine import Config, Transcript
from tests.benchmarks.scale.core_use import CoreUse
from tests.support.ray_cluster import kill, replica_processes, run_replicas
from tests.support.recordings import CLIPS, RATE, TALK

RECORDINGS, CALLERS = 40, 16
LENGTHS = (0.25, 1, 1, 2, 4, 8)  # of the recordings beside clips, in half minutes of talk
LANGUAGES = ("en", "es")  # of the clips; a replica loads the lexicon of each once, which takes seconds
Seen = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of all recordings: transcripts by number, or the error; seconds that it took, and cores in use."""

    transcripts: dict[int, Seen]
    errors: dict[int, str]
    wall: float
    head_cpu: float
    sound: float
    use: CoreUse | None = None


def recordings(folder: Path, longest: float = max(LENGTHS)) -> list[Path]:
    """Makes recordings of mixed lengths: clips, and talk of up to so many half minutes."""
    talk = soundfile.read(TALK, dtype="float32")[0]
    clips = [path for language in LANGUAGES for path in sorted(CLIPS.glob(f"{language}/*.wav"))]
    made = []
    for number in range(RECORDINGS):
        if number % 2:
            made.append(clips[number % len(clips)])
            continue
        path = folder / f"{number}.wav"
        length = min(LENGTHS[number // 2 % len(LENGTHS)], longest)
        pieces = [talk[: round(30 * RATE * min(1, length))], np.zeros((number + 1) * RATE // 20, np.float32)]
        soundfile.write(path, np.concatenate(pieces * max(1, int(length))), RATE)
        made.append(path)
    return made


@contextmanager
def running_head(
    replicas: int, cores: float, sees_files: bool = True, spread: int = 1
) -> Iterator[RemoteEngine]:
    """Yields a head over so many new replicas that have transcribed once."""
    run_replicas(ClusterSize(min_replicas=replicas, max_replicas=replicas, cores=cores, spread=spread))
    head = RemoteEngine(replace(Config.from_env(), offline=True), ServeReplicas(), sees_files=sees_files)
    try:
        with ThreadPoolExecutor(4 * replicas) as pool:
            list(pool.map(lambda _: head.transcribe(TALK), range(4 * replicas)))
        yield head
    finally:
        head.close()


def send(head: RemoteEngine, paths: Sequence[Path]) -> Outcome:
    """Sends all recordings from `CALLERS` callers; every other one reads the updates."""
    outcome = Outcome({}, {}, 0.0, 0.0, sum(soundfile.info(path).duration for path in paths))
    began, cpu, use = time.perf_counter(), _cpu(), CoreUse.now()

    def ask(number: int) -> None:
        try:
            streams = number % 4 < 2
            transcript = _streamed(head, paths[number]) if streams else head.transcribe(paths[number])
            outcome.transcripts[number] = seen(transcript)
        except Exception as error:
            outcome.errors[number] = repr(error)

    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(ask, range(len(paths))))
    wall, head_cpu = time.perf_counter() - began, _cpu() - cpu
    return replace(outcome, wall=wall, head_cpu=head_cpu, use=CoreUse.now().since(use))


def _streamed(head: RemoteEngine, path: Path) -> Transcript:
    """Returns the transcript, whose segments must be those that came before it, each once."""
    shown = []
    for update in head.stream(path):
        shown += [segment.id for segment in update.segments]
    assert update.transcript is not None
    assert shown == [segment.id for segment in update.transcript.segments], "a segment was lost or came twice"
    return update.transcript


def seen(transcript: Transcript) -> Seen:
    """Returns all of a transcript but the times of the work."""
    return {name: value for name, value in transcript.to_dict().items() if name != "timings"}


def differences(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """Yields the places at which two transcripts differ, with what is there in both."""
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        for name in before:
            yield from differences(before[name], after[name], f"{place}.{name}")
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple) and len(before) == len(after):
        for at, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{place}[{at}]")
    elif before != after:
        yield f"{place} {before!r} -> {after!r}"


@contextmanager
def killing(every: float) -> Iterator[list[int]]:
    """Kills a replica every so many seconds during the block; yields the list of those killed."""
    over, killed = threading.Event(), list[int]()

    def work() -> None:
        while not over.wait(every):
            if living := replica_processes():
                killed.append(random.choice(living))
                kill(killed[-1])

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def _cpu() -> float:
    """Returns the CPU seconds of this process, the head."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
