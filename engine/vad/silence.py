"""Digital silence: sound so faint that there can be no speech in it, and no network need look for any."""

from __future__ import annotations

import numpy as np

# Full scale is 1. One step of 16 bits, the least that most recordings can hold: -90 dB, far below what any
# microphone adds by itself. Encoders leave some 2.6e-5 of nothing at all.
FAINTEST = 2.0**-15


def silent(rows: np.ndarray) -> np.ndarray:
    """Returns which rows hold digital silence alone; rows is (n, samples) float32."""
    if not rows.size:
        return np.ones(len(rows), bool)
    return (rows.max(axis=1) < FAINTEST) & (rows.min(axis=1) > -FAINTEST)
