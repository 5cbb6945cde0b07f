"""Finds where the path between recognised words and a text is certain enough to be settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.text_alignment.matching import Step, TextIndex

ALIKE = 0.8  # similarity of two units that counts here as equal: an ending or a letter may differ
# Weight of equal units in a row that make an anchor: three words, six common ones, or four characters.
RUN = {False: 6.0, True: 4.0}
FAR = 12  # units of the text that were left out; behind more, an anchor needs more evidence
FAR_RUN = 20.0  # weight of equal units among the last ones behind such a jump
FAR_SHARE = 0.7  # share of equal units among these


@dataclass(frozen=True, slots=True)
class Anchor:
    """A run of equal units, by steps of the path.

    first, last  steps, `last` exclusive
    """

    first: int
    last: int


def find_anchors(steps: Sequence[Step], text: TextIndex) -> list[Anchor]:
    """Returns the runs of equal units that are certain, in order."""
    found: list[Anchor] = []
    at = 0
    jumped = False  # whether a jump in the text awaits its evidence
    missing = 0
    while at < len(steps):
        if steps[at].similarity < ALIKE:
            missing = missing + 1 if steps[at].heard is None else 0
            jumped = jumped or missing > FAR
            at += 1
            continue
        end = at
        while end < len(steps) and steps[end].similarity >= ALIKE:
            end += 1
        weight = sum(text.weight(step.text or 0) for step in steps[at:end])
        jumped = jumped and not _has_evidence(steps, at, text)
        if weight >= RUN[text.characters] and not jumped:
            found.append(Anchor(at, end))
        at, missing = end, 0
    return found


def _has_evidence(steps: Sequence[Step], at: int, text: TextIndex) -> bool:
    """Returns whether most units from a step on are equal, until the weight of those that are unique suffices.

    A chorus is no evidence: behind a jump it may be an earlier or a later one.
    """
    weight, equal = 0.0, 0
    for number, step in enumerate(steps[at:], start=1):
        if step.similarity >= ALIKE and step.text is not None:
            weight += text.weight(step.text) if text.is_unique(step.text) else 0.0
            equal += 1
        if weight >= FAR_RUN:
            return equal >= FAR_SHARE * number
    return False
