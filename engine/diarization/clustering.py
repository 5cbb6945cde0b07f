"""Finds which vectors are the same voice: agglomerative clustering with limits on the number of voices.

Average linkage: the similarity of two clusters is the mean cosine over all pairs of their vectors. That mean
is the product of the clusters' mean vectors, so that many vectors can be replaced by few means beforehand and
the result stays nearly the same. Thus ten hours take little memory.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.diarization.assignment import best_pairs
from engine.diarization.parts import Vectors
from engine.diarization.turns import SpeakerCount

Labels = NDArray[np.intp]

BLOCK = 1000  # vectors clustered at once; of more, each block is replaced by means first
ALIKE = 0.25  # similarity above the cut at which vectors of a block are replaced by their mean
LEAST_SECONDS = 2.0  # of speech that make a speaker
LEAST_SHARE = 0.25  # of all speech that make a speaker in any case
# Similarity between two clusters, as a share of that within them, from which they are one voice. Echo and noise lower
# both, so that the share tells more than the similarity. With what others have in common taken away, 0.58 and 0.62 were
# equal on `--tune`; the higher one keeps two women under noise apart.
ALIKE_SHARE = 0.62
# The same below which two clusters stay apart, though they are more alike than the cut: their voices resemble each
# other, and yet each resembles itself far more. Of two vectors at least, since one resembles itself in any case.
APART_SHARE = 0.55
LEAST_VECTORS = 2
# Clusters that the common part of all others is shrunk by: of few others it is hardly common to voices in general.
# 1 and 3 were equal on `--tune`.
COHORT = 3.0
LEAST_WITHIN = 0.05  # similarity within a cluster, which may be near 0 by chance


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

    def labels(self, joins: int, undone: Collection[int] = ()) -> Labels:
        """Returns each vector's cluster after a number of joins but for some, numbered from 0."""
        parent = np.arange(self._size)
        for index in range(joins - 1, -1, -1):
            one, other = self._joins[index]
            if index not in undone:
                parent[other] = one
        # Clusters keep the number of the vector that they began with, which is joined last.
        while (parent != parent[parent]).any():
            parent = parent[parent]
        return np.unique(parent, return_inverse=True)[1]

    def joins_of_two(
        self,
        joins: int,
        sums: NDArray[np.float64],
        sizes: NDArray[np.intp],
        held: NDArray[np.float64],
        least: float,
    ) -> set[int]:
        """Returns which of the first joins made one of two voices.

        sums   (n, 192) of the unit vectors behind each of the tree's
        sizes  (n,) how many these are
        held   (kinds, n) of speech, in seconds as in `find_speakers`
        least  seconds of speech that a voice has
        """
        sums, sizes, held = sums.copy(), sizes.copy(), held.copy()
        found = set()
        for index, (one, other) in enumerate(self._joins[:joins]):
            both = [one, other]
            is_large = held[:, both].max(0).min() >= least and sizes[both].min() >= LEAST_VECTORS
            if is_large and _shares(sums[both], sizes[both])[0, 1] < APART_SHARE:
                found.add(index)
            sums[one] += sums[other]
            sizes[one] += sizes[other]
            held[:, one] += held[:, other]
        return found

    def joins_for(self, number: int, seconds: NDArray[np.float64], least: float) -> int:
        """Returns the most joins that leave a number of clusters of at least `least` seconds.

        If no cut leaves exactly that many, the nearest number is taken.

        seconds  (kinds, n) as in `find_speakers`
        """
        held = seconds.astype(np.float64).copy()
        before: list[tuple[float, float, float]] = []  # seconds of both clusters and of what they make
        for one, other in self._joins:
            both = held[:, one] + held[:, other]
            before.append((held[:, one].max(), held[:, other].max(), both.max()))
            held[:, one] = both
        large = int(held[:, 0 if not self._joins else self._joins[-1][0]].max() >= least)
        best, best_joins = abs(large - number), len(self._joins)
        for joins in range(len(self._joins) - 1, -1, -1):
            *parts, made = before[joins]
            large += sum(part >= least for part in parts) - int(made >= least)
            if abs(large - number) < best:
                best, best_joins = abs(large - number), joins
            if large >= number:
                break
        return best_joins


def find_speakers(
    vectors: Vectors, seconds: NDArray[np.float64], cut: float, count: SpeakerCount
) -> Clusters:
    """Clusters vectors (n, 192) of length 1, n at least 1.

    seconds  (kinds, n) of speech behind each vector, which is of one kind. Kinds hear the same speech, so that a
             cluster has as many seconds as the kind that heard most of it
    cut      similarity above which clusters are one speaker
    count    limits on the number of speakers
    """
    groups = _prepare(vectors, cut)
    means, weights = _means(vectors, groups)
    least = min(LEAST_SECONDS, LEAST_SHARE * float(seconds.sum(1).max()))
    tree = Tree(means, weights)
    by_group = np.stack([np.bincount(groups, kind).astype(np.float64) for kind in seconds])
    joins = tree.joins_above(cut)
    sums = means * weights[:, None]
    of_two = tree.joins_of_two(joins, sums, weights.astype(np.intp), by_group, least)
    labels = tree.labels(joins, of_two)[groups]
    if (_held(seconds, labels) >= least).sum() < count.minimum:
        labels = tree.labels(tree.joins_for(count.minimum, by_group, least))[groups]
    labels = _merge_alike(vectors, seconds, labels, least=least, count=count)
    return _centroids(vectors, seconds, labels, least=least, most=count.maximum)


def _held(seconds: NDArray[np.float64], labels: Labels) -> NDArray[np.float64]:
    """Returns the seconds of each cluster."""
    return np.max([np.bincount(labels, kind) for kind in seconds], axis=0)


def _merge_alike(
    vectors: Vectors, seconds: NDArray[np.float64], labels: Labels, least: float, count: SpeakerCount
) -> Labels:
    """Returns the labels with large clusters joined that are one voice, or more than there may be."""
    labels = labels.copy()
    large = np.flatnonzero(_held(seconds, labels) >= least).tolist()
    sums = {label: vectors[labels == label].sum(0, dtype=np.float64) for label in large}
    sizes = {label: int((labels == label).sum()) for label in large}
    while len(large) > count.minimum:
        shares = _shares(
            np.stack([sums[label] for label in large]), np.array([sizes[label] for label in large])
        )
        one, other = divmod(int(shares.argmax()), len(large))
        if shares[one, other] < ALIKE_SHARE:
            if len(large) == count.clamp(len(large)):
                break
            # They are all apart. Whoever spoke least is joined to the likest, which gave more words than joining the
            # two that are likest.
            one = int(_held(seconds, labels)[large].argmin())
            other = int(shares[one].argmax())
        kept, joined = large[one], large.pop(other)
        labels[labels == joined] = kept
        sums[kept] += sums[joined]
        sizes[kept] += sizes[joined]
    return labels


def _shares(sums: NDArray[np.float64], sizes: NDArray[np.intp]) -> NDArray[np.float64]:
    """Returns the mean cosine between each two clusters, as a share of the mean cosine within them.

    What the other clusters have in common is taken away before, the more of it the more there are.

    sums   (clusters, 192) of their unit vectors
    sizes  (clusters,) number of vectors; of a single one, the similarity within is taken to be 1
    """
    means = sums / sizes[:, None]
    pairs = np.maximum(sizes * (sizes - 1), 1)
    within = np.where(sizes > 1, ((sums**2).sum(1) - sizes) / pairs, 1.0)
    between = means @ means.T
    own, to_all = between.diagonal(), between.sum(1)
    weight = 1.0 / (len(sums) - 2 + COHORT)
    # `common` is the weighted sum of the other clusters' means; `along` is its product with a cluster's mean.
    along = weight * (to_all - own - between.T).T
    common = weight**2 * (to_all.sum() + own[:, None] + own + 2 * between - 2 * to_all[:, None] - 2 * to_all)
    left = np.maximum(within[:, None] - 2 * along + common, LEAST_WITHIN)
    shares = (between - along - along.T + common) / np.sqrt(left * left.T)
    np.fill_diagonal(shares, -1.0)
    return shares


def _centroids(
    vectors: Vectors, seconds: NDArray[np.float64], labels: Labels, least: float, most: int | None
) -> Clusters:
    """Returns the largest clusters' centroids after one step of k-means over all vectors."""
    held = _held(seconds, labels)
    large = np.flatnonzero(held >= least)
    if not len(large):
        large = np.array([held.argmax()])
    large = large[np.argsort(-held[large], kind="stable")][:most]
    weights = seconds.sum(0)
    weighted = vectors * weights[:, None].astype(np.float32)
    first = _unit(np.stack([weighted[labels == label].sum(0) for label in large]))
    nearest = (vectors @ first.T).argmax(1)
    sums = np.stack([weighted[nearest == label].sum(0) for label in range(len(first))])
    centroids = np.where(np.linalg.norm(sums, axis=1, keepdims=True) > 0, _unit(sums), first)
    return Clusters(centroids, np.bincount(nearest, weights, minlength=len(first)).astype(np.float64))


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
        for voice, speaker in best_pairs(similarities):
            chosen[voice] = speaker
    return chosen


def _unit(vectors: Vectors) -> Vectors:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
