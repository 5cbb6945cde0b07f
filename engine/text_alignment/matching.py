"""Matches recognised words with a text by edit distance, from a place in the text onward.

Both are sequences of units: bare words, or characters in languages without spaces. A stretch of the text may be
left out at a fixed price, however long it is, so that a missing chapter costs no more than a missing paragraph.
Rows of the dynamic program are numpy vectors over the text: 100 words against 5000 take about 10 ms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

MISMATCH = -1.0  # two different units
EXTRA = 0.4  # a recognised unit that the text lacks
# The first of several in a row, besides. Without it, the words of a paragraph are found one by one, in order, in
# minutes of other speech.
EXTRA_RUN = 2.0
MISSING = 0.8  # a unit of the text that was not recognised
JUMP = 12.0  # at most for a stretch of the text that was not recognised; some six matches outweigh it
LEAST_SIMILAR = 0.6  # share of equal letters below which two words are simply different
SAME = 0.99  # similarity of equal units
WEIGHT, COMMON_WEIGHT = 2.0, 1.0  # of a match: of most words, and of those that are everywhere
COMMON = 0.01  # share of the text that makes a word common
# Units in a row that make a phrase, which is unique or repeated like a chorus.
NGRAM = {False: 4, True: 8}
ROUNDING = 0.01  # by which two equal scores may differ: the slope of a long text takes up float32's digits
# Units of the text that are compared: as many, and more for each recognised unit.
HORIZON, PER_UNIT = 4000, 4


@dataclass(frozen=True, slots=True)
class Step:
    """One step along both sequences.

    heard, text  index of the unit; None if the other sequence has no counterpart
    similarity   of the two units, 0 to 1; 0 if one is missing
    """

    heard: int | None
    text: int | None
    similarity: float = 0.0


class TextIndex:
    """Holds the units of a text as numbers, to compare recognised units with all of them at once."""

    def __init__(self, units: Sequence[str], characters: bool) -> None:
        """`characters` says whether units are single characters, which are equal or not."""
        counts = Counter(units)
        self._vocabulary = list(counts)
        numbers = {unit: number for number, unit in enumerate(self._vocabulary)}
        self._numbers = numbers
        self._ids = np.array([numbers[unit] for unit in units], np.int32)
        common = max(2, COMMON * len(units))
        self._weights = np.array(
            [COMMON_WEIGHT if characters or counts[unit] > common else WEIGHT for unit in self._vocabulary],
            np.float32,
        )
        self.characters = characters
        self.phrase = NGRAM[characters]
        self._unique = _unique_phrases(self._ids, self.phrase)
        self._known: dict[str, tuple[np.ndarray, np.ndarray]] = {}  # unit -> numbers and their similarities

    def __len__(self) -> int:
        return len(self._ids)

    def weight(self, index: int) -> float:
        """Returns what a match of a unit of the text is worth."""
        return float(self._weights[self._ids[index]])

    def begins_unique(self, index: int) -> bool:
        """Returns whether the phrase of `phrase` units that begins at a unit of the text occurs once in it."""
        return bool(self._unique[index])

    def similar(self, unit: str, first: int, last: int) -> np.ndarray:
        """Returns the similarity of a unit with each of the text's from `first` to `last`, (n,) float32."""
        if not len(self._ids):
            return np.zeros(0, np.float32)
        table = np.zeros(len(self._vocabulary), np.float32)
        numbers, similarities = self._similar(unit)
        table[numbers] = similarities
        return table[self._ids[first:last]]

    def rewards(self, similarity: np.ndarray, first: int) -> np.ndarray:
        """Returns what it is worth to match units of these similarities, (n,) float32."""
        weights = self._weights[self._ids[first : first + len(similarity)]]
        return np.where(similarity > 0, weights * (2 * similarity - 1), MISMATCH).astype(np.float32)

    def _similar(self, unit: str) -> tuple[np.ndarray, np.ndarray]:
        if unit not in self._known:
            self._known[unit] = self._compare(unit)
        return self._known[unit]

    def _compare(self, unit: str) -> tuple[np.ndarray, np.ndarray]:
        if self.characters:
            number = self._numbers.get(unit)
            found = [] if number is None else [number]
            return np.array(found, np.int32), np.ones(len(found), np.float32)
        scores = process.cdist(
            [unit],
            self._vocabulary,
            scorer=Levenshtein.normalized_similarity,
            score_cutoff=LEAST_SIMILAR,
            dtype=np.float32,
        )[0]
        numbers = np.flatnonzero(scores)
        return numbers, scores[numbers]


def _unique_phrases(ids: np.ndarray, length: int) -> np.ndarray:
    """Returns whether the phrase of so many units that begins at each unit occurs once, (n,) bool."""
    phrases = [tuple(ids[at : at + length].tolist()) for at in range(len(ids) - length + 1)]
    counts = Counter(phrases)
    unique = np.zeros(len(ids), bool)
    unique[: len(phrases)] = [counts[phrase] == 1 for phrase in phrases]
    return unique


def match(heard: Sequence[str], text: TextIndex, cursor: int) -> list[Step]:
    """Returns the best path through all recognised units, from a place in the text to wherever it ends.

    cursor  index of the first unit of the text that is not settled yet
    """
    width = min(len(text) - cursor, HORIZON + PER_UNIT * len(heard))
    last = cursor + width
    similarities = [text.similar(unit, cursor, last) for unit in heard]
    # best[i, j]: i recognised units and j of the text are behind; before and after units may be left out.
    before = np.full((len(heard) + 1, width + 1), -np.inf, np.float32)
    before[0, 0] = 0.0
    best = np.empty_like(before)
    best[0] = _with_skips(before[0])
    extra = np.full(
        width + 1, -np.inf, np.float32
    )  # the best if the last recognised unit is lacking in the text
    choices = _Choices(np.empty(before.shape, bool), np.empty(before.shape, bool))
    for index, similarity in enumerate(similarities, start=1):
        opened, continued = best[index - 1] - (EXTRA + EXTRA_RUN), extra - EXTRA
        extra = np.maximum(opened, continued)
        before[index, 1:] = best[index - 1, :-1] + text.rewards(similarity, cursor)
        choices.is_extra[index] = extra >= before[index]
        choices.continues[index] = continued > opened
        np.maximum(before[index], extra, out=before[index])
        best[index] = _with_skips(before[index])
    return _traced(before, best, choices, similarities, cursor=cursor)


@dataclass(frozen=True, slots=True)
class _Choices:
    """How the best came about, (recognised units + 1, places + 1) bool.

    is_extra   the last recognised unit is lacking in the text
    continues  if it is, the one before it is lacking too, at the same place
    """

    is_extra: np.ndarray
    continues: np.ndarray


def _with_skips(scores: np.ndarray) -> np.ndarray:
    """Returns the best score at each place of the text if units before it may be left out."""
    slope = MISSING * np.arange(len(scores), dtype=np.float32)
    near = np.maximum.accumulate(scores + slope) - slope
    far = np.maximum.accumulate(scores) - JUMP
    return np.maximum(scores, np.maximum(near, far))


def _traced(
    before: np.ndarray,
    best: np.ndarray,
    choices: _Choices,
    similarities: Sequence[np.ndarray],
    *,
    cursor: int,
) -> list[Step]:
    """Follows the choices back from the best end."""
    steps: list[Step] = []
    index, place = len(similarities), int(before[-1].argmax())
    in_extra = False
    while index or place:
        if not in_extra:
            skipped = _skipped(before[index], best[index, place], place)
            steps += [Step(None, cursor + at) for at in range(place - 1, skipped - 1, -1)]
            place = skipped
        if not index:
            break
        if in_extra or choices.is_extra[index, place]:
            steps.append(Step(index - 1, None))
            in_extra = bool(choices.continues[index, place])
        else:
            similarity = float(similarities[index - 1][place - 1])
            steps.append(Step(index - 1, cursor + place - 1, similarity))
            place -= 1
        index -= 1
    return steps[::-1]


def _skipped(scores: np.ndarray, reached: float, place: int) -> int:
    """Returns the place from which units of the text were left out to come to a place."""
    if scores[place] >= reached - ROUNDING:
        return place
    ahead = place - np.arange(place)
    costs = np.minimum(MISSING * ahead, JUMP).astype(np.float32)
    return int((scores[:place] - costs).argmax())
