"""Words that share a moment divide the time around it, and none that was said is without length."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest

from engine.regions import Span
from engine.text_alignment.assembly import Assembly
from engine.text_alignment.given_text import TextWord, words_of
from engine.text_alignment.placed_words import AlignedWindow, PlacedWord
from engine.text_alignment.text_formats import read_text
from engine.text_alignment.word_lengths import SHORTEST, divide, least_length, place_found
from engine.transcript import Word

ROUNDED = SHORTEST - 1e-6  # seconds


def word(text: str, start: float, end: float, timing: str = "aligned", said: bool | None = None) -> Word:
    return Word(text, start, end, 0.9, timing, 0.9, said=said)  # type: ignore[arg-type]


def rounded(spans: list[Span] | None) -> list[Span]:
    return [(round(start, 3), round(end, 3)) for start, end in spans or []]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(0.0, 1.0), (1.0, 2.0)], [(0.0, 1.0), (1.0, 2.0)]),
        ([(0.0, 1.0), (0.8, 2.0)], [(0.0, 1.0), (1.0, 2.0)]),  # begins behind the one before it
        ([(0.0, 1.0), (1.0, 1.0), (1.0, 2.0)], [(0.0, 1.0), (1.0, 1.02), (1.02, 2.0)]),
        ([(0.0, 1.0), (0.5, 0.9)], [(0.0, 0.5), (0.5, 0.9)]),  # lies within the one before it
        ([(1.0, 1.9), (0.5, 0.9)], [(1.0, 1.9), (1.9, 1.92)]),  # lies before it
        ([(0.5, 2.0), (2.0, 2.0), (2.0, 2.0)], [(0.5, 1.96), (1.96, 1.98), (1.98, 2.0)]),
    ],
)
def test_time_is_divided(spans: list[Span], expected: list[Span]) -> None:
    assert rounded(divide(spans, [SHORTEST] * len(spans), (0.0, 2.0))) == expected


def test_spans_are_in_order_and_long_enough_or_have_no_room() -> None:
    chance = random.Random(5)
    outcomes = set()
    for _ in range(2000):
        moments = [round(chance.uniform(0.0, 0.3), 2) for _ in range(12)]
        spans = [(start, max(start, end)) for start, end in zip(moments[::2], moments[1::2], strict=True)]
        last = round(chance.uniform(0.05, 0.3), 2)
        found = divide(spans, [SHORTEST] * len(spans), (0.0, last))
        has_room = last >= SHORTEST * len(spans)
        assert (found is not None) == has_room
        outcomes.add(has_room)
        for start, end in found or []:
            assert end - start >= ROUNDED and start >= -1e-6 and end <= last + 1e-6
        for before, after in pairwise(found or []):
            assert before[1] <= after[0] + 1e-6
    assert outcomes == {False, True}


def test_a_word_found_at_its_neighbour_s_start_gets_a_frame_before_it() -> None:
    words = [
        word("la", 2.0, 2.3),
        word("ciudad", 2.3, 2.6, "interpolated"),
        word("y", 2.6, 2.895, "interpolated"),
        word("todo", 2.895, 3.2),
    ]
    found = {1: word("ciudad", 2.32, 2.9), 2: word("y", 2.91, 2.97)}
    placed = place_found(words, found, 10.0)
    assert [(round(placed[at].start, 3), round(placed[at].end, 3)) for at in (1, 2)] == [
        (2.32, 2.875),
        (2.875, 2.895),
    ]
    assert {placed[at].timing for at in (1, 2)} == {"aligned"}


def test_between_neighbours_without_room_words_keep_their_shared_times() -> None:
    words = [word("a", 1.0, 1.2), word("b", 1.0, 1.02, "interpolated"), word("c", 1.03, 1.2)]
    assert place_found(words, {1: word("b", 1.0, 1.3)}, 10.0) == {}


def test_a_word_that_keeps_its_times_makes_room_and_the_last_ends_with_the_recording() -> None:
    words = [word("a", 0.0, 0.5), word("b", 0.5, 0.7, "interpolated"), word("c", 0.7, 0.9, "interpolated")]
    placed = place_found(words, {1: word("b", 1.0, 1.0)}, 1.0)
    assert (round(placed[1].start, 3), round(placed[1].end, 3)) == (0.96, 0.98)
    assert (round(placed[2].start, 3), placed[2].end, placed[2].timing) == (0.98, 1.0, "interpolated")


def test_signs_and_words_that_were_not_said_need_no_length() -> None:
    assert least_length(word("y", 0.0, 0.0)) == SHORTEST
    assert least_length(word("–", 0.0, 0.0)) == least_length(word("no", 0.0, 0.0, said=False)) == 0.0


def test_every_said_word_of_a_text_has_a_length_wherever_its_windows_put_it() -> None:
    chance = random.Random(7)
    lines = "one two three – four\n\nfive six – seven\n\neight nine ten eleven twelve\n\nlast"
    text = read_text(lines)
    words = words_of(text, "en")
    for _ in range(300):
        assembly = Assembly(text, words, "en")
        made = []
        for first in range(0, len(words), 5):
            moments = sorted(round(chance.uniform(0.0, 0.1), 2) for _ in range(10))
            window = AlignedWindow(tuple(placed_words(words, first, moments, chance)), (), "attention")
            made += assembly.add(window, "en")
        made += assembly.end()
        collected = [each for segment in made for each in segment.words]
        assert [each.word for each in collected] == [each.text for each in words]
        timed = [each for each in collected if each.timing == "attention"]
        assert all(each.end - each.start >= ROUNDED for each in timed)
        assert all(before.end <= after.start + 1e-6 for before, after in pairwise(collected))


def placed_words(
    words: Sequence[TextWord], first: int, moments: Sequence[float], chance: random.Random
) -> Iterator[PlacedWord]:
    """Yields words of a window with times that are often the same; some were not said."""
    for at, index in enumerate(range(first, min(first + 5, len(words)))):
        said = bool(words[index].units) and chance.random() < 0.8
        times = (moments[at], chance.choice([moments[at], moments[at + 3]]))
        yield PlacedWord(index, times, "attention", None, 0.9) if said else PlacedWord(index)
