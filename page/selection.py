"""The part of a transcript that a reader has selected, as a transcript of its own with the times of the recording."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.errors import InvalidOption
from engine.text.clock import stretch
from engine.text.speaker_labels import segment_of
from engine.transcript import Segment, Transcript
from page.edited_transcript import counted_speakers


def selected_part(transcript: Transcript, selected: Any) -> Transcript:
    """Returns the words from one to another: `selected` is [first, last], indices among all words.

    What the transcript says of other places is left out: mismatches, overlaps, warnings, and speakers who say none of
    the words.

    Raises InvalidOption if there are no such words, TypeError or ValueError if `selected` is no pair of numbers.
    """
    first, last = (int(index) for index in selected)
    count = len(transcript.words)
    if not 0 <= first <= last < count:
        raise InvalidOption(f"There are no words {first} to {last} among {count}.", "Select words again.")
    segments: list[Segment] = []
    at = 0  # words before the segment
    for segment in transcript.segments:
        words = segment.words[max(0, first - at) : max(0, last + 1 - at)]
        at += len(segment.words)
        if words:
            segments.append(replace(segment_of(words, segment), id=len(segments)))
    start, end = segments[0].start, max(segment.end for segment in segments)
    part = replace(
        transcript,
        segments=tuple(segments),
        coverage=tuple(each for each in transcript.coverage if start <= each.start and each.end <= end),
        overlaps=tuple(each for each in transcript.overlaps if each.start < end and start < each.end),
        translation=transcript.translation and transcript.translation.between(start, end),
        warnings=(),
        notices=(),
    )
    return replace(part, speakers=counted_speakers(part))


def name_of_part(stem: str, part: Transcript) -> str:
    """Returns the name of a part's file without its ending: that of the recording, and the part's times."""
    return f"{stem} {stretch(part.segments[0].start, part.segments[-1].end)}".replace(":", ".")
