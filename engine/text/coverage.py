"""Finds mismatches: speech without words, and words without speech."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from engine.regions import SpeechRegion
from engine.text.bare_speech import TimedText, bare_stretches
from engine.text.notices import Notice
from engine.transcript import Mismatch, Transcript, Word

WORD_MARGIN = 0.5  # seconds beside speech in which a word may lie


def find_mismatches(
    regions: Sequence[SpeechRegion], words: Sequence[Word], until: float = math.inf
) -> tuple[Mismatch, ...]:
    """Returns the mismatches that a reader should listen to, in order.

    regions  detected speech in order
    words    in file time, in order; those that were not said are left aside
    until    seconds up to which the speech has been transcribed; later speech lacks no words
    """
    words = [word for word in words if word.is_said]
    spoken = [(region.start, min(region.end, until)) for region in regions if region.start < until]
    timed = [TimedText(word.word, word.start, word.end) for word in words]
    unheard = [
        Mismatch("speech_without_words", stretch.start, stretch.end)
        for stretch in bare_stretches(spoken, timed)
    ]
    near_speech = [(start - WORD_MARGIN, end + WORD_MARGIN) for start, end in spoken]
    silent = [Mismatch("words_without_speech", start, end) for start, end in _outside(words, near_speech)]
    return tuple(sorted(unheard + silent, key=lambda stretch: stretch.start))


def with_heard(found: Sequence[Mismatch], heard: Sequence[Mismatch]) -> tuple[Mismatch, ...]:
    """Returns mismatches together with those of which is known what was heard, instead of others there."""
    others = [
        stretch
        for stretch in found
        if not any(known.start < stretch.end and stretch.start < known.end for known in heard)
    ]
    return tuple(sorted([*heard, *others], key=lambda stretch: stretch.start))


def with_coverage(transcript: Transcript, coverage: Sequence[Mismatch]) -> Transcript:
    """Returns the transcript with these mismatches, and with a notice of the speech without words."""
    notices = notices_with_coverage(transcript.notices, coverage)
    return replace(
        transcript,
        coverage=tuple(coverage),
        warnings=tuple(notice.sentence for notice in notices),
        notices=tuple(notices),
    )


def notices_with_coverage(notices: Sequence[Notice], coverage: Sequence[Mismatch]) -> list[Notice]:
    """Returns the notices with one of the speech without words in `coverage`, if there is any."""
    others = [notice for notice in notices if notice.code != "bare"]
    bare = [found for found in coverage if found.kind == "speech_without_words"]
    if not bare:
        return others
    seconds = sum(found.end - found.start for found in bare)
    return [*others, Notice.of("bare", seconds=seconds, when=(bare[0].start, bare[0].end))]


def _outside(words: Sequence[Word], spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Returns runs of words that touch none of the ordered spans."""
    runs: list[tuple[float, float]] = []
    at = 0
    joined = False
    for word in words:
        while at < len(spans) and spans[at][1] < word.start:
            at += 1
        inside = at < len(spans) and spans[at][0] <= word.end
        if inside:
            joined = False
        elif joined:
            runs[-1] = (runs[-1][0], word.end)
        else:
            runs.append((word.start, word.end))
            joined = True
    return runs
