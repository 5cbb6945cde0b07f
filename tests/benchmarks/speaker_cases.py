"""Recordings of which it is known who speaks when: fetched, or built from what is fetched.

talks     conversations of 2, 4 and 8 people: of women alone too, in a room, under noise, with interruptions
meetings  the AMI excerpts of pyannote.audio's source distribution: 14 of 30 s, one to four people, much overlap
call      pyannote.audio's sample.wav: two people, 30 s
person    one person, ten minutes: two languages and moods, coughs and music between
english   conversations of three people in English, for the part `hour`
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from engine.sampling import SAMPLE_RATE, to_samples
from tests.benchmarks import speaker_voices
from tests.benchmarks.speaker_voices import Voices
from tests.support.conversations import Spoken, read_rttm, read_wav

SOURCE = "pyannote.audio==4.0.7"
ENOUGH = 3.0  # seconds of speech from which a speaker is to be found
EXCERPT = 30.0  # seconds of a meeting that are annotated
TALKS = (
    (2, "women", "clean"),
    (2, "", "noise"),
    (4, "women", "room"),
    (4, "", "noise"),
    (8, "", "clean"),
    (8, "", "room"),
)
SEEDS = (2, 12)  # of the talks that are reported; each gives all of TALKS with other turns
SEEDS_TUNED = (1, 11, 21, 31)
TURNS = 6  # of each person in a talk
MONOLOGUE = 600.0  # seconds
ENGLISH = ("M Michael", "F Allison", "F Austen")
ENGLISH_TALKS = 8
PARTS = ("talks", "meetings", "call", "person")


@dataclass(frozen=True, slots=True)
class Case:
    kind: str
    name: str
    samples: NDArray[np.float32]
    spoken: tuple[Spoken, ...]

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    @property
    def people(self) -> int:
        """People with enough speech to be found, at least one."""
        seconds: dict[str, float] = {}
        for entry in self.spoken:
            seconds[entry.person] = seconds.get(entry.person, 0.0) + entry.end - entry.start
        return max(1, sum(held >= ENOUGH for held in seconds.values()))


def cases(folder: Path, parts: tuple[str, ...], tune: bool) -> Iterator[Case]:
    """Yields the cases of some PARTS, fetching what is not in the folder yet.

    tune  yields those that thresholds are chosen on: other people, and other meetings
    """
    if {"talks", "person", "english"} & set(parts):
        speaker_voices.fetch(folder)
    if "talks" in parts:
        people = speaker_voices.voices(folder, speaker_voices.TUNED if tune else speaker_voices.REPORTED)
        for seed in SEEDS_TUNED if tune else SEEDS:
            yield from talks(people, seed)
    if "meetings" in parts:
        yield from meetings(fetch(folder), ("trn",) if tune else ("dev", "tst"))
    if "call" in parts and not tune:
        yield call(fetch(folder))
    if "person" in parts and not tune:
        yield one_person(speaker_voices.voices(folder, speaker_voices.TWICE), MONOLOGUE)
    if "english" in parts:
        people = speaker_voices.voices(
            folder, {person: speaker_voices.REPORTED[person] for person in ENGLISH}
        )
        chance = np.random.default_rng(7)
        for number in range(ENGLISH_TALKS):
            samples, spoken = _talk(people, chance)
            yield Case("english", str(number), samples, spoken)


def fetch(folder: Path) -> Path:
    """Returns pyannote.audio's source distribution in a folder. Raises subprocess.CalledProcessError."""
    if not (found := sorted(folder.glob("pyannote_audio-*/"))):
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*pip, "--dest", str(folder), SOURCE], check=True)
        for archive in folder.glob("pyannote*.tar.gz"):
            with tarfile.open(archive) as source:
                source.extractall(folder, filter="data")
        found = sorted(folder.glob("pyannote_audio-*/"))
    return found[0]


def meetings(root: Path, parts: tuple[str, ...]) -> Iterator[Case]:
    """Yields the excerpts whose names begin with a part; the annotated half minute of each."""
    data = root / "tests" / "data"
    for rttm in sorted(data.glob("debug.*.rttm")):
        for name, spoken in sorted(read_rttm(rttm).items()):
            path = data / f"{name}.wav"
            if name.startswith(parts) and path.is_file():
                samples = read_wav(path)[: to_samples(EXCERPT)]
                kept = tuple(
                    entry._replace(end=min(entry.end, EXCERPT)) for entry in spoken if entry.start < EXCERPT
                )
                yield Case("meetings", name, samples, kept)


def call(root: Path) -> Case:
    sample = root / "src" / "pyannote" / "audio" / "sample"
    (spoken,) = read_rttm(sample / "sample.rttm").values()
    return Case("call", "sample", read_wav(sample / "sample.wav"), tuple(spoken))


def talks(people: Voices, seed: int) -> Iterator[Case]:
    """Yields the conversations of TALKS."""
    chance = np.random.default_rng(seed)
    women = [person for person in people if person.startswith("F")]
    for number, sex, condition in TALKS:
        choice = women if sex and len(women) >= number else list(people)
        chosen = chance.choice(choice, number, replace=False).tolist()
        samples, spoken = _talk({person: people[person] for person in chosen}, chance)
        name = f"{sex or 'all'} {condition} {seed}"
        yield Case(f"talks of {number}", name, _spoil(samples, condition, chance), spoken)


def one_person(pieces: Voices, seconds: float) -> Case:
    """Returns a monologue in two languages and two moods, with coughs and music between."""
    chance = np.random.default_rng(3)
    sound: list[NDArray[np.float32]] = []
    spoken: list[Spoken] = []
    at = 0
    while at < seconds * SAMPLE_RATE:
        for mood, language in enumerate(pieces):
            for index in chance.permutation(len(pieces[language]))[:10]:
                piece = pieces[language][index]
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
