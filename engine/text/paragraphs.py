"""Splits segments into paragraphs, for the page and for plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.transcript import Segment

PARAGRAPH_PAUSE = 2.0  # seconds without words that begin a new paragraph
LONG = 120  # words after which the next sentence begins a paragraph even without a pause, to ease reading


def paragraph_starts(segments: Sequence[Segment]) -> Iterator[bool]:
    """Yields for each segment whether a paragraph begins there.

    `segment.paragraph`, set by a person, comes first. Otherwise a paragraph begins at a change of speaker,
    after a pause, and at a sentence in a long paragraph. Later segments never change earlier answers.
    """
    heard_until = 0.0
    words = 0
    before: Segment | None = None
    for segment in segments:
        begins = before is None or segment.paragraph
        if begins is None and before is not None:
            begins = (
                segment.start - heard_until > PARAGRAPH_PAUSE
                or segment.speaker != before.speaker
                or words >= LONG
            )
        yield bool(begins)
        words = len(segment.words) + (0 if begins else words)
        heard_until = max(heard_until, segment.end)
        before = segment


def paragraphs(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Returns the segments in order, grouped into paragraphs."""
    groups: list[list[Segment]] = []
    for segment, begins in zip(segments, paragraph_starts(segments), strict=True):
        if begins:
            groups.append([])
        groups[-1].append(segment)
    return groups
