"""Speech regions and spans of time. Separate from vad, which imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[float, float]  # start and end in seconds


@dataclass(frozen=True, slots=True)
class KnownUntil:
    """A sign that everything before a time, in seconds, has been given."""

    seconds: float


@dataclass(frozen=True, slots=True)
class SpeechRegion:
    """Holds a stretch of speech, in seconds from the start of the file.

    has_speech  False if detection is off and the network finds no speech here
    is_faint    whether louder sound beside it hides the speech from detection, see engine/vad/faint_speech.py
    """

    start: float
    end: float
    has_speech: bool = True
    is_faint: bool = False


def uncovered(spans: Sequence[Span], covers: Sequence[Span]) -> list[Span]:
    """Returns the parts of ordered spans that the ordered covers leave free."""
    left = []
    first = 0
    for start, end in spans:
        while first < len(covers) and covers[first][1] <= start:
            first += 1
        at = first
        while at < len(covers) and covers[at][0] < end:
            if covers[at][0] > start:
                left.append((start, covers[at][0]))
            start = max(start, covers[at][1])
            at += 1
        if start < end:
            left.append((start, end))
    return left
