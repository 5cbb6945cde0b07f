"""The words of a text in one window, with their times in the file."""

from __future__ import annotations

from dataclasses import dataclass

from engine.alignment.aligner import AlignerName
from engine.regions import Span
from engine.transcript import Mismatch, Timing


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word of the text by its index, with its times in the file.

    times   in file seconds; None for a word that was not said
    phones  as in `Word`
    """

    word: int
    times: Span | None = None
    timing: Timing = "interpolated"
    score: float | None = None
    probability: float = 0.0
    phones: str | None = None


@dataclass(frozen=True, slots=True)
class AlignedWindow:
    """Holds the words of the text in one window, in order, and what was said there beside them."""

    words: tuple[PlacedWord, ...]
    lacking: tuple[Mismatch, ...]
    aligner: AlignerName
