"""Brings a part of a window to one level, so that its loudest voice does not drown the others.

Whisper writes the loudest speech that it is given, and is not sure of a voice 20 dB below it. In log-mel features a
gain is a sum.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

REACH = 50  # frames on either side, among which the loudest gives the level
MAX_GAIN = 0.5  # 20 dB in log-mel units; sound that is fainter is a pause, a breath or noise


def levelled(part: NDArray[np.float32], loudest: float) -> NDArray[np.float32]:
    """Returns log-mel features (n_mels, frames) with a gain for each frame.

    loudest  level that the loudest frames within REACH get; frames that have it stay as they are
    """
    peaks = np.pad(part.max(axis=0), 2 * REACH, mode="edge")
    level = np.lib.stride_tricks.sliding_window_view(peaks, 2 * REACH + 1).max(axis=1)
    gain = np.clip(loudest - level, 0.0, MAX_GAIN)
    smooth = np.convolve(gain, np.full(2 * REACH + 1, 1 / (2 * REACH + 1)), "valid")
    return (part + smooth).astype(np.float32)
