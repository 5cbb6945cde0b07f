"""Keeps speaker numbers for the same voices while the clusters change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.diarization.assignment import best_pairs
from engine.diarization.clustering import Clusters
from engine.diarization.parts import Span, Vectors

SAME = 0.4  # cosine of an old and a new centroid from which they can be one voice
MOST = 0.5  # share of an old speaker's time that a new cluster must hold to take its number over


class SpeakerNumbers:
    """Gives each cluster a number; a number that was given to one voice is given to no other."""

    def __init__(self) -> None:
        self._next = 0
        self._centroids: Vectors | None = None
        self._numbers: list[int] = []
        self._spans: Sequence[Span] = ()

    def carry(self, clusters: Clusters, spans: Sequence[Span]) -> list[int]:
        """Returns the number of each cluster, by what the last clusters called the same voices.

        Clusters take over the number of the old cluster that shares most time, if their centroids are alike. The
        number of an old cluster goes nowhere but to the one that holds most of it, for a reader may have named it.
        A cluster that holds most of several old ones takes the oldest number. Further clusters get new numbers in
        the order in which they begin to speak.
        """
        order = list(dict.fromkeys(speaker for span in spans for speaker in span.speakers))
        order += [cluster for cluster in range(clusters.number) if cluster not in order]
        numbers: dict[int, int] = {}
        if self._centroids is not None:
            shared = shared_seconds(self._spans, spans, len(self._numbers), clusters.number)
            heirs = shared.argmax(1)[:, None] == np.arange(clusters.number)
            alike = self._centroids @ clusters.centroids.T >= SAME
            shared = np.where(alike, shared, 0.0)
            inherited = np.where(heirs, shared, 0.0)
            for old, new in best_pairs(inherited):
                if inherited[old, new] > 0:
                    numbers[new] = self._numbers[old]
            self._prefer_oldest(numbers, shared)
        for new in order:
            if new not in numbers:
                numbers[new] = self._next
                self._next += 1
        self._centroids = clusters.centroids
        self._numbers = [numbers[cluster] for cluster in range(clusters.number)]
        self._spans = spans
        return self._numbers

    def _prefer_oldest(self, numbers: dict[int, int], shared: NDArray[np.float64]) -> None:
        totals = np.maximum(shared.sum(1), 1e-9)
        for new in list(numbers):
            held = [self._numbers[old] for old in range(len(totals)) if shared[old, new] / totals[old] > MOST]
            free = [number for number in held if number not in numbers.values()]
            numbers[new] = min([numbers[new], *free])


def shared_seconds(
    one: Sequence[Span], other: Sequence[Span], size: int, other_size: int
) -> NDArray[np.float64]:
    """Returns (size, other_size): for how long each speaker of one labelling is each of another.

    Of overlapping speech the first speaker counts.
    """
    shared = np.zeros((size, other_size))
    if not one or not other:
        return shared
    starts, ends, speakers = _arrays(one)
    starts_, ends_, speakers_ = _arrays(other)
    edges = np.unique(np.concatenate([starts, ends, starts_, ends_]))
    middles = (edges[1:] + edges[:-1]) / 2
    first = np.searchsorted(starts, middles, "right") - 1
    second = np.searchsorted(starts_, middles, "right") - 1
    both = (first >= 0) & (second >= 0) & (middles < ends[first]) & (middles < ends_[second])
    np.add.at(shared, (speakers[first[both]], speakers_[second[both]]), np.diff(edges)[both])
    return shared


def _arrays(spans: Sequence[Span]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    return (
        np.array([span.start for span in spans]),
        np.array([span.end for span in spans]),
        np.array([span.speakers[0] for span in spans], np.intp),
    )
