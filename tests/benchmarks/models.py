"""Speed and errors of each Whisper model that is on this machine.

    python -m tests.benchmarks.models [--models base,small] [--clips 27] [--seconds 60]

--models   names, or folders of CTranslate2 models; by default those that a request may name here
--clips    how many of pytest-audioeval's clips, of nine languages, to take for the error rate
--seconds  how much of a talk to take for the speed

Prints one line a model: times as fast as the talk is spoken, the error rate over the clips (words, or characters in
Chinese and Japanese), languages found, and the memory that the model takes. Each model runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from engine import Config, Engine, Options
from tests.benchmarks.accuracy import clips
from tests.support.error_rate import error_rate
from tests.support.process_memory import MIB, own_memory
from tests.support.recordings import TALK

HEADER = f"{'model':<16} {'speed':>7} {'errors':>7} {'languages':>10} {'memory':>9}"


def measure(name: str, count: int, seconds: float) -> dict[str, float]:
    """Returns speed, errors, languages found and MiB of one model, in this process."""
    with closing(Engine(_config(name))) as engine, tempfile.TemporaryDirectory() as folder:
        before = own_memory(os.getpid())
        engine.languages()  # waits for the model
        talk = Path(folder, "talk.wav")
        samples, rate = soundfile.read(TALK, dtype="float32")
        soundfile.write(talk, np.resize(samples, round(seconds * rate)), rate)
        engine.transcribe(talk, Options(language="en"))  # what is computed once is not the speed
        began = time.perf_counter()
        engine.transcribe(talk, Options(language="en"))
        took = time.perf_counter() - began
        memory = (own_memory(os.getpid()) - before) / MIB
        wrong = units = right = 0.0
        recordings = list(clips())[:count]
        for each in recordings:
            found = engine.transcribe(each.path)
            wrong += min(1.0, error_rate(each.truth, found.text, each.language)) * each.units
            units += each.units
            right += found.language == each.language
    return {
        "speed": seconds / took,
        "errors": wrong / max(units, 1),
        "right": right,
        "of": len(recordings),
        "memory": memory,
    }


def _config(name: str) -> Config:
    config = Config.from_env()
    if Path(name).is_dir():
        return replace(config, model=Path(name).name, model_dir=Path(name).absolute().parent)
    return replace(config, model=name)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", default="")
    parser.add_argument("--clips", type=int, default=27)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    names = given.models.split(",") if given.models else Engine(Config.from_env()).models()
    if given.one:
        print(json.dumps(measure(names[0], given.clips, given.seconds)))
        return
    print(HEADER, flush=True)
    for name in names:
        command = [sys.executable, "-m", "tests.benchmarks.models", "--one", "--models", name]
        numbers = ["--clips", str(given.clips), "--seconds", str(given.seconds)]
        done = subprocess.run([*command, *numbers], stdout=subprocess.PIPE, check=True, text=True)
        row = json.loads(done.stdout.splitlines()[-1])
        print(
            f"{Path(name).name:<16} {row['speed']:6.1f}x {row['errors']:7.3f} "
            f"{row['right']:6.0f}/{row['of']:<3} {row['memory']:5.0f} MiB",
            flush=True,
        )


if __name__ == "__main__":
    main()
