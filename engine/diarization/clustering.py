"""Finds which vectors are the same voice: agglomerative clustering with limits on the number of voices.

Average linkage: the similarity of two clusters is the mean cosine over all pairs of their vectors. That mean
is the product of the clusters' mean vectors, so that many vectors can be replaced by few means beforehand and
the result stays nearly the same. Thus ten hours take little memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from engine.diarization.parts import Vectors
from engine.diarization.turns import SpeakerCount

Labels = NDArray[np.intp]

BLOCK = 1000  # vectors clustered at once; of more, each block is replaced by means first
ALIKE = 0.25  # similarity above the cut at which vectors of a block are replaced by their mean
LEAST_SECONDS = 3.0  # of speech that make a speaker
LEAST_SHARE = 0.25  # of all speech that make a speaker in any case


@dataclass(frozen=True, slots=True)
class Clusters:
    """Speakers among vectors.

    centroids  (speakers, 192) of length 1
    seconds    (speakers,) of speech
    """

    centroids: Vectors
    seconds: NDArray[np.float64]

    @property
    def number(self) -> int:
        return len(self.centroids)

    def similarities(self, vectors: Vectors) -> NDArray[np.float32]:
        """Returns the cosine (n, speakers) of vectors (n, 192) to each speaker."""
        return vectors @ self.centroids.T


class Tree:
    """The order in which average linkage joins vectors, from each alone to all in one cluster."""

    def __init__(self, means: Vectors, weights: NDArray[np.float64]) -> None:
        """Builds the tree.

        means    (n, 192), each the mean of unit vectors
        weights  (n,) how many vectors each mean stands for
        """
        self._size = len(means)
        self._joins: list[tuple[int, int]] = []
        self._heights: list[float] = []
        similar = (means @ means.T).astype(np.float32)
        np.fill_diagonal(similar, -np.inf)
        weights = weights.astype(np.float64).copy()
        nearest = similar.argmax(1)
        best = similar[np.arange(self._size), nearest]
        for _ in range(self._size - 1):
            one = int(best.argmax())
            other = int(nearest[one])
            self._joins.append((one, other))
            self._heights.append(float(best[one]))
            share = weights[one] / (weights[one] + weights[other])
            joined = share * similar[one] + (1 - share) * similar[other]
            joined[[one, other]] = -np.inf
            similar[one] = similar[:, one] = joined
            similar[other] = similar[:, other] = -np.inf
            weights[one] += weights[other]
            best[other] = -np.inf
            stale = np.flatnonzero((nearest == one) | (nearest == other))
            stale = np.append(stale[best[stale] > -np.inf], one)
            nearest[stale] = similar[stale].argmax(1)
            best[stale] = similar[stale, nearest[stale]]

    def joins_above(self, similarity: float) -> int:
        """Returns how many joins are of clusters at least that similar."""
        return int(np.count_nonzero(np.asarray(self._heights) >= similarity))

    def labels(self, joins: int) -> Labels:
        """Returns each vector's cluster after a number of joins, numbered from 0."""
        parent = np.arange(self._size)
        for one, other in self._joins[:joins][::-1]:
            parent[other] = one
        # Clusters keep the number of the vector that they began with, which is joined last.
        while (parent != parent[parent]).any():
            parent = parent[parent]
        return np.unique(parent, return_inverse=True)[1]

    def joins_for(self, number: int, seconds: NDArray[np.float64], least: float) -> int:
        """Returns the most joins that leave a number of clusters of at least `least` seconds.

        If no cut leaves exactly that many, the nearest number is taken.
        """
        held = seconds.astype(np.float64).copy()
        before: list[tuple[float, float]] = []
        for one, other in self._joins:
            before.append((held[one], held[other]))
            held[one] += held[other]
        large = int(held[0 if not self._joins else self._joins[-1][0]] >= least)
        best, best_joins = abs(large - number), len(self._joins)
        for joins in range(len(self._joins) - 1, -1, -1):
            parts = before[joins]
            large += sum(part >= least for part in parts) - int(sum(parts) >= least)
            if abs(large - number) < best:
                best, best_joins = abs(large - number), joins
            if large >= number:
                break
        return best_joins


def find_speakers(
    vectors: Vectors, seconds: NDArray[np.float64], cut: float, count: SpeakerCount
) -> Clusters:
    """Clusters vectors (n, 192) of length 1, each of some seconds of speech, n at least 1.

    cut    similarity above which clusters are one speaker
    count  limits on the number of speakers
    """
    groups = _prepare(vectors, cut)
    means, weights = _means(vectors, groups)
    held = np.bincount(groups, seconds).astype(np.float64)
    least = min(LEAST_SECONDS, LEAST_SHARE * float(seconds.sum()))
    tree = Tree(means, weights)
    joins = tree.joins_above(cut)
    number = int((np.bincount(tree.labels(joins), held) >= least).sum())
    wanted = count.clamp(number)
    if wanted != number:
        joins = tree.joins_for(wanted, held, least)
    labels = tree.labels(joins)[groups]
    return _centroids(vectors, seconds, labels, least, max(wanted, 1))


def _centroids(
    vectors: Vectors, seconds: NDArray[np.float64], labels: Labels, least: float, most: int
) -> Clusters:
    """Returns the largest clusters' centroids after one step of k-means over all vectors."""
    held = np.bincount(labels, seconds)
    large = np.flatnonzero(held >= least)
    if not len(large):
        large = np.array([held.argmax()])
    large = large[np.argsort(-held[large], kind="stable")][:most]
    weighted = vectors * seconds[:, None].astype(np.float32)
    first = _unit(np.stack([weighted[labels == label].sum(0) for label in large]))
    nearest = (vectors @ first.T).argmax(1)
    sums = np.stack([weighted[nearest == label].sum(0) for label in range(len(first))])
    centroids = np.where(np.linalg.norm(sums, axis=1, keepdims=True) > 0, _unit(sums), first)
    return Clusters(centroids, np.bincount(nearest, seconds, minlength=len(first)).astype(np.float64))


def _prepare(vectors: Vectors, cut: float) -> Labels:
    """Returns groups of vectors that are one voice beyond doubt; each vector alone if they are few."""
    if len(vectors) <= 2 * BLOCK:
        return np.arange(len(vectors))
    groups = np.empty(len(vectors), np.intp)
    used = 0
    for start in range(0, len(vectors), BLOCK):
        part = vectors[start : start + BLOCK]
        tree = Tree(part, np.ones(len(part)))
        labels = tree.labels(tree.joins_above(cut + ALIKE))
        groups[start : start + BLOCK] = used + labels
        used += int(labels.max()) + 1
    return groups


def _means(vectors: Vectors, groups: Labels) -> tuple[Vectors, NDArray[np.float64]]:
    weights = np.bincount(groups).astype(np.float64)
    means = np.zeros((len(weights), vectors.shape[1]), np.float32)
    np.add.at(means, groups, vectors)
    means /= weights[:, None].astype(np.float32)
    return means, weights


def assign_apart(similarities: NDArray[np.float32]) -> Labels:
    """Returns a speaker for each of some voices (voices, speakers), no two the same if there are enough."""
    chosen = similarities.argmax(1)
    if len(chosen) > 1 and similarities.shape[1] > 1:
        voices, speakers = linear_sum_assignment(-similarities)
        chosen[voices] = speakers
    return chosen


def _unit(vectors: Vectors) -> Vectors:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
