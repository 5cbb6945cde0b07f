"""Marks the stretches of speech that have no words as "[unclear]" in a text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace

from engine.text.bookmarks import shared_bookmark
from engine.text.segments import make_segment
from engine.transcript import Mismatch, Segment, Transcript, Word, join_texts

DEFAULT = "[unclear]"
# As transcripts of each language have it.
UNCLEAR: Mapping[str, str] = {
    "de": "[unverständlich]",
    "fr": "[inaudible]",
    "es": "[ininteligible]",
    "it": "[incomprensibile]",
    "pt": "[inaudível]",
    "nl": "[onverstaanbaar]",
    "ru": "[неразборчиво]",
    "ja": "［聞き取り不能］",
    "zh": "［听不清］",
    "yue": "［聽不清］",
    "ko": "[청취 불가]",
}


def unclear_text(language: str | None) -> str:
    """Returns what is written in a language where a voice has no word."""
    return UNCLEAR.get(language or "", DEFAULT)


def with_unclear(transcript: Transcript) -> tuple[Transcript, list[int | None]]:
    """Returns the transcript with a mark for each stretch of speech without words, and where each word was before.

    A mark is a word with the stretch's times; its place before is None. It stands after the last word that begins
    no later than the stretch, in the middle of a sentence in its segment, else as a segment of its own.
    """
    starts = [word.start for word in transcript.words]
    marks: dict[int, list[Mismatch]] = {}  # by the index of the word before which they stand
    for stretch in transcript.coverage:
        if stretch.kind == "speech_without_words":
            marks.setdefault(bisect_right(starts, stretch.start), []).append(stretch)
    made: list[Segment] = []
    places: list[int | None] = []
    before: Segment | None = None
    at = 0
    for segment in transcript.segments:
        alone = marks.get(at, [])
        made += [_segment(stretch, before, segment, segment.language) for stretch in alone]
        places += [None] * len(alone)
        words: list[Word] = []
        for index, word in enumerate(segment.words, at):
            inside = marks.get(index, []) if index > at else []
            bookmark = shared_bookmark(words[-1].bookmark, word.bookmark) if inside else None
            words += [_mark(stretch, segment.language, word, bookmark) for stretch in inside]
            words.append(word)
            places += [*([None] * len(inside)), index]
        text = join_texts((word.word for word in words), segment.language)
        made.append(replace(segment, words=tuple(words), text=text))
        before = segment
        at += len(segment.words)
    alone = marks.get(at, [])
    made += [_segment(stretch, before, None, transcript.language or "") for stretch in alone]
    return replace(transcript, segments=tuple(made)), [*places, *([None] * len(alone))]


def _mark(
    stretch: Mismatch, language: str, following: Word | None = None, bookmark: str | None = None
) -> Word:
    """Returns the mark of a stretch, which ends no later than the next word begins."""
    end = max(stretch.start, stretch.end if following is None else min(stretch.end, following.start))
    return Word(unclear_text(language), stretch.start, end, 1.0, "interpolated", bookmark=bookmark)


def _segment(stretch: Mismatch, before: Segment | None, after: Segment | None, language: str) -> Segment:
    """Returns a mark as a segment of its own, of the speaker who is nearer in time."""
    near = before or after
    if before and after and after.start - stretch.end < stretch.start - before.end:
        near = after
    preceding = before.words[-1] if before and before.words else None
    following = after.words[0] if after and after.words else None
    bookmark = shared_bookmark(preceding.bookmark, following.bookmark) if preceding and following else None
    word = _mark(stretch, near.language if near else language, following, bookmark)
    made = make_segment([word], 0, near.language if near else language, 0.0, 0.0)
    return replace(made, speaker=near.speaker if near else None)
