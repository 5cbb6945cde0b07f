"""Pairs rows and columns of a small matrix for the largest sum.

Method: successive shortest paths with potentials (Jonker & Volgenant 1987, doi:10.1007/BF02278710), in a plain loop:
the matrices have a row for each voice, so that scipy, 140 MB when installed, would gain nothing here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def best_pairs(gains: NDArray[np.floating]) -> list[tuple[int, int]]:
    """Returns pairs (row, column), by row: as many as the shorter side has, with the largest sum of gains.

    gains  (rows, columns), finite
    """
    rows, columns = gains.shape
    if rows > columns:
        return sorted((row, column) for column, row in best_pairs(gains.T))
    costs = (-gains).astype(np.float64).tolist()
    row_prices, column_prices = [0.0] * rows, [0.0] * columns
    row_of: list[int | None] = [None] * columns
    for row in range(rows):
        _add_row(row, costs, row_prices, column_prices, row_of)
    return sorted((row, column) for column, row in enumerate(row_of) if row is not None)


def _add_row(
    new: int,
    costs: Sequence[Sequence[float]],
    row_prices: list[float],
    column_prices: list[float],
    row_of: list[int | None],
) -> None:
    """Pairs one more row, moving others along the shortest path to a free column. Changes the last three lists.

    row_prices, column_prices  with these taken off, no cost is below zero, and costs of pairs are zero
    row_of                     the row of each column, None if the column is free
    """
    free = set(range(len(column_prices)))
    distances = dict.fromkeys(free, np.inf)  # of the columns that are not yet reached for good
    before: dict[int, int] = {}  # the row by which each column was reached
    settled: dict[int, float] = {}  # distance of each column that was
    row, travelled = new, 0.0
    while True:
        for column in free:
            reduced = costs[row][column] - row_prices[row] - column_prices[column]
            if travelled + reduced < distances[column]:
                distances[column], before[column] = travelled + reduced, row
        column = min(free, key=distances.__getitem__)
        travelled = distances[column]
        free.remove(column)
        settled[column] = travelled
        paired = row_of[column]
        if paired is None:
            break
        row = paired
    row_prices[new] += travelled
    for reached, distance in settled.items():
        owner = row_of[reached]
        column_prices[reached] -= travelled - distance
        if owner is not None:
            row_prices[owner] += travelled - distance
    while True:  # back along the path
        row = before[column]
        moved = next((held for held, owner in enumerate(row_of) if owner == row), None)
        row_of[column] = row
        if row == new or moved is None:
            return
        column = moved
