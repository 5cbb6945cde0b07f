"""Speech that words cannot have taken is found, however alignment spreads the words over it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engine.text.bare_speech import TimedText, bare_stretches, covered_spans, longest_seconds


def spread(text: str, start: float, end: float) -> list[TimedText]:
    """Spreads the words of a text evenly from start to end, in seconds."""
    words = text.split()
    edges = [start + (end - start) * index / len(words) for index in range(len(words) + 1)]
    return [TimedText(word, *span) for word, span in zip(words, pairwise(edges), strict=True)]


def test_words_at_a_speaker_s_pace_leave_nothing_bare() -> None:
    quick = spread("We walked along the river and talked about the old house.", 0, 3.2)
    slow = spread("We walked along the river and talked about the old house.", 0, 5.5)
    assert bare_stretches([(0, 3.3)], quick) == bare_stretches([(0, 5.6)], slow) == []


def test_a_hole_is_where_a_sentence_ends() -> None:
    words = [*spread("Hello there.", 0, 1), *spread("And now the news.", 3, 4.2)]
    for end, start in ((3.0, 3.0), (1.0, 1.0), (2.0, 2.0)):  # stretched from before, from behind, from both
        stretched = [words[0], words[1]._replace(end=end), words[2]._replace(start=start), *words[3:]]
        (stretch,) = bare_stretches([(0, 4.2)], stretched)
        assert stretch.start == pytest.approx(1.4, abs=0.5)
        assert stretch.end == pytest.approx(2.7, abs=0.3)
        assert stretch.seconds == pytest.approx(stretch.end - stretch.start)


def test_pieces_between_strewn_words_are_judged_by_their_sum() -> None:
    words = spread("so we all go", 0, 4)
    (stretch,) = bare_stretches([(0, 4)], words)
    assert len(stretch.pieces) > 2
    assert all(end - start < 1 for start, end in stretch.pieces)
    assert stretch.seconds >= 1


def test_holes_of_one_window_are_summed_and_those_of_several_are_not() -> None:
    text = "words " * 10
    near = [*spread(text, 0, 4), *spread(text, 5, 9), *spread(text, 10, 14)]
    far = [*spread(text, 0, 4), *spread(text * 4, 5, 21), *spread(text, 22, 26)]
    assert [round(stretch.seconds, 3) for stretch in bare_stretches([(0, 14)], near)] == [0.6, 0.6]
    assert bare_stretches([(0, 26)], far) == []


def test_ends_of_words_are_summed_over_neighbours_alone() -> None:
    words = [TimedText("words", at * 1.5, at * 1.5 + 0.8) for at in range(11)]  # 0.3 s are bare after each
    assert bare_stretches([(0, 15.8)], words) == []


def test_a_short_pause_joins_what_is_bare_and_is_no_speech() -> None:
    pieces = [(0.0, 0.6), (1.0, 1.6)]
    (stretch,) = bare_stretches(pieces, [])
    assert (stretch.start, stretch.end) == (0, 1.6)
    assert stretch.seconds == pytest.approx(1.2)
    assert bare_stretches([(0.0, 0.4), (9.0, 9.4)], []) == []  # each too short, far apart


def test_a_region_that_no_word_touches_is_left_out_though_it_is_short() -> None:
    words = spread("Is it true?", 0, 1)
    assert [stretch.start for stretch in bare_stretches([(0, 1.1), (1.6, 2.2), (4, 4.3)], words)] == [1.6]


def test_breaths_do_not_add_up() -> None:
    speech = [(float(at), at + 0.5) for at in range(20)]
    words = [TimedText("yes.", at + 0.15, at + 0.35) for at in range(20)]
    assert bare_stretches(speech, words) == []


@pytest.mark.parametrize(
    ("longer", "shorter"),
    [("country", "to"), ("2026", "year"), ("漢字", "か"), ("100%", "100"), ("word", "word…")],
)
def test_a_word_takes_what_its_signs_take(longer: str, shorter: str) -> None:
    assert longest_seconds(longer) >= longest_seconds(shorter) > 0


def test_every_word_covers_a_part_of_itself() -> None:
    words = [*spread("One two.", 0, 9), *spread("Three", 9, 30), *spread("four.", 30, 30.2)]
    for (_, start, end), (begin, until) in zip(words, covered_spans(words), strict=True):
        assert start <= begin < until <= end
