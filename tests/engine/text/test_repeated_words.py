"""Words that a recogniser in a loop has written."""

from __future__ import annotations

import pytest

from engine.text.repeated_words import repeated_words


@pytest.mark.parametrize(
    ("text", "first", "count"),
    [
        ("tea, " + "or, " * 17 + "coffee", 1, 17),
        ("Or or, OR or. or or", 0, 6),
        ("so " + "thank you " * 7 + "all", 1, 14),
        ("so I do not know. " + "Thanks for your time today. " * 5 + "Bye.", 5, 25),
        ("we will rock you " * 4, 0, 0),  # as a chorus has it
        ("no no no no no", 0, 0),  # as people say it
        ("one two three four five six seven", 0, 0),
        ("- - - - - - -", 0, 0),
        ("", 0, 0),
    ],
)
def test_runs_of_a_phrase_are_found(text: str, first: int, count: int) -> None:
    assert repeated_words(text.split()) == set(range(first, first + count))
