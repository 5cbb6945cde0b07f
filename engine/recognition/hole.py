"""A place in a window's words at which speech was left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.recognition.decoding import DecodedWord
from engine.regions import Span

SHORTEST_SHARE = 1 / 3  # of the seconds that a word takes at most: what it takes at least
SHORT = 2.0  # seconds; a shorter hole may be a filler or a breath, or hold the sound of a word beside it
SLACK = 0.1  # seconds by which the times of a word are inexact


@dataclass(frozen=True, slots=True)
class Hole:
    """Holds a place in a window's words at which speech was left out.

    first, last   the words between, `words[first:last]`, are strewn in the speech that was left out
    start, end    of the bare speech, in window seconds
    starts, ends  (earliest, latest) seconds of its cuts, since how far the words beside it reach is not known
    moved         number of words from `last` on that were said behind the hole, though their times are in it
    """

    first: int
    last: int
    start: float
    end: float
    starts: Span
    ends: Span
    moved: int = 0

    @property
    def seconds(self) -> float:
        return self.end - self.start


def letters_of(words: Iterable[DecodedWord]) -> str:
    """Returns the letters and digits of words, in lower case."""
    return "".join(sign for word in words for sign in word.text.casefold() if sign.isalnum())
