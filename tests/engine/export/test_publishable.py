"""An hour of talk as subtitles that can be published: readable, in whole phrases, without lost words."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engine.export.breaks import BINDER, break_costs
from engine.export.cue_limits import CueLimits
from engine.export.cues import Cue, cues
from engine.export.text_width import read_characters, width
from engine.transcript import Transcript
from tests.support.talk import hour_of_talk

LEAST = 1000 * CueLimits().min_seconds  # milliseconds
FAST = 20  # characters a second
GAP = 84  # milliseconds


@pytest.fixture(scope="module")
def talk() -> Transcript:
    return hour_of_talk()


@pytest.fixture(scope="module")
def shown(talk: Transcript) -> list[Cue]:
    return list(cues(talk))


def speed(cue: Cue) -> float:
    return 1000 * read_characters(cue.text.replace("\n", " ")) / (cue.end - cue.start)


def test_it_is_an_hour_of_thousands_of_words_and_none_is_lost(talk: Transcript, shown: list[Cue]) -> None:
    assert talk.duration == 3600 and len(talk.words) > 7000
    assert [word.word for cue in shown for line in cue.lines for word in line] == [w.word for w in talk.words]
    assert [cue.first for cue in shown] == [0, *(cue.first + cue.count for cue in shown)][:-1]


def test_no_cue_is_too_short_that_has_room(shown: list[Cue]) -> None:
    short = [
        cue.text
        for cue, following in pairwise(shown)
        if cue.end - cue.start < LEAST <= following.start - cue.start
    ]
    assert short == []
    assert sum(cue.end - cue.start < LEAST for cue in shown) <= len(shown) / 200  # those without room are few


def test_few_cues_are_too_fast_that_have_room(shown: list[Cue]) -> None:
    fast = [
        cue for cue, following in pairwise(shown) if speed(cue) > FAST and following.start - cue.end > GAP
    ]
    assert len(fast) < 0.02 * len(shown)


def test_no_word_stands_alone_beside_a_neighbour_that_could_take_it(shown: list[Cue]) -> None:
    for before, cue, after in zip(shown, shown[1:], shown[2:], strict=False):
        if cue.count == 1:
            assert not could_join(before, cue) and not could_join(cue, after), cue.text


def could_join(one: Cue, two: Cue) -> bool:
    near = two.lines[0][0].start - one.lines[-1][-1].end <= 0.5
    fits = width(one.text) + 1 + width(two.text) <= 42
    return near and fits and two.lines[-1][-1].end - one.lines[0][0].start <= 7


def test_cues_keep_their_size_and_their_gaps(shown: list[Cue]) -> None:
    for cue in shown:
        assert len(cue.lines) <= 2 and cue.end - cue.start <= 7000
        assert all(width(line) <= 42 for line in cue.text_lines)
    gaps = [after.start - before.end for before, after in pairwise(shown)]
    assert min(gaps) >= 0
    assert (
        sum(gap < GAP for gap in gaps) <= len(gaps) / 100
    )  # a gap gives way to a cue that could not be read


def test_cues_and_lines_break_between_phrases(shown: list[Cue]) -> None:
    """A line seldom ends with an article or a preposition; without the tables of words, one in seven does."""
    lines = [line for cue in shown for line in cue.lines]
    words = [word for line in lines for word in line]
    costs = break_costs(words, "en")
    at, bad = 0, 0
    for line in lines:
        at += len(line)
        bad += costs[at] >= BINDER
    assert bad < len(lines) / 25


def test_two_lines_are_balanced(shown: list[Cue]) -> None:
    pairs = [sorted(map(width, cue.text_lines)) for cue in shown if len(cue.lines) == 2]
    assert sum(short >= long / 2 for short, long in pairs) > 0.8 * len(pairs)
    assert not any(
        len(line) == 1 and width(line[0].word) < 4
        for cue in shown
        if len(cue.lines) > 1
        for line in cue.lines
    )


@pytest.mark.parametrize("preset", ["netflix", "bbc", "youtube"])
def test_the_presets_close_small_gaps(talk: Transcript, preset: str) -> None:
    limits = CueLimits.of({"preset": preset})
    gaps = [after.start - before.end for before, after in pairwise(cues(talk, limits))]
    least, chained = round(1000 * limits.min_gap), round(1000 * limits.chain_gap)
    assert sum(least < gap < chained for gap in gaps) <= len(gaps) / 100  # of cues at their most seconds


@pytest.mark.parametrize("max_cps", [2e-308, 0.5, 1.0])
def test_a_reading_speed_of_almost_nothing_counts_as_one_character_a_second(max_cps: float) -> None:
    assert CueLimits(max_cps=max_cps).cps("en") == 1.0
