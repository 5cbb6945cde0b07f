"""Many clients on one engine: who waits how long, whose words are whose, and what is left behind.

    python -m tests.benchmarks.concurrency [--parts hour,crowd,many,noise] [--hours 1.0] [--requests 200]

hour   a recording of that length: seconds until its first words, peak memory, and an 11-s clip sent in
       its middle beside the same clip alone
crowd  the same recording with eight clients beside it: words that come out otherwise than alone, in text or time
many   `--requests` or some more in a row, then sixteen at a time: texts that differ, memory, threads and files left
noise  ten minutes each of silence, white and pink noise, tones and chords: words found
"""

from __future__ import annotations

import argparse
import gc
import math
import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import soundfile

from engine import Config, Engine, Options
from engine.scheduling.scheduler import IDLE_SECONDS
from engine.transcript import Word
from tests.benchmarks.speed import RATE, recordings
from tests.support.clients import amid
from tests.support.noises import noises
from tests.support.recordings import CLIPS

RUNS = 5
CROWD = 8
MINUTES_OF_NOISE = 10


class Bench:
    """One engine, its recordings and what has been learned so far."""

    def __init__(self, folder: Path, hours: float, requests: int) -> None:
        self.folder = folder
        self.requests = requests
        self.engine = Engine(replace(Config.from_env(), offline=True, temp_dir=folder / "temp"))
        long, self.short = recordings(folder)
        samples = soundfile.read(long.path, dtype="float32")[0]
        times = max(1, round(hours * 3600 / long.seconds))
        self.long = folder / "hour.wav"
        soundfile.write(self.long, np.tile(samples, times), RATE)
        self.seconds = times * long.seconds
        self.alone: Sequence[Word] = ()  # the words of the long recording when nobody else is there
        self.clip_alone = self._clip()

    def _clip(self) -> float:
        """Returns the median seconds of the short recording."""
        self.engine.transcribe(self.short.path)
        return statistics.median(_timed(lambda: self.engine.transcribe(self.short.path)) for _ in range(RUNS))

    def _text(self, path: Path) -> str:
        return self.engine.transcribe(path).text

    def hour(self) -> None:
        began, first = time.perf_counter(), 0.0
        beside: list[Future[float]] = []
        with ThreadPoolExecutor(1) as pool:
            for update in self.engine.stream(self.long):
                if update.segments and not first:
                    first = time.perf_counter() - began
                if len(beside) < RUNS and update.seconds_done > self.seconds * (len(beside) + 1) / (RUNS + 1):
                    beside.append(pool.submit(_timed, lambda: self.engine.transcribe(self.short.path)))
            taken = time.perf_counter() - began
        assert update.transcript is not None
        self.alone = update.transcript.words
        print(f"{self.seconds:.0f} s of sound in {taken:.1f} s, first words after {first:.2f} s")
        print(f"peak memory {_peak():.0f} MiB")
        waited = statistics.median(entry.result() for entry in beside)
        print(f"short clip in its middle {waited:.2f} s, alone {self.clip_alone:.2f}: ", end="")
        print(f"{waited / self.clip_alone:.2f} times")

    def crowd(self) -> None:
        if not self.alone:
            self.alone = self.engine.transcribe(self.long).words
        words = amid(
            CROWD,
            lambda: self.engine.transcribe(self.short.path),
            lambda: self.engine.transcribe(self.long).words,
        )
        texts = [[word.word for word in each] for each in (self.alone, words)]
        blocks = SequenceMatcher(None, *texts, False).get_matching_blocks()
        same = [
            (self.alone[entry.a + at], words[entry.b + at]) for entry in blocks for at in range(entry.size)
        ]
        other = max(len(words), len(self.alone)) - len(same)
        moved = sum((one.start, one.end) != (two.start, two.end) for one, two in same)
        print(f"{other} of {len(self.alone)} words otherwise with {CROWD} clients beside it")
        print(f"{moved} of the same words at another time")

    def many(self) -> None:
        clips = sorted(CLIPS.glob("*/*.wav"))
        texts = {path: self._text(path) for path in clips}
        # Whole rounds, so that each quarter leaves the aligners of the same languages in memory.
        quarter = clips * math.ceil(self.requests / 4 / len(clips))
        asked = quarter * 4
        for at_once in (1, 16):
            before = self._at_rest()
            found, held = [], []
            with ThreadPoolExecutor(at_once) as pool:
                for _ in range(4):
                    found += pool.map(self._text, quarter)
                    held.append(self._at_rest()[0])
            mixed = sum(text != texts[path] for path, text in zip(asked, found, strict=True))
            others = {path: set(texts.values()) - {texts[path]} for path in clips}
            swapped = sum(text in others[path] for path, text in zip(asked, found, strict=True))
            gc.collect()
            print(f"{len(asked)} requests, {at_once} at a time: ", end="")
            print(f"{swapped} with another's text, {mixed} not as alone")
            print(f"  MiB at rest after each quarter: {held}")
            for what, one, two in zip(("MiB", "threads", "files"), before, self._at_rest(), strict=True):
                print(f"  {what:<8}{one:>7} before {two:>7} after")

    def _at_rest(self) -> tuple[int, int, int]:
        """Returns the MiB that this process holds, its threads, and the files in its folder."""
        time.sleep(2 * IDLE_SECONDS)  # then memory that the next recording would use has been given back
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        files = sum(1 for _ in self.folder.rglob("*"))
        return pages * resource.getpagesize() // 2**20, threading.active_count(), files

    def noise(self) -> None:
        for name, samples in noises(MINUTES_OF_NOISE * 60).items():
            path = self.folder / "noise.wav"
            soundfile.write(path, samples.astype(np.float32), RATE)
            for sensitivity in ("normal", "off"):
                words = self.engine.transcribe(path, Options.of({"vad_sensitivity": sensitivity})).words
                print(f"{name:<12} detection {sensitivity:<7}{len(words):>5} words", flush=True)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parts", default="hour,crowd,many,noise")
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--requests", type=int, default=200)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), asked.hours, asked.requests)
        for part in asked.parts.split(","):
            print(f"\n{part}", flush=True)
            getattr(bench, part)()
        bench.engine.close()


if __name__ == "__main__":
    main()
