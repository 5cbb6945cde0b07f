"""Tells which words of a transcript need a second look."""

from __future__ import annotations

from engine.transcript import Word

DOUBTFUL_BELOW = (
    0.6  # probability; the page marks the words of its bands "doubtful" and "a guess", which end here
)


def is_doubtful(word: Word) -> bool:
    """Returns whether the decoder was unsure of a word."""
    return word.probability < DOUBTFUL_BELOW and not word.checked
