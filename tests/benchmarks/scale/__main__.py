"""Measures a Ray cluster of this machine, and simulates larger ones.

    python -m tests.benchmarks.scale simulate [--sizes 10 100 1000] [--picture docs/scale.svg]
    python -m tests.benchmarks.scale throughput [--longest 8] [--runs 3]   one replica of a core, and two
    python -m tests.benchmarks.scale deaths [--every 10]     a replica is killed every ten seconds
    python -m tests.benchmarks.scale hour [--minutes 60]     the head's cost of a long recording: its path, its content

    python -m tests.benchmarks.scale spread [--minutes 10]   one recording on two replicas of a core, spread and not
    python -m tests.benchmarks.scale reading [--minutes 10]  CPU time of what is not spread

All but `simulate` and `reading` need Ray (requirements-cluster.txt), and join the cluster that RAY_ADDRESS names, if it
is set.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.scale.picture import draw
from tests.benchmarks.scale.simulation import Cluster, Day, hour_alone, percentile, simulate

SIZES = (10, 100, 1000)
CHOICES = (1, 2, 4, 8)
SPREADS, HOUR_SPREADS = (1, 4), (1, 2, 4, 8, 100)
# Seconds of sound that a replica of one core transcribes in a second: half of what two cores do, which is 597 s in
# 11.5 s (docs/benchmarks.md).
SPEED = 26.0


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures and simulates a cluster.")
    parser.add_argument("part", choices=("simulate", "throughput", "deaths", "hour", "spread", "reading"))
    parser.add_argument(
        "--speed", type=float, default=SPEED, help="of a replica: seconds of sound in a second"
    )
    parser.add_argument("--capacity", type=int, default=4, help="recordings that a replica works at together")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="replicas of the simulated clusters"
    )
    parser.add_argument("--picture", type=Path, help="file for the picture of the simulated days")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two deaths")
    parser.add_argument(
        "--longest", type=float, default=8.0, help="half minutes of the longest of the 40 recordings"
    )
    parser.add_argument("--runs", type=int, default=3, help="of `throughput`, which alternate")
    parser.add_argument(
        "--minutes", type=int, help="length of the one long recording; an hour, or ten minutes"
    )
    given = parser.parse_args()
    if given.part == "simulate":
        return simulated(given.sizes, given.speed, given.capacity, given.picture)
    from tests.benchmarks.scale.spreading import reading, spread

    if given.part == "reading":
        with tempfile.TemporaryDirectory() as folder:
            return reading(Path(folder), given.minutes or 10)
    from tests.support.ray_cluster import joined

    with tempfile.TemporaryDirectory() as folder, joined():
        if given.part == "spread":
            return spread(Path(folder), given.minutes or 10)
        if given.part == "deaths":
            return deaths(Path(folder), given.every, given.longest)
        if given.part == "throughput":
            from tests.benchmarks.scale.throughput import throughput

            return throughput(Path(folder), given.longest, given.runs)
        return hour(Path(folder), given.minutes or 60)


def simulated(sizes: Sequence[int], speed: float, capacity: int, picture: Path | None) -> int:
    """Prints what a day is like in clusters of several sizes, and with other numbers of replicas asked."""
    days: dict[str, tuple[Cluster, Day]] = {}
    for size in sizes:
        cluster = Cluster(size, speed=speed, capacity=capacity)
        began = time.perf_counter()
        days[f"{size:,} replicas"] = cluster, simulate(cluster)
        _print_day(cluster, days[f"{size:,} replicas"][1], time.perf_counter() - began)
    for choices in CHOICES:
        cluster = Cluster(sizes[0], speed=speed, capacity=capacity, choices=choices)
        print(f"{choices} asked: ", end="")
        _print_day(cluster, simulate(cluster), 0.0)
    for spread in SPREADS:
        cluster = Cluster(sizes[0], speed=speed, capacity=capacity, spread=spread)
        print(f"each spread over up to {spread}: ", end="")
        _print_day(cluster, day := simulate(cluster), 0.0)
        pace = percentile([length / taken for length, taken in day.longs], 0.5)
        print(
            f"    half of the recordings of half an hour or more go at {pace:.0f} s of sound in a second or faster"
        )
    for spread in HOUR_SPREADS:
        alone = hour_alone(Cluster(max(HOUR_SPREADS), speed=speed, capacity=capacity, spread=spread))
        print(f"an hour alone, spread over up to {spread} of {max(HOUR_SPREADS)} replicas: {alone:.0f} s")
    if picture is not None:
        picture.write_text(draw(days), "utf-8")
    return 0


def _print_day(cluster: Cluster, day: Day, seconds: float) -> None:
    waits, ends = [wait for _, wait, _ in day.clips], [end for *_, end in day.clips]
    most = max(day.busy) / 3600 / cluster.replicas
    print(
        f"{cluster.replicas} replicas, {day.requests:,} recordings of {day.sound / 3600:,.0f} hours: "
        f"busy {sum(day.busy) / 86_400 / cluster.replicas:.0%}, at most {most:.0%}; clips wait "
        f"{percentile(waits, 0.95):.2f} s and take {percentile(ends, 0.5):.2f} s, 95 of 100 less than "
        f"{percentile(ends, 0.95):.2f} s, 99 less than {percentile(ends, 0.99):.2f} s (simulated in {seconds:.0f} s)"
    )


def deaths(folder: Path, every: float, longest: float) -> int:
    """Prints how many answers differ from the undisturbed ones, and the errors that callers saw."""
    from tests.benchmarks.scale.callers import differences, killing, recordings, running_head, send

    paths = recordings(folder, longest)
    with running_head(2, cores=1) as head:
        calm = send(head, paths)
        print(f"undisturbed: {len(calm.transcripts)} answers in {calm.wall:.0f} s, errors {calm.errors}")
        with killing(every) as killed:
            disturbed = send(head, paths)
    other = [
        number for number in calm.transcripts if disturbed.transcripts.get(number) != calm.transcripts[number]
    ]
    print(f"{len(killed)} replicas killed: {len(disturbed.transcripts)} answers in {disturbed.wall:.0f} s")
    print(f"{len(other)} differ from the undisturbed ones: {other}")
    for number in other:
        if found := disturbed.transcripts.get(number):
            print(f"    {number}: {'; '.join(differences(calm.transcripts[number], found))}")
    print(f"{len(disturbed.errors)} errors: {disturbed.errors}")
    return 1 if other or disturbed.errors or calm.errors else 0


def hour(folder: Path, minutes: int) -> int:
    """Prints the CPU time of the head for one long recording, which replicas find at its path or get by its content."""
    import numpy as np
    import soundfile

    from tests.benchmarks.scale.callers import running_head, send
    from tests.support.recordings import RATE, TALK

    path = folder / "hour.wav"
    soundfile.write(path, np.tile(soundfile.read(TALK, dtype="float32")[0], 2 * minutes), RATE)
    for sees_files in (True, False):
        with running_head(1, cores=1, sees_files=sees_files) as head:
            outcome = send(head, [path])
            way = "its path" if sees_files else "its content"
            print(f"{outcome.sound:.0f} s by {way}: {outcome.wall:.0f} s, head {outcome.head_cpu:.2f} CPU-s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
