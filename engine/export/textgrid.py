"""Words and segments as a TextGrid, the format of Praat, in which linguists annotate speech."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate

from engine.export.cue_limits import CueLimits
from engine.export.speaker_names import speaker_names
from engine.export.text_width import one_line
from engine.text.phones import read_phones
from engine.transcript import Transcript, Word

Interval = tuple[float, float, str]
TOLERANCE = 0.02  # seconds by which the phones of a word may miss its end: times have been rounded


class TextGrid:
    """Writes tiers of segments, words and, if they are known, phones, for each speaker if there are several.

    Praat's intervals lie end to end: pauses are intervals without text, and a word that begins within the one before
    begins at its end. A word without length, such as one that was not said, has no interval.
    """

    name = "textgrid"
    extension = ".textgrid"
    media_type = "text/plain"

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document in Praat's long text format."""
        duration = max(round(transcript.duration, 3), 0.001)  # Praat refuses a tier without length
        tiers = list(_tiers(transcript, limits, duration))
        lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
        lines += [
            "xmin = 0",
            f"xmax = {duration:.3f}",
            "tiers? <exists>",
            f"size = {len(tiers)}",
            "item []:",
        ]
        for number, (name, intervals) in enumerate(tiers, start=1):
            lines += [
                f"    item [{number}]:",
                '        class = "IntervalTier"',
                f"        name = {_quoted(name)}",
                "        xmin = 0",
                f"        xmax = {duration:.3f}",
                f"        intervals: size = {len(intervals)}",
            ]
            for index, (start, end, text) in enumerate(intervals, start=1):
                lines += [
                    f"        intervals [{index}]:",
                    f"            xmin = {start:.3f}",
                    f"            xmax = {end:.3f}",
                    f"            text = {_quoted(text)}",
                ]
        return "\n".join(lines) + "\n"


def _tiers(
    transcript: Transcript, limits: CueLimits, duration: float
) -> Iterator[tuple[str, list[Interval]]]:
    """Yields the name and the intervals of each tier."""
    names = speaker_names(transcript, limits)
    labels: list[str | None] = list(dict.fromkeys(segment.speaker for segment in transcript.segments))
    for label in labels or [None]:
        segments = [segment for segment in transcript.segments if segment.speaker == label]
        suffix = f" {names.get(label, label)}" if label and len(labels) > 1 else ""
        yield (
            f"segments{suffix}",
            list(_filled(((each.start, each.end, each.text) for each in segments), duration)),
        )
        words = [word for segment in segments for word in segment.words if word.is_said]
        yield (
            f"words{suffix}",
            list(_filled(((word.start, word.end, word.word) for word in words), duration)),
        )
        if phones := list(_phones(words)):
            yield f"phones{suffix}", list(_filled(phones, duration))


def _phones(words: Iterable[Word]) -> Iterator[Interval]:
    """Yields the phones of words that still have the length that the aligner gave them."""
    for word in words:
        try:
            phones = list(read_phones(word.phones or ""))
        except ValueError:  # a client's transcript may have anything here
            continue
        ends = list(accumulate((seconds for _, seconds in phones), initial=word.start))
        if abs(ends[-1] - word.end) <= TOLERANCE:
            yield from zip(ends, [*ends[1:-1], word.end], [name for name, _ in phones], strict=False)


def _filled(spans: Iterable[Interval], duration: float) -> Iterator[Interval]:
    """Yields the spans end to end, with empty ones between them."""
    at = 0.0
    for start, end, text in spans:
        start, end = max(round(start, 3), at), min(round(end, 3), duration)
        if start >= end:
            continue
        if start > at:
            yield at, start, ""
        yield start, end, text
        at = end
    if at < duration:
        yield at, duration, ""


def _quoted(text: str) -> str:
    """Returns a text as Praat reads it: in quotation marks, those inside doubled."""
    escaped = one_line(text).replace('"', '""')
    return f'"{escaped}"'
