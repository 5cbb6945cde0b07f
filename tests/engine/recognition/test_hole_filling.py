"""Words that attention puts before a hole, though they were said behind it, hide nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from engine.recognition.decoding import DecodedWord
from engine.recognition.hole import Hole
from engine.recognition.hole_filling import (
    fill_hole,
    find_misplaced,
    hole_before,
    put_behind,
    with_beginning_behind,
)
from engine.recognition.missed_speech import find_holes

LEAST = 0.6  # seconds
# Between the sentences, from 1.2 to 4.6 s, another person spoke. "In the" belongs to the second one.
SPEECH = [(0.0, 6.0)]
WORDS = [
    ("He", 0.0, 0.3),
    ("came.", 0.3, 1.2),
    ("In", 1.3, 1.6),
    ("summer", 1.6, 5.4),
    ("it", 5.4, 5.6),
    ("rains.", 5.6, 6.0),
]


def said(text: str, start: float, end: float, logprob: float = -0.1) -> DecodedWord:
    return DecodedWord(f" {text}", start, end, 0.9, logprob, 1)


def text_of(words: list[DecodedWord]) -> str:
    return "".join(word.text for word in words).strip()


@pytest.mark.parametrize("found", [[said("In", 0, 2), said("summer", 2, 2.5)], []], ids=["heard", "nothing"])
def test_a_sentence_whose_first_words_lie_before_a_hole_begins_behind_it(found: list[DecodedWord]) -> None:
    words = [said(*each) for each in WORDS]
    (hole,) = find_holes(SPEECH, words, 6.0, LEAST)
    assert hole.first == 4, "there would be nothing to mend"
    rest = hole_before(words, hole, found, SPEECH, LEAST)
    assert rest is not None and (rest.first, rest.last, rest.moved) == (2, 2, 2)
    assert rest.starts[0] <= 1.3 and rest.ends[0] < 4.6 < rest.ends[1]
    filled = fill_hole(words, rest, (1.2, 4.6), [said("We", 0, 1), said("stayed.", 1, 3)])
    assert filled is not None and text_of(filled) == "He came. We stayed. In summer it rains."
    assert all(one.start <= two.start for one, two in pairwise(filled))
    assert filled[4].start >= 4.6


def test_a_hole_within_a_long_sentence_is_looked_at_once() -> None:
    words = [said(*each) for each in [*WORDS[:1], ("came", 0.3, 1.2), ("and", 1.2, 1.3), *WORDS[2:]]]
    long = [said("so", -0.2 * at, -0.2 * at + 0.2) for at in range(6, 0, -1)]
    (hole,) = find_holes([(-1.2, 6.0)], [*long, *words], 6.0, LEAST)
    assert hole_before([*long, *words], hole, [said("rain", 0, 1)], [(-1.2, 6.0)], LEAST) is None


OVER_PAUSE = [
    said("Yes.", 0.0, 0.5),
    said("He", 1.0, 1.6, -1.2),
    said("was", 1.6, 3.4),
    said("ill.", 3.4, 4.0),
]
PAUSE = [(0.0, 0.5), (1.0, 2.2), (3.0, 4.0)]


def test_a_doubtful_beginning_that_reaches_over_a_pause_may_fill_a_hole() -> None:
    (hole,) = find_misplaced(PAUSE, OVER_PAUSE, LEAST)
    assert (hole.first, hole.last, hole.moved) == (1, 1, 2)
    assert (hole.start, hole.end) == (1.0, 2.2)
    assert hole.ends == (2.2, 3.0)
    sure = [*OVER_PAUSE[:1], replace(OVER_PAUSE[1], logprob=-0.3), *OVER_PAUSE[2:]]
    assert find_misplaced(PAUSE, sure, LEAST) == []
    assert find_misplaced([(0.0, 0.5), (1.0, 4.0)], OVER_PAUSE, LEAST) == []


def test_a_long_part_of_a_sentence_was_not_said_behind_a_pause() -> None:
    long = [OVER_PAUSE[0]]
    edges = [1.0, 1.3, 1.6, 1.8, 2.0, 3.4]  # the fifth word reaches over the pause
    long += [said(f"w{at}", edges[at], edges[at + 1], -1.5) for at in range(5)]
    assert find_misplaced(PAUSE, [*long[:4], replace(long[4], end=3.4)], LEAST)
    assert find_misplaced(PAUSE, long, LEAST) == []


def test_what_says_the_same_is_not_put_in() -> None:
    (hole,) = find_misplaced(PAUSE, OVER_PAUSE, LEAST)
    assert fill_hole(OVER_PAUSE, hole, (0.9, 2.5), [said("He", 0, 0.5), said("was.", 0.5, 1)]) is None
    filled = fill_hole(OVER_PAUSE, hole, (0.9, 2.5), [said("All", 0, 0.5), said("right.", 0.5, 1)])
    assert filled is not None and text_of(filled) == "Yes. All right. He was ill."


def test_strewn_words_stay_if_they_begin_the_sentence_behind_the_hole() -> None:
    words = [said("One.", 0, 1), said("At", 1, 5), said("the", 5, 8), said("end.", 8, 9)]
    hole = Hole(1, 3, 1.2, 7.8, (1.0, 1.2), (7.8, 8.0))
    assert with_beginning_behind(hole, words, [said("We", 0, 1)]).moved == 2
    assert (
        with_beginning_behind(hole, words, [said("Look", 0, 1), said("at", 1, 2)]) == hole
    )  # heard in the hole
    ended = [*words[:2], said("the.", 5, 8), *words[3:]]
    assert with_beginning_behind(hole, ended, [said("We", 0, 1)]) == hole


def test_words_that_are_put_behind_a_hole_keep_their_order() -> None:
    moved = put_behind(OVER_PAUSE[1:], 2, 3.0)
    assert [word.text for word in moved] == [word.text for word in OVER_PAUSE[1:]]
    assert moved[0].start == 3.0 and moved[1].end == pytest.approx(3.4)
    assert put_behind(OVER_PAUSE, 0, 3.0) == OVER_PAUSE
