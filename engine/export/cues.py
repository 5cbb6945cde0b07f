"""Cuts a transcript's segments into cues for subtitles.

`cues` gives every subtitle format the same cuts; writers.py writes them in each format. cue_drafts.py chooses the words
of each cue, cue_timing.py its times, partition.py its lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.export.cue_drafts import Prefix, drafts
from engine.export.cue_limits import CueLimits
from engine.export.cue_timing import cue_times
from engine.export.partition import Row
from engine.export.text_width import width
from engine.transcript import Transcript, Word, join_texts


@dataclass(frozen=True, slots=True)
class Cue:
    """Holds one subtitle: start and end in whole milliseconds, and its words by line.

    first, count  index of its first word in the transcript, and the number of its words there
    speaker       label of the speaker; None if unknown
    prefix        text before the words at the start of a turn, such as "Anna: "
    """

    start: int
    end: int
    lines: tuple[tuple[Word, ...], ...]
    language: str | None
    speaker: str | None = None
    prefix: str = ""
    first: int = 0
    count: int = 0

    @property
    def spoken_lines(self) -> tuple[str, ...]:
        """Returns the text of each line without the prefix."""
        return tuple(join_texts((word.word for word in line), self.language) for line in self.lines)

    @property
    def text_lines(self) -> tuple[str, ...]:
        """Returns the text of each line."""
        first, *others = self.spoken_lines
        return (self.prefix + first, *others)

    @property
    def text(self) -> str:
        """Returns the lines, joined by line breaks."""
        return "\n".join(self.text_lines)


def cues(
    transcript: Transcript,
    limits: CueLimits = CueLimits(),
    prefix: Prefix = lambda segment: "",
) -> Iterator[Cue]:
    """Yields the segments as cues within the limits; long segments are split, short neighbours are joined.

    prefix  returns the text before a segment that begins a turn; its width counts as the first word's

    A cue lasts from its first word to the end of its last, and longer if it could not be read in that time and there is
    time before the next cue or the end of the file. It ends early, for the gap before the next cue. Cues never overlap.
    """
    found = drafts(transcript, limits, prefix)
    times = cue_times(found, limits, transcript.duration)
    for draft, (start, end) in zip(found, times, strict=True):
        row = Row(draft.words, draft.language, limits, prefix=width(draft.prefix))
        yield Cue(
            start=start,
            end=end,
            lines=tuple(tuple(draft.words[a:b]) for a, b in row.lines(0, len(draft.words))),
            language=draft.language,
            speaker=draft.speaker,
            prefix=draft.prefix,
            first=draft.first,
            count=draft.count,
        )
