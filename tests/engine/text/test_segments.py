"""Segments end where sentences end, at long pauses, and before they grow too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.text.segments import MAX_SENTENCE, make_segment, split_into_segments
from engine.transcript import Word


def words(text: str, gap: float = 0.1, length: float = 0.3) -> list[Word]:
    return [
        Word(word, i * (length + gap), i * (length + gap) + length, 0.9, "attention")
        for i, word in enumerate(text.split())
    ]


def texts(groups: list[tuple[Word, ...]]) -> list[str]:
    return [" ".join(word.word for word in group) for group in groups]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We met. Then we left.", ["We met.", "Then we left."]),
        ('"Really?" he said. Yes!', ['"Really?" he said.', "Yes!"]),
        ("Dr. Smith met Mr. Jones.", ["Dr. Smith met Mr. Jones."]),
        ("J. R. R. Tolkien wrote it.", ["J. R. R. Tolkien wrote it."]),
        ("It costs 3.50 now. Fine.", ["It costs 3.50 now.", "Fine."]),
        ("¿Dónde está? Aquí.", ["¿Dónde está?", "Aquí."]),
        ("यह है। वह है।", ["यह है।", "वह है।"]),
        ("no end at all", ["no end at all"]),
    ],
)
def test_sentences_are_segments(text: str, expected: list[str]) -> None:
    assert texts(split_into_segments(words(text), "en")) == expected


def test_a_long_pause_ends_a_segment() -> None:
    early = words("first part")
    late = [Word("second", 9.0, 9.4, 0.9, "attention"), Word("part", 9.5, 9.8, 0.9, "attention")]
    assert texts(split_into_segments([*early, *late], "en")) == ["first part", "second part"]


def test_an_endless_sentence_is_cut_at_a_clause() -> None:
    text = " ".join(["word"] * 28 + ["clause,"] + ["word"] * 31)
    groups = split_into_segments(words(text), "en")
    assert len(groups) > 1
    assert groups[0][-1].word == "clause,"


@given(
    st.lists(
        st.tuples(st.floats(0, 3), st.floats(0, 2), st.sampled_from(["a", "b.", "c,", "d"])), max_size=80
    )
)
def test_no_word_is_lost_and_no_segment_is_too_long(parts: list[tuple[float, float, str]]) -> None:
    at, spoken = 0.0, []
    for gap, length, text in parts:
        spoken.append(Word(text, at + gap, at + gap + length, 0.5, "attention"))
        at += gap + length
    groups = split_into_segments(spoken, "en")
    assert [word for group in groups for word in group] == spoken
    assert all(group[-1].end - group[0].start <= MAX_SENTENCE or len(group) == 1 for group in groups)


def test_a_segment_joins_its_words_as_its_language_does() -> None:
    assert make_segment(words("天 地。"), 0, "zh", -0.1, 0.0).text == "天地。"
    assert make_segment(words("Guten Tag."), 0, "de", -0.1, 0.0).text == "Guten Tag."
