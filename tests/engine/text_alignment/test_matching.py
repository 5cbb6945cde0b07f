"""Matching of recognised words with a text: what is certain, what was left out, and which chorus it is."""

from __future__ import annotations

import pytest

from engine.text_alignment.anchors import find_anchors
from engine.text_alignment.matching import Step, TextIndex, match

VERSES = (
    "the miller went down to the river at dawn with seven empty baskets",
    "a stranger came over the mountain and asked for bread and lantern oil",
    "when winter had covered the orchard nobody remembered his foreign name",
)
CHORUS = "sing loud and sing long till the morning bells are ringing"


def paths(heard: str, text: str) -> list[Step]:
    return match(heard.split(), TextIndex(text.split(), False), 0)


def equal(steps: list[Step]) -> list[tuple[int, int]]:
    """Returns the pairs of equal units."""
    return [
        (step.heard, step.text)
        for step in steps
        if step.heard is not None and step.text is not None and step.similarity == 1
    ]


def test_every_recognised_unit_is_in_the_path_once_and_in_order() -> None:
    steps = paths(VERSES[1], " ".join(VERSES))
    assert [step.heard for step in steps if step.heard is not None] == list(range(len(VERSES[1].split())))
    places = [step.text for step in steps if step.text is not None]
    assert places == list(range(len(places)))


def test_a_missing_chapter_costs_no_more_than_a_missing_paragraph() -> None:
    lost = " ".join(f"word{number}" for number in range(2500))
    steps = paths(f"{VERSES[0]} {VERSES[2]}", f"{VERSES[0]} {lost} {VERSES[2]}")
    assert len(equal(steps)) == len(f"{VERSES[0]} {VERSES[2]}".split())


def test_what_the_text_lacks_does_not_draw_other_words_to_it() -> None:
    steps = paths(f"{VERSES[0]} {VERSES[1]} {VERSES[2]}", f"{VERSES[0]} {VERSES[2]}")
    first = len(VERSES[0].split())
    second = first + len(VERSES[1].split())
    assert not [pair for pair in equal(steps) if first <= pair[0] < second]


def test_a_chorus_goes_to_its_own_place() -> None:
    text = f"{VERSES[0]} {CHORUS} {VERSES[1]} {CHORUS} {VERSES[2]} {CHORUS}"
    words = text.split()
    steps = paths(text, text)
    assert equal(steps) == [(index, index) for index in range(len(words))]


def test_a_chorus_alone_does_not_prove_that_a_verse_was_left_out() -> None:
    text = TextIndex(f"{VERSES[0]} {CHORUS} {VERSES[1]} {VERSES[2]} {CHORUS} {VERSES[0]}".split(), False)
    repeated = Step(None, 0)
    chorus = range(len(VERSES[0].split()), len(f"{VERSES[0]} {CHORUS}".split()))
    steps = [repeated] * 30 + [Step(index, place, 1.0) for index, place in enumerate(chorus)]
    assert find_anchors(steps, text) == []


def test_three_words_in_a_row_are_an_anchor_and_two_are_none() -> None:
    text = TextIndex(" ".join(VERSES).split(), False)
    assert find_anchors([Step(0, 3, 1.0), Step(1, 4, 0.0), Step(2, 8, 1.0)], text) == []
    (anchor,) = find_anchors([Step(index, 8 + index, 1.0) for index in range(4)], text)
    assert (anchor.first, anchor.last) == (0, 4)


@pytest.mark.parametrize("length", [0, 1, 5000])
def test_any_length_has_a_path(length: int) -> None:
    steps = match(["one", "two"], TextIndex([f"w{number}" for number in range(length)], False), 0)
    assert [step.heard for step in steps if step.heard is not None] == [0, 1]
