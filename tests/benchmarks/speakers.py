"""How well speakers are told apart, and what that costs.

    python -m tests.benchmarks.speakers [--parts talks,meetings,...] [--tune] [--each] [--data FOLDER] [--minutes 60]

Parts, of which each prints its own figures:

talks, meetings, call, person  words with the right speaker, diarization error rate with collars of 0 and 0.25 s,
                               people found, CPU seconds a minute; the number of people unknown and known
streaming                      words with the right speaker when they are first shown, and at the end
profile                        CPU seconds a minute by part of the embedded diarizer, over talks, meetings and call
baseline                       the first three parts by pyannote's pipeline over Resemblyzer's embedding
hour                           a talk transcribed end to end with the base model, without speakers and with them: wall
                               time, CPU time, time until the first words, memory, and the ratios of the times

--tune   the talks and meetings that thresholds were chosen on, of other people
--each   a line for each recording too
--minutes  length of the part `hour`'s talk
--data   keeps what is fetched with pip and apt-get

Needs pip, apt-get and pyannote.metrics. All parts take about an hour on two cores; each one takes minutes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from engine import Config, Engine, Options
from engine.sampling import SAMPLE_RATE
from tests.benchmarks.speaker_cases import PARTS, Case, cases
from tests.benchmarks.speaker_profile import profile
from tests.benchmarks.speaker_scores import compare, embedded, first_showing, peak_mb

ALL = (*PARTS, "streaming", "profile", "baseline", "hour")
COMPARED = ("talks", "meetings", "call")
EXAMPLE = Path(__file__).parents[2] / "assets" / "examples" / "at-the-station.mp3"


def accuracy(folder: Path, parts: tuple[str, ...], tune: bool, each: bool) -> None:
    found = list(cases(folder, parts, tune))
    if found:
        compare(found, {"embedded": embedded}, each)


def baseline(folder: Path, tune: bool, each: bool) -> None:
    from tests.benchmarks.speaker_baseline import Baseline

    compare(list(cases(folder, COMPARED, tune)), {"baseline": Baseline(folder)}, each)


def hour(folder: Path, minutes: float) -> None:
    """Prints what the speakers add to a long file; each transcription has a process of its own."""
    path = folder / "long.wav"
    soundfile.write(path, long_talk(list(cases(folder, ("english",), False)), minutes), SAMPLE_RATE)
    costs = {}
    for speakers in ("off", "auto"):
        command = [sys.executable, "-m", "tests.benchmarks.speakers", "--transcribe", str(path), speakers]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        cost = costs[speakers] = json.loads(output.splitlines()[-1])
        print(
            f"{minutes:.0f} min, speakers={speakers}: {cost['wall'] / minutes:.2f} s wall/min, "
            f"CPU {cost['cpu'] / minutes:.2f} s/min, first words after {cost['first']:.1f} s, "
            f"peak {cost['peak']:.0f} MB, {cost['speakers']} speakers",
            flush=True,
        )
    off, auto = costs["off"], costs["auto"]
    print(
        f"with speakers: CPU {auto['cpu'] / off['cpu']:.2f} times, wall {auto['wall'] / off['wall']:.2f} times"
    )


def long_talk(found: list[Case], minutes: float) -> np.ndarray:
    """Returns the talks one after another, again and again."""
    talks = np.concatenate([case.samples for case in found])
    return np.resize(talks, round(60 * minutes * SAMPLE_RATE))


def transcribe(path: Path, speakers: str) -> None:
    """Prints what one transcription costs."""
    engine = Engine(replace(Config.from_env(), offline=True))
    engine.start()
    for _ in engine.stream(EXAMPLE, Options(language="en", speakers=speakers)):
        pass  # loads the models, which is no recording's cost
    began, cpu = time.monotonic(), time.process_time()
    first = 0.0
    for update in engine.stream(path, Options(language="en", speakers=speakers)):
        if update.segments and not first:
            first = time.monotonic() - began
        last = update
    wall, cpu = time.monotonic() - began, time.process_time() - cpu
    engine.close()
    assert last.transcript is not None
    cost = {"wall": wall, "cpu": cpu, "first": first, "peak": peak_mb()}
    print(json.dumps(cost | {"speakers": len(last.transcript.speakers)}), flush=True)


@contextmanager
def data_folder(kept: Path | None) -> Iterator[Path]:
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", default=",".join(ALL))
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--transcribe", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.transcribe:
        transcribe(Path(given.transcribe[0]), given.transcribe[1])
        return
    parts = tuple(given.parts.split(","))
    if unknown := set(parts) - set(ALL):
        parser.error(f"unknown parts {', '.join(sorted(unknown))}; known: {', '.join(ALL)}")
    with data_folder(given.data) as folder:
        accuracy(folder, parts, given.tune, given.each)
        if "streaming" in parts:
            first_showing(cases(folder, COMPARED, given.tune))
        if "profile" in parts:
            profile(cases(folder, COMPARED, given.tune))
        if "baseline" in parts:
            baseline(folder, given.tune, given.each)
        if "hour" in parts:
            hour(folder, given.minutes)


if __name__ == "__main__":
    main()
