"""Limits which words the search for the likeliest path considers at each frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.alignment.phonetic.network import Network


@dataclass(frozen=True, eq=False)
class SearchBand:
    """Limits the words of each frame, and weighs at which frames words begin.

    first, last  (frames,) words, `last` exclusive; neither goes back
    entry        (frames, words) log-probability, up to a constant, that a word begins at a frame
    pause        log-probability of a pause between two words
    """

    first: np.ndarray
    last: np.ndarray
    entry: np.ndarray
    pause: float = 0.0

    def __len__(self) -> int:
        return len(self.first)

    def frames(self, network: Network) -> tuple[np.ndarray, np.ndarray]:
        """Returns each phone's first and last possible frame (exclusive), both (phones,)."""
        phones = np.arange(len(network))
        begins = np.searchsorted(network.first[self.last] + 1, phones, "right")
        return begins, np.searchsorted(network.first[self.first], phones, "right")
