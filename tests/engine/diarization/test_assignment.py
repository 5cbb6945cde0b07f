"""Pairs of the largest sum, against scipy's."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.optimize import linear_sum_assignment

from engine.diarization.assignment import best_pairs

SMALL = array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=9)
GAINS = st.floats(-100, 100, width=32) | st.integers(-2, 2).map(float)  # the latter give ties


@given(arrays(np.float32, SMALL, elements=GAINS))
def test_the_sum_is_that_of_scipy(gains: np.ndarray) -> None:
    pairs = best_pairs(gains)
    rows, columns = [row for row, _ in pairs], [column for _, column in pairs]
    assert rows == sorted(set(rows)) and len(set(columns)) == len(columns) == min(gains.shape)
    best = gains.astype(float)[linear_sum_assignment(-gains.astype(float))].sum()
    assert np.isclose(sum(float(gains[pair]) for pair in pairs), best, atol=1e-6)


def test_a_pair_of_two_goes_before_the_best_single_one() -> None:
    assert best_pairs(np.array([[9.0, 8.0], [8.0, 1.0]])) == [(0, 1), (1, 0)]
