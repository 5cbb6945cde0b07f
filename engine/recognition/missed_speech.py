"""Finds speech in a window that Whisper skipped, and inserts its words.

Whisper may end its text, or jump to a later sentence, at a cut between two pieces of speech. Then a part of
the speech has no words: up to a minute of talk between two sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.recognition.decoding import DecodedWord, DecodingRequest
from engine.recognition.encoder import FRAME_RATE, Encoded
from engine.regions import Span, uncovered

MIN_GAP = 2.0  # seconds of speech without words that are decoded again
# Seconds of a word that count as covered at each of its ends: attention stretches a word beside a gap into
# the gap.
MAX_WORD_SECONDS = 1.0
LATE_START = 0.1  # seconds into a gap at which the word before the gap may begin
ENDS = (".", "?", "!", "。", "？", "！")


@dataclass(frozen=True, slots=True)
class PlacedWindow:
    """A window in its batch, and what is requested for it."""

    encoded: Encoded
    row: int
    request: DecodingRequest

    @property
    def seconds(self) -> float:
        return self.encoded.frames[self.row] / FRAME_RATE


def untranscribed_spans(speech: Sequence[Span], words: Sequence[DecodedWord]) -> list[Span]:
    """Returns the parts of the speech without words, in order; all in window seconds."""
    covers: list[Span] = []
    for word in words:
        covers.append((word.start, min(word.end, word.start + MAX_WORD_SECONDS)))
        covers.append((max(word.start, word.end - MAX_WORD_SECONDS), word.end))
    return [(start, end) for start, end in uncovered(speech, sorted(covers)) if end - start >= MIN_GAP]


def insert_words(
    words: Sequence[DecodedWord], gap: Span, further: Sequence[DecodedWord]
) -> list[DecodedWord]:
    """Returns the words with those decoded in a gap inserted in order.

    further  times in seconds from the start of the gap

    A word that attention stretched over the gap is cut to its side.
    """
    start, end = gap
    first = next((at for at, word in enumerate(words) if word.start > start + LATE_START), len(words))
    if first > 1 and words[first - 1].end > end - LATE_START and words[first - 2].text.endswith(ENDS):
        first -= 1  # stretched over the gap from behind: it begins a sentence
    before = [replace(word, end=min(word.end, max(start, word.start))) for word in words[:first]]
    placed = [replace(word, start=word.start + start, end=word.end + start) for word in further]
    after = [replace(word, start=min(word.end, max(word.start, end - LATE_START))) for word in words[first:]]
    return [*before, *placed, *after]
