"""Finds speech in a window that Whisper left out, and puts in its words.

Whisper may end its text, or jump to a later sentence, at a cut between two pieces of speech. Then a part of
the speech has no words: up to a minute of talk between two sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.recognition.decoding import DecodedWord
from engine.regions import Span
from engine.text.bare_speech import BareStretch, TimedText, bare_stretches, covered_spans


def missed_speech(speech: Sequence[Span], words: Sequence[DecodedWord]) -> list[BareStretch]:
    """Returns the stretches of a window's speech that its words leave bare; all in window seconds."""
    return bare_stretches(speech, _timed(words))


def replace_words(
    words: Sequence[DecodedWord], span: Span, found: Sequence[DecodedWord]
) -> list[DecodedWord]:
    """Returns the words with those found in a span in place of those that lie in it, in order.

    found  times in seconds from the start of the span

    A word that attention stretched into the span is cut to its side.
    """
    start, end = span
    before, _, after = split_words(words, span)
    placed = [replace(word, start=word.start + start, end=word.end + start) for word in found]
    return [
        *(replace(word, end=min(word.end, max(start, word.start))) for word in before),
        *placed,
        *(replace(word, start=max(word.start, min(end, word.end))) for word in after),
    ]


def split_words(
    words: Sequence[DecodedWord], span: Span
) -> tuple[list[DecodedWord], list[DecodedWord], list[DecodedWord]]:
    """Returns the words before a span, in it and after it, by the middle of what each word covers."""
    sides: tuple[list[DecodedWord], list[DecodedWord], list[DecodedWord]] = [], [], []
    for word, (begin, until) in zip(words, covered_spans(_timed(words)), strict=True):
        middle = (begin + until) / 2
        sides[0 if middle <= span[0] else 2 if middle >= span[1] else 1].append(word)
    return sides


def _timed(words: Sequence[DecodedWord]) -> list[TimedText]:
    return [TimedText(word.text.strip(), word.start, word.end) for word in words]
