"""Finds where the path between recognised words and a text is certain enough to be settled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.text_alignment.matching import Step, TextIndex

ALIKE = 0.8  # similarity of two units that counts here as equal: an ending or a letter may differ
# Weight of equal units in a row that make an anchor: three words, six common ones, or four characters.
RUN = {False: 6.0, True: 4.0}
FAR = 12  # units of the text that were left out; behind more, an anchor needs more evidence
# Recognised units since the last anchor that are not the text's; behind more, an anchor needs more evidence too.
ADRIFT = 60
FAR_RUN = 20.0  # weight of unique phrases that are equal behind such a jump
FAR_SHARE = 0.7  # share of equal units up to there, of the share that is usual in the recording


@dataclass(frozen=True, slots=True)
class Anchor:
    """A run of equal units, by steps of the path.

    first, last  steps, `last` exclusive
    """

    first: int
    last: int


def find_anchors(
    steps: Sequence[Step], text: TextIndex, *, adrift: bool = False, usual: float = 1.0
) -> list[Anchor]:
    """Returns the runs of equal units that are certain, in order.

    adrift  whether what was recognised before these steps has no place in the text
    usual   share of equal units in what has been matched before
    """
    found: list[Anchor] = []
    at = 0
    jumped = adrift  # whether a jump in the text, or speech that is not the text's, awaits its evidence
    missing = unlike = 0
    while at < len(steps):
        if steps[at].similarity < ALIKE:
            missing = missing + 1 if steps[at].heard is None else 0
            unlike += steps[at].heard is not None
            jumped = jumped or missing > FAR or unlike > ADRIFT
            at += 1
            continue
        end = at
        while end < len(steps) and steps[end].similarity >= ALIKE:
            end += 1
        weight = sum(text.weight(step.text or 0) for step in steps[at:end])
        jumped = jumped and not _has_evidence(steps, at, text, FAR_SHARE * usual)
        if weight >= RUN[text.characters] and not jumped:
            found.append(Anchor(at, end))
            unlike = 0
        at, missing = end, 0
    return found


def _has_evidence(steps: Sequence[Step], at: int, text: TextIndex, share: float) -> bool:
    """Returns whether this share of units from a step on is equal when the weight of unique phrases suffices."""
    equal, weight = 0, 0.0
    weights = unique_weights(steps[at:], text)
    for number, (step, found) in enumerate(zip(steps[at:], weights, strict=True), start=1):
        equal += step.similarity >= ALIKE
        weight += found
        if weight >= FAR_RUN:
            return equal >= share * number
    return False


def unique_weights(steps: Sequence[Step], text: TextIndex) -> Iterator[float]:
    """Yields for each step by how much it adds to the weight of equal phrases that the text has only once.

    A chorus is no evidence of a place: it may be an earlier or a later one. Nor are single equal words: different
    sentences have words in common, and at the same places if they are built alike.
    """
    begin = counted = 0  # of the equal steps in a row; of the steps whose weight is not counted yet
    for index, step in enumerate(steps):
        if step.similarity < ALIKE:
            begin = index + 1
        first = index + 1 - text.phrase
        if first < begin or not text.begins_unique(steps[first].text or 0):
            yield 0.0
            continue
        yield sum(text.weight(one.text or 0) for one in steps[max(counted, first) : index + 1])
        counted = index + 1
