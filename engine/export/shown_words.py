"""Chooses the words that a file shows: with or without disfluencies, and with marks where speech has no words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.export.cue_limits import CueLimits
from engine.text.fluent import without_disfluencies
from engine.text.unclear import with_unclear
from engine.transcript import Transcript

# Formats that people read. JSON, RTTM and TextGrid are records of what was said, with every word.
FLUENT_FORMATS = frozenset({"txt", "docx", "md", "srt", "vtt", "ass", "lrc", "tsv", "csv"})
UNCLEAR_FORMATS = frozenset({"txt", "docx", "md", "srt", "vtt", "ass", "lrc"})


@dataclass(frozen=True, slots=True)
class ShownWords:
    """A transcript as a file shows it.

    places  of each of its words the index in the whole transcript; None for a mark that stands for no word
    """

    transcript: Transcript
    places: Sequence[int | None]

    def place_of(self, first: int, count: int) -> tuple[int, int]:
        """Returns the index of the first of some words in the whole transcript, and how many they span there.

        Marks alone span none; the index is then that of the next word.
        """
        inside = [place for place in self.places[first : first + count] if place is not None]
        if inside:
            return inside[0], inside[-1] - inside[0] + 1
        before = [place for place in self.places[:first] if place is not None]
        return (before[-1] + 1 if before else 0), 0


def shown_words(transcript: Transcript, limits: CueLimits, format: str = "srt") -> ShownWords:
    """Returns the words that a file of a format shows."""
    shown = transcript
    places: list[int | None] = list(range(len(transcript.words)))
    if limits.fillers == "drop" and format in FLUENT_FORMATS:
        shown, kept = without_disfluencies(transcript)
        places = list(kept)
    if limits.unclear == "on" and format in UNCLEAR_FORMATS:
        shown, own = with_unclear(shown)
        places = [None if place is None else places[place] for place in own]
    return ShownWords(shown, places)


def shown_transcript(transcript: Transcript, limits: CueLimits, format: str = "srt") -> Transcript:
    """Returns the transcript that a file of a format shows; if nothing was chosen, as it is."""
    return shown_words(transcript, limits, format).transcript
