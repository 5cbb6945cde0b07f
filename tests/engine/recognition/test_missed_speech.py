"""Finds speech that the words of a window leave out, and puts in words that were found there."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from engine.recognition.decoding import DecodedWord
from engine.recognition.hole import Hole
from engine.recognition.hole_filling import fill_hole
from engine.recognition.missed_speech import cut_span, find_holes, may_hold_words

SPEECH = [(0.0, 10.0)]
SPAN = (3.0, 6.0)


def said(text: str, start: float, end: float) -> DecodedWord:
    return DecodedWord(text, start, end, 0.9, -0.1, 1)


def hole(first: int, last: int, start: float = 3.0, end: float = 6.0) -> Hole:
    return Hole(first, last, start, end, (start - 0.2, start), (end, end + 0.2))


BESIDE = [said(" One", 0, 1), said(" two.", 1, 2), said(" Five", 2, 7), said(" six.", 7, 8)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([said(" one.", 0, 1), said(" Two", 1, 10)], [(1.2, 9.35, 1, 1)]),  # stretched from behind
        (
            [said(" one", 0, 0.5), said(" two", 0.5, 9), said(" three", 9, 9.8)],
            [(1.15, 8.8, 2, 2)],
        ),  # or from before
        ([said(" one", 0, 0.6), said(" two", 1.2, 1.7), said(" three", 1.9, 9.8)], [(2.75, 10, 3, 3)]),
        # Words that are strewn in a hole lie between; a word of likely length parts two holes.
        (
            [said(" one.", 0, 1), said(" Two", 1, 5), said(" three", 5, 9), said(" four", 9, 9.7)],
            [(1.2, 8.8, 1, 3)],
        ),
        ([said(" one.", 0, 1), said(" two", 3, 3.4), said(" three", 9, 9.8)], [(3.6, 8.8, 2, 2)]),
        ([], [(0, 10, 0, 0)]),
    ],
)
def test_holes_lie_between_words_that_may_be_stretched(
    words: list[DecodedWord], expected: list[tuple[float, float, int, int]]
) -> None:
    found = find_holes(SPEECH, words, 10, 0.6)
    assert [(each.first, each.last) for each in found] == [(first, last) for *_, first, last in expected]
    assert [(each.start, each.end) for each in found] == [pytest.approx(span) for *span, _, _ in expected]


def test_a_breath_is_no_hole() -> None:
    words = [said(" one", 0, 0.6), said(" two", 1.4, 2), said(" three", 2.9, 3.5)]
    assert find_holes([(0.0, 3.5)], words, 3.5, 0.6) == []


def test_a_hole_is_cut_where_it_is_quiet() -> None:
    features = np.ones((80, 1000), np.float32)
    features[:, [290, 615]] = -1.0
    assert cut_span(hole(0, 0), features, 8.0) == pytest.approx((2.9, 6.15), abs=0.03)
    assert cut_span(Hole(0, 0, 3.0, 9.0, (2.8, 3.0), (9.0, 9.2)), features, 4.0) == pytest.approx(
        (2.9, 6.15), abs=0.03
    )


@pytest.mark.parametrize(
    ("change", "end", "expected"),
    [
        (0.05, 4.0, False),  # 2 dB: a filler, a breath or noise
        (0.12, 4.0, True),
        (0.05, 5.5, True),  # no filler lasts so long
    ],
)
def test_a_short_hole_of_an_even_level_holds_no_words(change: float, end: float, expected: bool) -> None:
    steps = np.arange(1000) // 8 % 2  # another level every 80 ms
    features = np.tile(steps * change, (80, 1)).astype(np.float32)
    assert may_hold_words(hole(0, 0, 3.0, end), features) is expected


def test_what_is_found_comes_between_its_neighbours() -> None:
    filled = fill_hole(BESIDE, hole(2, 2), SPAN, [said(" Three", 0, 1), said(" four.", 1, 2)])
    assert filled is not None
    assert "".join(word.text for word in filled) == " One two. Three four. Five six."
    assert all(one.end <= two.start for one, two in pairwise(filled))
    assert filled[2].start == 3.0 and filled[4].start == 6.0


def test_a_neighbour_that_is_heard_again_is_written_once() -> None:
    filled = fill_hole(
        BESIDE, hole(2, 2), SPAN, [said(" Two.", 0, 1), said(" Three", 1, 2), said(" five", 2, 3)]
    )
    assert filled is not None
    assert "".join(word.text for word in filled) == " One two. Three Five six."


def test_only_a_longer_text_replaces_words_that_are_strewn_in_a_hole() -> None:
    strewn = [said(" One.", 0, 1), said(" Alright,", 3, 4), said(" thanks.", 5, 6)]
    assert (
        fill_hole(
            strewn, hole(1, 3), SPAN, [said(" All", 0, 1), said(" right,", 1, 2), said(" thanks", 2, 3)]
        )
        is None
    )
    longer = [said(" Alright,", 0, 1), said(" thanks", 1, 2), said(" for everything.", 2, 3)]
    filled = fill_hole(strewn, hole(1, 3), SPAN, longer)
    assert filled is not None and filled[1:] == [
        said(" Alright,", 3, 4),
        said(" thanks", 4, 5),
        said(" for everything.", 5, 6),
    ]


def test_a_short_hole_is_not_filled_with_the_text_beside_it() -> None:
    again = [said(" Five", 0, 0.5), said(" six", 0.5, 1)]
    assert fill_hole(BESIDE, hole(2, 2, 3.0, 4.5), (3.0, 4.5), again) is None
    assert fill_hole(BESIDE, hole(2, 2), SPAN, again) is not None  # who is given so long has said it twice
