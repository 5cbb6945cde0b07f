"""Words that a recogniser in a loop has written."""

from __future__ import annotations

import pytest

from engine import Word
from engine.text.repeated_words import repeated_words


@pytest.mark.parametrize(
    ("text", "first", "count"),
    [
        ("tea, " + "or, " * 17 + "coffee", 1, 17),
        ("Or or, OR or. or or", 0, 6),
        ("so " + "thank you " * 7 + "all", 1, 14),
        ("I do not know " * 6, 0, 0),  # four words are longer than a loop's phrase
        ("no no no no no", 0, 0),  # as people say it
        ("one two three four five six seven", 0, 0),
        ("- - - - - - -", 0, 0),
        ("", 0, 0),
    ],
)
def test_runs_of_a_phrase_are_found(text: str, first: int, count: int) -> None:
    words = [Word(word, 0.0, 0.1, 0.99, "attention") for word in text.split()]
    assert repeated_words(words) == set(range(first, first + count))
