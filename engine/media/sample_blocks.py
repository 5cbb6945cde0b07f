"""Cuts a stream of samples into blocks of one length, and repairs damaged samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

LOUDEST = 1e6  # full scale is 1; a sample beyond this is a damaged number


def in_blocks(pieces: Iterable[np.ndarray], length: int) -> Iterator[np.ndarray]:
    """Yields the pieces, (n, channels) each, joined to blocks of `length` samples; the last one may be shorter."""
    waiting: list[np.ndarray] = []
    count = 0
    for piece in pieces:
        waiting.append(piece)
        count += len(piece)
        if count >= length:
            joined = np.concatenate(waiting)
            whole = count // length * length
            for start in range(0, whole, length):
                yield finite(joined[start : start + length])
            waiting, count = [joined[whole:]], count - whole
    if count:
        yield finite(np.concatenate(waiting))


def noted(blocks: Iterable[np.ndarray], note: Callable[[np.ndarray], None]) -> Iterator[np.ndarray]:
    """Yields the blocks, and calls `note` with each."""
    for block in blocks:
        note(block)
        yield block


def finite(samples: np.ndarray) -> np.ndarray:
    """Returns the samples with silence in place of NaN, infinite and absurdly large values."""
    if np.abs(samples).max(initial=0.0) < LOUDEST:  # false for NaN
        return samples
    return np.where(np.abs(samples) < LOUDEST, samples, np.float32(0))
