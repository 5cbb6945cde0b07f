"""Speech in a window that Whisper passed over: a whole minute's talk may be missing between two sentences.

Whisper ends its text, or goes on with a later sentence, where pieces of speech that it takes for a break
follow one another. Its words' times then leave a stretch of speech bare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.recognition.decoding import DecodedWord
from engine.regions import Span, uncovered

MIN_GAP = 2.0  # seconds of speech without words that are worth a second hearing
MAX_WORD_SECONDS = (
    1.0  # seconds that a word may take; attention stretches one beside a gap into it, from either end
)
LATE_START = 0.1  # seconds into a gap at which a word that comes before it may begin
ENDS = (".", "?", "!", "。", "？", "！")


def untranscribed_spans(speech: Sequence[Span], words: Sequence[DecodedWord]) -> list[Span]:
    """Returns the stretches of speech that the words leave bare, in order; all in window seconds."""
    covers: list[Span] = []
    for word in words:
        covers.append((word.start, min(word.end, word.start + MAX_WORD_SECONDS)))
        covers.append((max(word.start, word.end - MAX_WORD_SECONDS), word.end))
    return [(start, end) for start, end in uncovered(speech, sorted(covers)) if end - start >= MIN_GAP]


def insert_words(
    words: Sequence[DecodedWord], gap: Span, further: Sequence[DecodedWord]
) -> list[DecodedWord]:
    """Returns the words with those heard in a gap, in that one's seconds, at their place.

    A word that was stretched over the gap goes back to its side.
    """
    start, end = gap
    first = next((at for at, word in enumerate(words) if word.start > start + LATE_START), len(words))
    if first > 1 and words[first - 1].end > end - LATE_START and words[first - 2].text.endswith(ENDS):
        first -= 1  # stretched over the gap from behind: it begins a sentence
    before = [replace(word, end=min(word.end, max(start, word.start))) for word in words[:first]]
    placed = [replace(word, start=word.start + start, end=word.end + start) for word in further]
    after = [replace(word, start=min(word.end, max(word.start, end - LATE_START))) for word in words[first:]]
    return [*before, *placed, *after]
