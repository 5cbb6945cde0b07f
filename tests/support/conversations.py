"""Speech of which it is known who speaks when, and how well a diarization agrees with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile
from scipy.optimize import linear_sum_assignment

from engine.diarization.turns import Diarization
from engine.sampling import SAMPLE_RATE, to_samples

SLICE = 0.3  # seconds, about a word


class Spoken(NamedTuple):
    """What one person says from start to end, in seconds."""

    start: float
    end: float
    person: str


def read_wav(path: Path) -> NDArray[np.float32]:
    """Reads a mono file of integers or of numbers from -1 to 1."""
    rate, samples = wavfile.read(path)
    assert rate == SAMPLE_RATE
    scale = 32768.0 if samples.dtype == np.int16 else 1.0
    return (samples / scale).astype(np.float32)


def read_rttm(path: Path) -> dict[str, list[Spoken]]:
    """Reads who speaks when, by recording."""
    found: dict[str, list[Spoken]] = {}
    for line in path.read_text("utf-8").splitlines():
        _, name, _, start, seconds, _, _, person, *_ = line.split()
        found.setdefault(name, []).append(Spoken(float(start), float(start) + float(seconds), person))
    return found


def alone(spoken: Sequence[Spoken], person: str) -> list[tuple[float, float]]:
    """Returns where a person speaks and no other does, to a hundredth of a second."""
    end = round(max(entry.end for entry in spoken) * 100) + 1
    own, others = np.zeros(end + 1, bool), np.zeros(end + 1, bool)
    for entry in spoken:
        (own if entry.person == person else others)[round(entry.start * 100) : round(entry.end * 100)] = True
    edges = np.flatnonzero(np.diff(np.concatenate([[False], own & ~others, [False]]).astype(int)))
    return [(a / 100, b / 100) for a, b in edges.reshape(-1, 2).tolist()]


def cut(samples: NDArray[np.float32], start: float, end: float) -> NDArray[np.float32]:
    return samples[to_samples(start) : to_samples(end)]


def slices(spoken: Sequence[Spoken]) -> list[Spoken]:
    """Returns what one person alone says, in slices of SLICE seconds, in order."""
    found = [
        Spoken(start + index * SLICE, start + (index + 1) * SLICE, person)
        for person in sorted({entry.person for entry in spoken})
        for start, end in alone(spoken, person)
        for index in range(int((end - start) / SLICE + 1e-6))
    ]
    return sorted(found)


def speaker_at(found: Diarization, start: float, end: float) -> int | None:
    """Returns the speaker of the turn with the most overlap, else of the nearest, as WhisperX assigns words."""
    if not found.turns:
        return None
    near = max(found.turns, key=lambda turn: min(turn.end, end) - max(turn.start, start))
    return near.speaker


def best_names(people: Sequence[str], numbers: Sequence[int | None]) -> dict[int, str]:
    """Returns which person each number stands for, one for one, so that the most slices are right."""
    rows, columns = sorted(set(people)), sorted({number for number in numbers if number is not None})
    table = np.zeros((len(rows), len(columns)))
    for person, number in zip(people, numbers, strict=True):
        if number is not None:
            table[rows.index(person), columns.index(number)] += 1
    pairs = zip(*linear_sum_assignment(-table), strict=True)
    return {columns[column]: rows[row] for row, column in pairs}


def words_right(spoken: Sequence[Spoken], found: Diarization) -> tuple[int, int]:
    """Returns how many slices have the right speaker, and how many there are."""
    parts = slices(spoken)
    people = [part.person for part in parts]
    numbers = [speaker_at(found, part.start, part.end) for part in parts]
    names = best_names(people, numbers)
    right = sum(
        number is not None and names.get(number) == person
        for person, number in zip(people, numbers, strict=True)
    )
    return right, len(parts)
