"""How fast, beside WhisperX and faster-whisper on the same weights, machine and recordings.

    python -m tests.benchmarks.speed [--runs 5] [--recordings long,people,hour,short] [--systems wordlight,...]

Each system lives in a process of its own, loads base once, and hears every recording `--runs` times,
the systems in turn. Prints for each the median seconds, how many times ours is as fast, the median word
error rate against what is said (so that speed is not bought with words) and the peak memory of the process.
The language is unknown to all. Word times come from Wordlight and, where the name says so, the peer.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import soundfile

from engine import Config, Engine
from engine.weights.locate import find_whisper
from tests.benchmarks import flite, human_speech
from tests.benchmarks.corpus import SCRIPTS
from tests.support.error_rate import error_rate
from tests.support.recordings import TALK, clip

RATE = 16_000
Hear = Callable[[Path], str]  # the text of a recording
ENGLISH = ("en/quick_brown_fox", "en/hello_world", "en/counting")
OURS = "wordlight"
TALKS = 5  # times that talk and read clips are in the long recording
ORDERS = 3  # times that the people's sentences are in theirs, each time in another order


@dataclass(frozen=True, slots=True)
class Recording:
    name: str
    path: Path
    seconds: float
    truth: str


def recordings(folder: Path, names: Collection[str] = ("long", "short")) -> list[Recording]:
    """Makes the recordings of these names.

    long    talk and read sentences of several voices, with pauses
    people  what tests/benchmarks/human_speech.py fetches, with pauses
    hour    the long one again and again
    short   11 seconds of the talk
    """
    talk = soundfile.read(TALK, dtype="float32")[0]
    turns = [line.split(" ", 5) for line in TALK.with_suffix(".stm").read_text().splitlines()]
    pieces = [(talk, " ".join(turn[5] for turn in turns))]
    for name in ENGLISH:
        sound = soundfile.read(clip(name), dtype="float32")[0]
        pieces.append((sound, clip(name).with_suffix(".txt").read_text()))
    read = [script for part in SCRIPTS.values() for script in part if script.voice in flite.VOICES]
    for script in read:
        for sentence in script.sentences:
            pieces.append((script.say(sentence).samples, sentence))
    pieces = pieces[:4] * (TALKS - 1) + pieces
    sound, text = _joined_by_pauses(pieces)
    start, end = round(6.6 * RATE), round(17.78 * RATE)  # from the first turn to the end of one
    times = math.ceil(3600 * RATE / len(sound))
    made = {
        "long": lambda: (sound, text),
        "people": lambda: _people(folder),
        "hour": lambda: (np.tile(sound, times), " ".join([text] * times)),
        "short": lambda: (talk[start:end], " ".join(turn[5] for turn in turns if float(turn[4]) < 17.78)),
    }
    return [_write(folder, name, *make()) for name, make in made.items() if name in names]


def _people(folder: Path) -> tuple[np.ndarray, str]:
    said = [(soundfile.read(each.path, dtype="float32")[0], each.text) for each in human_speech.fetch(folder)]
    chance = random.Random(0)
    return _joined_by_pauses([piece for _ in range(ORDERS) for piece in chance.sample(said, len(said))])


def _joined_by_pauses(pieces: list[tuple[np.ndarray, str]]) -> tuple[np.ndarray, str]:
    pause = np.zeros(2 * RATE, np.float32)
    sound = np.concatenate([part for samples, _ in pieces for part in (samples, pause)])
    return sound, " ".join(text.strip() for _, text in pieces)


def _write(folder: Path, name: str, samples: np.ndarray, truth: str) -> Recording:
    path = folder / f"{name}.wav"
    soundfile.write(path, samples, RATE)
    return Recording(name, path, len(samples) / RATE, truth)


def wordlight(config: Config) -> Hear:
    engine = Engine(config)
    engine.start()
    return lambda path: engine.transcribe(path).text


def faster_whisper(config: Config) -> Hear:
    from faster_whisper import WhisperModel

    model = WhisperModel(str(find_whisper("base", config).path), device="cpu", compute_type="int8")
    return lambda path: _joined(model.transcribe(str(path), word_timestamps=True)[0])


def faster_whisper_batched(config: Config) -> Hear:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model = WhisperModel(str(find_whisper("base", config).path), device="cpu", compute_type="int8")
    pipeline = BatchedInferencePipeline(model)
    return lambda path: _joined(pipeline.transcribe(str(path), word_timestamps=True, batch_size=8)[0])


def whisperx_int8(config: Config) -> Hear:
    return _whisperx(config, "int8")


def whisperx_float32(config: Config) -> Hear:
    return _whisperx(config, "float32")


def _whisperx(config: Config, compute_type: str) -> Hear:
    import whisperx

    model = whisperx.load_model(str(find_whisper("base", config).path), "cpu", compute_type=compute_type)

    def hear(path: Path) -> str:
        found = model.transcribe(whisperx.load_audio(str(path)), batch_size=8)["segments"]
        return " ".join(segment["text"].strip() for segment in found)

    return hear


def _joined(segments: object) -> str:
    return " ".join(segment.text.strip() for segment in segments)  # type: ignore[attr-defined]


SYSTEMS: dict[str, Callable[[Config], Hear]] = {
    OURS: wordlight,
    "faster-whisper, words": faster_whisper,
    "faster-whisper batched, words": faster_whisper_batched,
    "whisperx int8": whisperx_int8,
    "whisperx float32": whisperx_float32,
}


def serve(name: str, pipe: Connection) -> None:
    """Answers each path with (text, seconds, peak MiB); runs in the system's own process."""
    hear = SYSTEMS[name](replace(Config.from_env(), offline=True))
    hear(clip(ENGLISH[0]))
    pipe.send("ready")
    while (path := pipe.recv()) is not None:
        began = time.perf_counter()
        text = hear(path)
        seconds = time.perf_counter() - began
        pipe.send((text, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


@dataclass
class Peer:
    """A system in its process, and what it took."""

    name: str
    process: multiprocessing.process.BaseProcess
    pipe: Connection
    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: dict[str, list[float]] = field(default_factory=dict)
    memory: float = 0.0  # MiB at the peak so far

    @classmethod
    def start(cls, name: str) -> Peer:
        context = multiprocessing.get_context("spawn")
        ours, its = context.Pipe()
        process = context.Process(target=serve, args=(name, its), daemon=True)
        process.start()
        ours.recv()
        return cls(name, process, ours)

    def hear(self, recording: Recording) -> None:
        self.pipe.send(recording.path)
        text, seconds, self.memory = self.pipe.recv()
        self.seconds.setdefault(recording.name, []).append(seconds)
        error = error_rate(recording.truth, text, "en")  # who samples where in doubt errs otherwise each time
        self.errors.setdefault(recording.name, []).append(error)

    def median(self, recording: Recording) -> tuple[float, float]:
        """Returns the seconds that a recording took and the word error rate, in the middle of all runs."""
        return statistics.median(self.seconds[recording.name]), statistics.median(self.errors[recording.name])

    def stop(self) -> None:
        self.pipe.send(None)
        self.process.join(20)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--recordings", default="long,short")
    parser.add_argument("--systems", default=",".join(s.replace(", ", "+") for s in SYSTEMS))
    asked = parser.parse_args()
    names = [name.replace("+", ", ") for name in asked.systems.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        chosen = recordings(Path(folder), asked.recordings.split(","))
        peers = [Peer.start(name) for name in names]
        for recording in chosen:
            for _ in range(asked.runs):
                for peer in peers:
                    peer.hear(recording)
                    print(".", end="", file=sys.stderr, flush=True)
            _show(recording, peers)
        for peer in peers:
            peer.stop()


def _show(recording: Recording, peers: list[Peer]) -> None:
    medians = {peer.name: peer.median(recording) for peer in peers}
    print(f"\n{recording.name}: {recording.seconds:.0f} s")
    print(f"{'system':<32}{'seconds':>9}{'ours is':>10}{'WER':>8}{'MiB':>7}")
    for peer in peers:
        seconds, error = medians[peer.name]
        ratio = f"{seconds / medians[OURS][0]:.2f} x" if OURS in medians else ""
        print(f"{peer.name:<32}{seconds:>9.2f}{ratio:>10}{error:>8.3f}{peer.memory:>7.0f}")


if __name__ == "__main__":
    main()
