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

# Probability above which a local speaker speaks; of speech, above which somebody does if only who it is is in doubt.
ACTIVE = 0.5
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


def decode(log_probabilities: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Returns the probability (frames, 3) of each local speaker, and who of them speaks (frames, 3).

    log_probabilities  (frames, 7) of the sets of local speakers

    If somebody speaks and no local speaker is more likely than not, the likeliest one speaks. The network often knows
    that there is speech, but not which of two people it is from.
    """
    probabilities = np.exp(log_probabilities)
    speakers = probabilities @ _SETS
    active = speakers > ACTIVE
    unnamed = (1 - probabilities[:, 0] > ACTIVE) & ~active.any(1)
    active[unnamed, speakers[unnamed].argmax(1)] = True
    return speakers, active


def listen(session: Any, index: int, samples: NDArray[np.float32]) -> LocalActivity:
    """Runs the segmentation network on a window of mono samples; if there are fewer, silence is added."""
    heard = np.zeros(WINDOW, np.float32)
    heard[: len(samples)] = samples
    if heard.any():
        probability, active = decode(session.run(None, {"waveforms": heard[None, None]})[0][0])
    else:
        probability = np.zeros((FRAMES, LOCAL_SPEAKERS), np.float32)
        active = np.zeros((FRAMES, LOCAL_SPEAKERS), np.bool_)
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
