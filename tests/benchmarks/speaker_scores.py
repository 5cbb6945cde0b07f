"""Scores of diarizers over cases: words, diarization error rate, number of speakers, CPU time and memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from engine.diarization.embedded import EmbeddedDiarizer
from engine.diarization.turns import Diarization, SpeakerCount
from engine.sampling import to_samples
from engine.scheduling.diarization_feed import FIRST_LOOK, FURTHER_LOOK, STEP
from tests.benchmarks.speaker_cases import Case
from tests.support.conversations import best_names, slices, speaker_at, words_right

COLLARS = (0.0, 0.25)  # seconds on each side of a turn's ends
DIARIZER = EmbeddedDiarizer()
Diarize = Callable[[Case, SpeakerCount], Diarization]


@dataclass(slots=True)
class Score:
    """Sums over cases of one kind."""

    right: int = 0
    words: int = 0
    cases: int = 0
    counts_right: int = 0
    count_error: int = 0  # people too many or too few
    cpu: float = 0.0  # seconds
    seconds: float = 0.0
    errors: dict[float, list[float]] = field(
        default_factory=lambda: {collar: [0.0, 0.0] for collar in COLLARS}
    )

    def add(self, case: Case, found: Diarization, cpu: float) -> None:
        right, words = words_right(case.spoken, found)
        self.right, self.words = self.right + right, self.words + words
        self.cases += 1
        missing = abs(len(found.speakers) - case.people)
        self.counts_right += not missing
        self.count_error += missing
        self.cpu, self.seconds = self.cpu + cpu, self.seconds + case.seconds
        for collar, sums in self.errors.items():
            sums[:] = np.add(sums, _errors(case, found, collar)).tolist()

    def __str__(self) -> str:
        rates = " / ".join(f"{100 * wrong / max(total, 1e-9):.1f}" for wrong, total in self.errors.values())
        return (
            f"words {100 * self.right / max(self.words, 1):5.1f} % of {self.words:4d}, DER {rates} %, "
            f"count right {self.counts_right}/{self.cases}, off by {self.count_error / self.cases:.2f}, "
            f"CPU {60 * self.cpu / self.seconds:.2f} s/min"
        )


def embedded(case: Case, count: SpeakerCount) -> Diarization:
    session = DIARIZER.open(count)
    session.add(case.samples)
    return session.finish()


def compare(cases: list[Case], systems: dict[str, Diarize], each: bool) -> None:
    """Prints a line for each kind of case, system, and number of speakers unknown or known.

    each  whether to print a line for each case too
    """
    DIARIZER.open(SpeakerCount()).close()  # loads the networks, which is no recording's cost
    for kind in dict.fromkeys(case.kind for case in cases):
        for name, diarize in systems.items():
            for known in (False, True):
                score = Score()
                for case in cases:
                    if case.kind != kind:
                        continue
                    count = SpeakerCount(case.people, case.people) if known else SpeakerCount()
                    began = time.process_time()
                    found = diarize(case, count)
                    cpu = time.process_time() - began
                    score.add(case, found, cpu)
                    if each:
                        alone = Score()
                        alone.add(case, found, cpu)
                        print(
                            f"    {case.name}: {len(found.speakers)} for {case.people}, {alone}", flush=True
                        )
                print(f"{kind:11s} {name:9s} {'known  ' if known else 'unknown'} {score}", flush=True)
    print(f"peak memory of all so far {peak_mb():.0f} MB")


def first_showing(cases: Iterable[Case]) -> None:
    """Prints how many words have the right speaker when they are first shown with one, and at the end."""
    shown_right = shown = right = words = 0
    for case in cases:
        first, final = _showings(case)
        parts = slices(case.spoken)
        people = [part.person for part in parts]
        last = [speaker_at(final, part.start, part.end) for part in parts]
        names = best_names(people, last)
        for place, person in enumerate(people):
            words += 1
            number = last[place]
            right += number is not None and names.get(number) == person
            if (early := first[place]) is not None:
                shown += 1
                shown_right += names.get(early) == person
    print(
        f"words right when first shown {100 * shown_right / max(shown, 1):.1f} % of {shown}, "
        f"at the end {100 * right / max(words, 1):.1f} % of {words}",
        flush=True,
    )


def _showings(case: Case) -> tuple[list[int | None], Diarization]:
    """Returns the first number of each slice while the recording is read, and the final turns."""
    session = DIARIZER.open(SpeakerCount())
    parts = slices(case.spoken)
    first: list[int | None] = [None] * len(parts)
    step, look = to_samples(STEP), FIRST_LOOK
    for start in range(0, len(case.samples), step):
        session.add(case.samples[start : start + step])
        heard = min(start + step, len(case.samples)) / to_samples(1.0)
        if heard < look:
            continue
        look = heard + max(FIRST_LOOK, FURTHER_LOOK * heard)
        now = session.current()
        known_until = now.turns[-1].end if now.turns else 0.0
        for place, part in enumerate(parts):
            if first[place] is None and part.end <= known_until:
                first[place] = speaker_at(now, part.start, part.end)
    return first, session.finish()


def _errors(case: Case, found: Diarization, collar: float) -> tuple[float, float]:
    """Returns seconds in error and seconds in all, with overlapping speech."""
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    truth, guess = Annotation(), Annotation()
    for track, entry in enumerate(case.spoken):
        truth[Segment(entry.start, entry.end), track] = entry.person
    for track, turn in enumerate((*found.turns, *found.second)):
        guess[Segment(turn.start, turn.end), track] = turn.speaker
    whole = Timeline([Segment(0, case.seconds)])
    parts = DiarizationErrorRate(collar=2 * collar)(truth, guess, uem=whole, detailed=True)
    return sum(parts[name] for name in ("missed detection", "false alarm", "confusion")), parts["total"]


def peak_mb() -> float:
    """Returns the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
