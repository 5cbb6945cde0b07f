"""Voice activity detection: turns blocks of audio into regions of speech."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.options import Sensitivity
from engine.regions import KnownUntil, SpeechRegion
from engine.sampling import SAMPLE_RATE

SHORT_WORD = 0.2  # seconds that a short word lasts


@dataclass(frozen=True, slots=True)
class Hysteresis:
    """Sets when speech begins and ends (Gelly & Gauvain 2015), with WhisperX's values.

    onset     probability above which speech begins
    offset    probability below which speech ends
    longest   seconds after which a region is cut, at its least probable frame in its second half
    min_peak  probability that a region must reach for SHORT_WORD to count as speech
    """

    onset: float = 0.500
    offset: float = 0.363
    longest: float = 28.0
    min_peak: float = 0.0


# The sensitivities that a request may choose. With "off" everything is speech, still cut at the least
# probable frame. Tones and music reach 0.24 for SHORT_WORD, speech in noise mostly 0.9 and seldom less than
# 0.6.
THRESHOLDS: dict[Sensitivity, Hysteresis] = {
    "normal": Hysteresis(),
    "high": Hysteresis(onset=0.25, offset=0.15),
    "low": Hysteresis(onset=0.75, offset=0.6),
    "off": Hysteresis(onset=-1.0, offset=-1.0, min_peak=0.3),
}


class VoiceActivityDetector(ABC):
    """Finds speech from a network's frame probabilities, by one rule for all networks.

    frame_step  samples from one frame's start to the next
    frame_size  samples that one frame sees
    reach       seconds within which loud sound hides faint speech; 0 if the network does not judge by level
    """

    frame_step: int
    frame_size: int
    reach: float = 0.0

    @abstractmethod
    def probabilities(
        self, blocks: Iterable[np.ndarray], first: int = 0
    ) -> Iterator[tuple[np.ndarray, float]]:
        """Yields per block the speech probabilities of new frames, (n,), and seconds read.

        blocks  from the start of the file
        first   number of the first frame to yield
        """

    def regions(
        self,
        blocks: Iterable[np.ndarray],
        rule: Hysteresis = Hysteresis(),
        known: Sequence[SpeechRegion] = (),
    ) -> Iterator[SpeechRegion | KnownUntil]:
        """Yields speech regions in order, and after each block the time up to which all is known.

        blocks  (n,) float32 at 16 kHz, of any length, from the start of the file
        known   the first regions, from an earlier run; they are yielded, and not detected again

        Raises OutOfMemory.
        """
        tracker = _Tracker(rule, self.frame_step, self.frame_size)
        # The last one is detected again from its start, since its end may be that of the earlier run.
        first = tracker.reopen(known[-1].start) if known else 0
        replayed = deque(known[:-1])
        duration = 0.0
        for probabilities, seconds in self.probabilities(blocks, first):
            duration = seconds
            while replayed and replayed[0].end <= seconds:
                yield replayed.popleft()
            yield from tracker.feed(probabilities)
            yield KnownUntil(replayed[0].start if replayed else tracker.known_until)
        yield from tracker.finish(duration)
        yield KnownUntil(duration)


class _Tracker:
    """Turns speech probabilities into regions, frame by frame."""

    def __init__(self, rule: Hysteresis, frame_step: int, frame_size: int) -> None:
        self._rule = rule
        self._step, self._size = frame_step, frame_size
        self._frames = 0  # frames seen
        self._start: int | None = None  # first frame of the open region
        self._scores: list[float] = []  # probabilities since `_start`

    @property
    def known_until(self) -> float:
        """Returns the seconds before which no further region can begin."""
        return self._time(self._frames if self._start is None else self._start)

    def reopen(self, start: float) -> int:
        """Goes on in a region that begins at `start` seconds; returns the first frame to be fed.

        That frame's probability does not close the region: it has opened it, or a longer region was cut there.
        """
        middle = self._size / 2
        self._frames = max(0, round((start * SAMPLE_RATE - middle) / self._step)) if start else 0
        self._start, self._scores = self._frames, []
        return self._frames

    def feed(self, probabilities: np.ndarray) -> Iterator[SpeechRegion]:
        """Yields the regions that end within the next frames."""
        longest = int(self._rule.longest * SAMPLE_RATE / self._step)
        for probability in probabilities.tolist():
            if self._start is None:
                if probability > self._rule.onset:
                    self._start, self._scores = self._frames, [probability]
            elif probability < self._rule.offset:
                yield self._region(self._time(self._frames), self._scores)
                self._start = None
            else:
                self._scores.append(probability)
                if len(self._scores) > longest:
                    half = len(self._scores) // 2
                    cut = half + int(np.argmin(self._scores[half:]))
                    yield self._region(self._time(self._start + cut), self._scores[:cut])
                    self._start, self._scores = self._start + cut, self._scores[cut:]
            self._frames += 1

    def finish(self, duration: float) -> Iterator[SpeechRegion]:
        """Yields the open region, if any; the recording ends at `duration` seconds."""
        if self._start is not None and self._time(self._start) < duration:
            yield self._region(duration, self._scores)
        self._start = None

    def _region(self, end: float, scores: list[float]) -> SpeechRegion:
        """Returns the open region, which ends at `end` seconds."""
        assert self._start is not None
        least = max(1, round(SHORT_WORD * SAMPLE_RATE / self._step))  # frames
        heard = sorted(scores)[-min(least, len(scores))] >= self._rule.min_peak
        return SpeechRegion(self._time(self._start), end, heard)

    def _time(self, frame: int) -> float:
        """Returns the middle of a frame in seconds; 0 for the first frame."""
        return (frame * self._step + self._size / 2) / SAMPLE_RATE if frame else 0.0
