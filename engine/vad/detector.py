"""Voice activity detection: blocks of audio in, regions of speech out, each as soon as it has ended."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from engine.errors import OutOfMemory
from engine.log import LOGGER
from engine.memory import out_of_memory
from engine.options import Sensitivity
from engine.regions import SpeechRegion
from engine.vad.pyannet import FRAME_SIZE, FRAME_STEP, SAMPLE_RATE, WINDOW, WINDOW_FRAMES, PyanNet
from engine.vad.silence import silent

STEP_FRAMES = 148  # frames between windows: about half a window, so nearly each frame is judged twice
STEP = STEP_FRAMES * FRAME_STEP  # 39,960 samples, 2.4975 s
# Windows in one forward at most. On a CPU more take memory that has to be fetched anew each time; on CUDA all
# of a block of 30 s at once take less than half of what they take in fours.
BATCH = {"cpu": 4, "cuda": 12}
SHORT_WORD = 0.2  # seconds


@dataclass(frozen=True, slots=True)
class Hysteresis:
    """When speech begins and ends (Gelly & Gauvain 2015), with WhisperX's thresholds and cut.

    onset   probability above which speech begins
    offset  probability below which it ends
    longest seconds after which a region is cut where it is least like speech, in its second half
    heard   probability that a region reaches for the time of a short word, if there is speech in it at all
    """

    onset: float = 0.500
    offset: float = 0.363
    longest: float = 28.0
    min_peak: float = 0.0


# What a request may choose. Where detection is off, all is speech, still cut where it is least like it.
# Tones and music reach 0.24 for the time of a word, speech in noise mostly 0.9 and seldom less than 0.6.
THRESHOLDS: dict[Sensitivity, Hysteresis] = {
    "normal": Hysteresis(),
    "high": Hysteresis(onset=0.25, offset=0.15),
    "low": Hysteresis(onset=0.75, offset=0.6),
    "off": Hysteresis(onset=-1.0, offset=-1.0, min_peak=0.3),
}


class VoiceActivityDetector(ABC):
    """Finds speech by what a network makes of each frame, under one rule whichever network it is.

    frame_step  samples from one frame's start to the next
    frame_size  samples that one frame sees
    """

    frame_step: int
    frame_size: int

    @abstractmethod
    def probabilities(self, blocks: Iterable[np.ndarray]) -> Iterator[tuple[np.ndarray, float]]:
        """Yields, block by block, the speech probability of each further frame, and the seconds read."""

    def regions(
        self, blocks: Iterable[np.ndarray], rule: Hysteresis = Hysteresis()
    ) -> Iterator[SpeechRegion | float]:
        """Yields speech regions in order, and after each block the time up to which all is known.

        blocks  (n,) float32 at 16 kHz, of any length

        Raises OutOfMemory.
        """
        tracker = _Tracker(rule, self.frame_step, self.frame_size)
        duration = 0.0
        for probabilities, seconds in self.probabilities(blocks):
            duration = seconds
            yield from tracker.feed(probabilities)
            yield tracker.known_until
        yield from tracker.finish(duration)
        yield duration


class PyannoteVad(VoiceActivityDetector):
    """Finds speech with pyannote's network at half overlap.

    WhisperX moves its 5-s window by half a second; moving it by half a window costs a fifth and
    decides the same in 99 of 100 frames.
    """

    frame_step = FRAME_STEP
    frame_size = FRAME_SIZE

    def __init__(self, network: PyanNet, device: str) -> None:
        self._network = network
        self._device = device
        # Windows in one forward; halved for good where memory runs out.
        self._batch = BATCH[torch.device(device).type]
        self._of_silence: np.ndarray | None = (
            None  # what is judged of a silent window, once it has been asked for
        )

    def probabilities(self, blocks: Iterable[np.ndarray]) -> Iterator[tuple[np.ndarray, float]]:
        waiting = np.zeros(0, np.float32)  # samples from the start of the next window on
        overlap = np.zeros((0,), np.float32)  # sums over frames that one more window will judge
        read = given = 0  # samples, frames
        for block in blocks:
            read += len(block)
            waiting = np.concatenate([waiting, block])
            count = (len(waiting) - WINDOW) // STEP + 1 if len(waiting) >= WINDOW else 0
            if count:
                windows = np.lib.stride_tricks.sliding_window_view(waiting, WINDOW)[: count * STEP : STEP]
                frames, overlap = _overlap_add(self._judge(windows), overlap)
                waiting = waiting[count * STEP :]
            else:
                frames = np.zeros(0, np.float32)
            given += len(frames)
            yield frames, read / SAMPLE_RATE
        if read:
            padded = np.pad(waiting[:WINDOW], (0, max(0, WINDOW - len(waiting))))
            frames, overlap = _overlap_add(self._judge(padded[None]), overlap)
            inside = max(0, (read - FRAME_SIZE // 2) // FRAME_STEP + 1)  # frames whose middle is in the file
            yield np.concatenate([frames, overlap])[: inside - given], read / SAMPLE_RATE

    def _judge(self, windows: np.ndarray) -> np.ndarray:
        """Returns the probability that anyone speaks, (windows, WINDOW_FRAMES).

        The network sees one silent window and no other: hours of digital silence are judged at once.
        """
        quiet = silent(windows)
        if not quiet.any():
            return self._judge_sound(windows)
        if self._of_silence is None:
            self._of_silence = self._judge_sound(np.zeros((1, WINDOW), np.float32))[0]
        judged = np.empty((len(windows), WINDOW_FRAMES), np.float32)
        judged[quiet] = self._of_silence
        if not quiet.all():
            judged[~quiet] = self._judge_sound(windows[~quiet])
        return judged

    def _judge_sound(self, windows: np.ndarray) -> np.ndarray:
        judged: list[np.ndarray] = []
        first = 0
        while first < len(windows):
            batch = windows[first : first + self._batch]
            frames = self._forward(batch)
            if frames is not None:
                judged.append(frames)
                first += len(batch)
            elif len(batch) > 1:
                self._batch = min(self._batch, len(batch) // 2)
                LOGGER.warning("out of memory: speech detection by %d windows from now on", self._batch)
            else:
                raise OutOfMemory()
        return np.concatenate(judged)

    def _forward(self, windows: np.ndarray) -> np.ndarray | None:
        """Returns what `_judge` does of some windows, or None where memory does not suffice for so many."""
        try:
            batch = torch.from_numpy(windows.copy()).to(self._device)
            return self._network(batch).amax(dim=2).cpu().numpy()
        except Exception as error:
            if not out_of_memory(error):
                raise
            return None


def _overlap_add(windows: np.ndarray, overlap: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Averages windows STEP_FRAMES apart; returns finished frames and those the next window completes.

    windows  (n, WINDOW_FRAMES)
    overlap  what the window before left over: the probabilities of this first window's first frames
    """
    finished = []
    for window in windows:
        window = window.copy()
        shared = len(overlap)
        window[:shared] = (window[:shared] + overlap) / 2
        finished.append(window[:STEP_FRAMES])
        overlap = window[STEP_FRAMES:]
    return np.concatenate(finished), overlap


class _Tracker:
    """Turns speech probabilities, frame by frame, into regions."""

    def __init__(self, rule: Hysteresis, frame_step: int, frame_size: int) -> None:
        self._rule = rule
        self._step, self._size = frame_step, frame_size
        self._frames = 0  # frames seen
        self._start: int | None = None  # first frame of the open region
        self._scores: list[float] = []  # probabilities since then

    @property
    def known_until(self) -> float:
        """Seconds before which no further region can begin."""
        return self._time(self._frames if self._start is None else self._start)

    def feed(self, probabilities: np.ndarray) -> Iterator[SpeechRegion]:
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
        if self._start is not None and self._time(self._start) < duration:
            yield self._region(duration, self._scores)
        self._start = None

    def _region(self, end: float, scores: list[float]) -> SpeechRegion:
        """Returns the open region, which ends there."""
        assert self._start is not None
        least = max(1, round(SHORT_WORD * SAMPLE_RATE / self._step))  # frames
        heard = sorted(scores)[-min(least, len(scores))] >= self._rule.min_peak
        return SpeechRegion(self._time(self._start), end, heard)

    def _time(self, frame: int) -> float:
        """Returns the middle of what a frame sees, in seconds; the first frame begins the file."""
        return (frame * self._step + self._size / 2) / SAMPLE_RATE if frame else 0.0
