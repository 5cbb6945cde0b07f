"""Mixes left and right to one channel, or takes one of them if they cancel each other out."""

from __future__ import annotations

import numpy as np

CANCELLED = 0.1  # of one channel's energy: a sum with less has lost what was said
_AUDIBLE = 1e-8  # mean square of a sample, -80 dB: silence cancels nothing


class StereoMixer:
    """Mixes the blocks of one recording.

    has_cancelled  whether a mix would have lost the sound of a block
    """

    def __init__(self) -> None:
        self.has_cancelled = False

    def mix(self, block: np.ndarray) -> np.ndarray:
        """Returns (n,) of (n, 2): the mean, or the louder channel if the sum has hardly any of its energy."""
        total = block.sum(axis=1, dtype=np.float32)
        energies = np.mean(np.square(block), axis=0)
        loudest = int(energies.argmax())
        if energies[loudest] > _AUDIBLE and np.mean(np.square(total)) < CANCELLED * energies[loudest]:
            self.has_cancelled = True
            return np.ascontiguousarray(block[:, loudest])
        return np.float32(0.5) * total
