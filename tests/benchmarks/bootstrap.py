"""Tells a difference from chance: the bootstrap interval of a mean over paired observations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

DRAWS = 10_000


class Interval(NamedTuple):
    """The mean that was found, and between what it would lie on other recordings of the same kind."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


def paired(
    differences: Sequence[float],
    weights: Sequence[float] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Returns the mean of differences, each of one recording, and its percentile bootstrap interval.

    weights  what each counts for, such as its number of words; all the same if left out
    """
    values = np.asarray(differences, dtype=float)
    counts = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    rows = np.random.default_rng(seed).integers(0, len(values), (DRAWS, len(values)))
    means = (values * counts)[rows].sum(axis=1) / counts[rows].sum(axis=1)
    tail = 50 * (1 - confidence)
    low, high = np.percentile(means, (tail, 100 - tail))
    return Interval(float(np.average(values, weights=counts)), float(low), float(high))
