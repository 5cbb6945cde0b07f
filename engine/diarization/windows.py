"""Local speakers: who speaks when within ten seconds, from the segmentation network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.sampling import SAMPLE_RATE

WINDOW = 10 * SAMPLE_RATE  # samples that the network was trained on
FRAME_STEP = 270  # samples from one frame's start to the next
FRAME_SIZE = 991  # samples that one frame sees
FRAMES = 589  # in a window
WINDOW_STEP = 296 * FRAME_STEP  # samples between windows: 5 s on the frames' grid
STEP_FRAMES = WINDOW_STEP // FRAME_STEP
FRAME_SECONDS = FRAME_STEP / SAMPLE_RATE
LOCAL_SPEAKERS = 3

ACTIVE = 0.5  # probability above which a local speaker speaks
SHORTEST = 0.25  # seconds; local speakers that speak less in a window are dropped

# The network's seven classes as sets of local speakers: none, one, two at once.
_SETS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], np.float32)


@dataclass(frozen=True, slots=True)
class LocalActivity:
    """What was heard in one window.

    index        number of the window; it starts at sample index * WINDOW_STEP
    probability  (FRAMES, 3) of each local speaker
    active       (FRAMES, 3), without local speakers that hardly speak
    """

    index: int
    probability: NDArray[np.float32]
    active: NDArray[np.bool_]

    @property
    def first_frame(self) -> int:
        """The window's first frame, counted from the recording's start."""
        return self.index * STEP_FRAMES

    @property
    def speakers(self) -> tuple[int, ...]:
        """Local speakers that speak."""
        return tuple(np.flatnonzero(self.active.any(0)).tolist())


def decode(log_probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the probability (…, 3) of each local speaker from those (…, 7) of the sets of speakers."""
    return np.exp(log_probabilities) @ _SETS


def listen(session: Any, index: int, samples: NDArray[np.float32]) -> LocalActivity:
    """Runs the segmentation network on a window of mono samples; if there are fewer, silence is added."""
    heard = np.zeros(WINDOW, np.float32)
    heard[: len(samples)] = samples
    if not heard.any():
        probability = np.zeros((FRAMES, LOCAL_SPEAKERS), np.float32)
    else:
        probability = decode(session.run(None, {"waveforms": heard[None, None]})[0][0])
    active = probability > ACTIVE
    # Frames that see the padding alone belong to no speech.
    active[max(0, len(samples) - FRAME_SIZE // 2) // FRAME_STEP + 1 :] = False
    active &= active.sum(0) * FRAME_SECONDS >= SHORTEST
    return LocalActivity(index, probability, active)


def frame_time(frame: int) -> float:
    """Returns the second at which a frame, counted from the recording's start, begins to count."""
    return max(0.0, (frame * FRAME_STEP + (FRAME_SIZE - FRAME_STEP) / 2) / SAMPLE_RATE)


def window_span(index: int) -> tuple[float, float]:
    """Returns start and end of a window in seconds."""
    start = index * WINDOW_STEP / SAMPLE_RATE
    return start, start + WINDOW / SAMPLE_RATE


def seconds_in_stretches(mask: NDArray[np.bool_], least: float) -> float:
    """Returns the seconds of a mask's frames in stretches of at least `least` seconds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    lengths = (edges[1::2] - edges[::2]) * FRAME_SECONDS
    return float(lengths[lengths >= least].sum())


def feature_frames(window: LocalActivity, mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Returns the 10-ms frames, counted from the window's start, whose middle lies in a mask's frames."""
    middles = (np.arange(WINDOW // 160) * 160 + 200 - FRAME_SIZE / 2) / FRAME_STEP
    nearest = np.clip(np.rint(middles).astype(int), 0, len(mask) - 1)
    return np.flatnonzero(mask[nearest])
