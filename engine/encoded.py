"""What Whisper's encoder made of some windows, and picking rows of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import ctranslate2
import numpy as np

FRAMES = 3000  # mel frames in 30 s
FRAME_RATE = 100  # mel frames a second
SHORTEST = 1000  # mel frames that are encoded at least
STEP = {
    "cpu": 100,
    "cuda": 400,
}  # mel frames: windows of like length are encoded alike, and may share a batch
SPARE = 200  # mel frames of nothing after the sound: text that runs up to the window's end loops


def padded(seconds: float, step: int) -> int:
    """Returns the mel frames that a window of that length is encoded as, SHORTEST and some steps.

    They depend on the window alone, not on what shares its batch, since its text may depend on them.
    """
    frames = math.ceil(seconds * FRAME_RATE) + SPARE
    return min(SHORTEST + max(0, math.ceil((frames - SHORTEST) / step)) * step, FRAMES)


@dataclass(frozen=True, slots=True)
class Encoded:
    """Encoder outputs of some windows.

    features  log-mel, (windows, n_mels, length), length at most 3000
    output    (windows, length / 2, dim)
    frames    how many mel frames each window really has
    """

    features: np.ndarray
    output: ctranslate2.StorageView
    frames: tuple[int, ...]

    @property
    def whole(self) -> bool:
        """Tells whether the encoder saw the 30 s that it was trained on."""
        return self.features.shape[2] == FRAMES

    def pick(self, rows: Sequence[int]) -> Encoded:
        """Returns some windows of the batch."""
        if list(rows) == list(range(len(self.frames))):
            return self
        chosen, output = list(rows), self.output
        on_cpu = output.to_device(ctranslate2.Device.cpu) if output.device != "cpu" else output
        return Encoded(
            self.features[chosen],
            ctranslate2.StorageView.from_array(np.ascontiguousarray(np.array(on_cpu)[chosen])),
            tuple(self.frames[row] for row in chosen),
        )

    def part(self, row: int, start: float, end: float) -> np.ndarray:
        """Returns the features of part of a window, (n_mels, frames); times in seconds."""
        first, last = round(start * FRAME_RATE), min(round(end * FRAME_RATE), self.frames[row])
        return self.features[row, :, first:last]
