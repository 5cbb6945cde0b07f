"""What the parts of the embedded diarizer cost, in CPU seconds a minute of talk."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.diarization.embedded import EmbeddedDiarizer
from engine.diarization.networks import NetworkLoader, Networks
from engine.diarization.turns import SpeakerCount
from engine.sampling import to_samples
from engine.scheduling.diarization_feed import STEP
from tests.benchmarks.speaker_cases import Case


@dataclass(slots=True)
class Timed:
    """A network that counts the CPU time it takes."""

    session: Any
    cpu: float = 0.0  # seconds
    runs: int = 0
    inputs: int = 0  # windows of the segmentation, 10-ms frames of the embedding

    def run(self, names: Any, feed: dict[str, Any]) -> Any:
        began = time.thread_time()
        found = self.session.run(names, feed)
        self.cpu += time.thread_time() - began
        self.runs += 1
        shape = next(iter(feed.values())).shape
        self.inputs += shape[0] * (shape[1] if shape[1] > 1 else 1)
        return found


class TimedLoader(NetworkLoader):
    """Loads the networks, each inside a clock."""

    def __init__(self) -> None:
        super().__init__()
        loaded = super().get()
        self.segmentation, self.embedding = Timed(loaded.segmentation), Timed(loaded.embedding)

    def get(self) -> Networks:
        return Networks(self.segmentation, self.embedding)


def profile(cases: Iterable[Case]) -> None:
    """Prints the cost of each part; the sound comes in the worker's steps."""
    loader = TimedLoader()
    diarizer = EmbeddedDiarizer(loader)
    minutes = hearing = finishing = 0.0
    for case in cases:
        session = diarizer.open(SpeakerCount())
        step, began = to_samples(STEP), time.thread_time()
        for start in range(0, len(case.samples), step):
            session.add(case.samples[start : start + step])
        heard = time.thread_time()
        session.finish()
        finishing += time.thread_time() - heard
        hearing += heard - began
        minutes += case.seconds / 60
    segmentation, embedding = loader.segmentation, loader.embedding
    rest = hearing + finishing - segmentation.cpu - embedding.cpu
    print(
        f"{minutes:.0f} min: CPU {(hearing + finishing) / minutes:.2f} s/min, of which "
        f"segmentation {segmentation.cpu / minutes:.2f} ({segmentation.inputs / minutes:.1f} windows/min), "
        f"voice vectors {embedding.cpu / minutes:.2f} ({embedding.inputs / 100 / minutes:.0f} s of speech/min in "
        f"{embedding.runs / minutes:.0f} runs), features, clusters and labels {rest / minutes:.2f}",
        flush=True,
    )
