"""Measures the loudness of a recording over time, for the page alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from engine.sampling import SAMPLE_RATE
from engine.updates import WAVEFORM_RATE, Waveform

SAMPLES = SAMPLE_RATE // WAVEFORM_RATE  # 320 to a point


class WaveformMeter:
    """Records the peak of each 20 ms of the blocks that pass through."""

    def __init__(self) -> None:
        self._peaks = bytearray()
        self._rest = np.zeros(0, np.float32)

    def tap(self, blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yields the blocks, float32 (n,) or (n, channels) at 16 kHz, unchanged; averages channels."""
        for block in blocks:
            self._add(block if block.ndim == 1 else block.mean(axis=1))
            yield block

    def waveform(self, regions: Sequence[Any]) -> Waveform:
        """Returns the peaks so far, with the `start` and `end` of the speech regions."""
        last = _peaks(self._rest.reshape(1, -1)) if len(self._rest) else b""
        return Waveform(bytes(self._peaks) + last, tuple((region.start, region.end) for region in regions))

    def _add(self, block: np.ndarray) -> None:
        samples = np.concatenate((self._rest, block)) if len(self._rest) else block
        whole = len(samples) // SAMPLES * SAMPLES
        self._peaks += _peaks(samples[:whole].reshape(-1, SAMPLES))
        self._rest = samples[whole:].copy()


def _peaks(rows: np.ndarray) -> bytes:
    return bytes(np.minimum(np.abs(rows).max(axis=1, initial=0.0) * 255, 255).astype(np.uint8).tobytes())
