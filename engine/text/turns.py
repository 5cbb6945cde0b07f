"""Turns from words: the stretches in which each person speaks, and those in which two do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.diarization.speakers import Overlap
from engine.transcript import Word

TURN_PAUSE = 0.5  # seconds without a word of a speaker that end a turn
SHORTEST_OVERLAP = 0.05  # seconds; the times of words are no more exact than that


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """A stretch of speech of one person, in seconds."""

    start: float
    end: float
    speaker: str


def turns_of(words: Sequence[Word]) -> list[SpokenTurn]:
    """Returns the turns of all speakers in the order of their starts; words without a speaker have none."""
    turns: list[SpokenTurn] = []
    last: dict[str, int] = {}  # the index of each speaker's latest turn
    for word in words:
        if word.speaker is None:
            continue
        at = last.get(word.speaker)
        if at is not None and word.start - turns[at].end <= TURN_PAUSE:
            turn = turns[at]
            turns[at] = SpokenTurn(turn.start, max(turn.end, word.end), turn.speaker)
        else:
            last[word.speaker] = len(turns)
            turns.append(SpokenTurn(word.start, word.end, word.speaker))
    return turns


def overlaps_of(turns: Sequence[SpokenTurn]) -> tuple[Overlap, ...]:
    """Returns where turns of different speakers, ordered by their starts, lie over each other."""
    found: list[Overlap] = []
    open_turns: list[SpokenTurn] = []
    for turn in turns:
        open_turns = [other for other in open_turns if other.end > turn.start]
        ends = [min(other.end, turn.end) for other in open_turns if other.speaker != turn.speaker]
        if ends and max(ends) - turn.start >= SHORTEST_OVERLAP:
            _append(found, Overlap(turn.start, max(ends)))
        open_turns.append(turn)
    return tuple(found)


def _append(found: list[Overlap], overlap: Overlap) -> None:
    """Adds an overlap, joined with the last one if they touch."""
    if found and overlap.start <= found[-1].end:
        found[-1] = Overlap(found[-1].start, max(found[-1].end, overlap.end))
    else:
        found.append(overlap)
