"""Sentences end where they do, in six languages: a hand-made list."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from engine.text.segments import split_into_segments
from tests.support.sentences import Listed, listed

ALL = list(listed())


def test_the_list_has_over_two_hundred_texts_in_six_languages() -> None:
    assert len(ALL) >= 200
    assert set(Counter(one.language for one in ALL)) == {"en", "de", "fr", "zh", "ja", "th"}


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.language}: {one.text[:60]}")
def test_sentences_end_where_they_do(one: Listed) -> None:
    found = split_into_segments(one.words, one.language)
    edges = [0, *one.ends, len(one.words)]
    right = [one.words[a:b] for a, b in pairwise(edges)]
    assert [[word.word for word in group] for group in found] == [[word.word for word in p] for p in right]
