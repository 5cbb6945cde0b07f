"""Transcripts as the server sends them to the page."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from engine import Segment, Transcript, Word
from engine.diarization.speakers import Speaker
from page import messages


def speech_of(
    count: int, language: str = "en", texts: tuple[str, ...] = ("light", "word,", "lamp.")
) -> list[Segment]:
    """Segments of ten words each, a word every 0.36 s: 10,000 are an hour."""
    segments = []
    for first in range(0, count, 10):
        words = tuple(
            Word(
                texts[n % len(texts)], round(0.36 * n, 3), round(0.36 * n + 0.3, 3), (n % 10) / 9, "attention"
            )
            for n in range(first, min(count, first + 10))
        )
        text = " ".join(word.word for word in words)
        segments.append(Segment(first // 10, words[0].start, words[-1].end, text, language, words, -0.2, 0.0))
    return segments


def message(segments: list[Segment], new_from: int = 0, run: str = "r1", done: bool = True) -> dict[str, Any]:
    made = messages.transcript_message(run, segments, new_from, done)
    whole = Transcript("en", 0.9, segments[-1].end, tuple(segments), "base", "attention")
    return made | (
        {"meta": messages.page_meta(whole, 1.0) | {"kept_until": 0, "snippets": None}} if done else {}
    )


def spoken(text: str, start: float, number: int) -> Segment:
    words = tuple(
        Word(word, round(start + 0.5 * n, 3), round(start + 0.5 * n + 0.4, 3), 0.9, "attention")
        for n, word in enumerate(text.split())
    )
    return Segment(number, words[0].start, words[-1].end, text, "en", words, -0.2, 0.0)


def talk(*turns: tuple[str, str | None], start: float = 0.0) -> list[Segment]:
    """Segments of (text, speaker), one after the other, two words a second."""
    segments = []
    for number, (text, speaker) in enumerate(turns):
        made = spoken(text, start, number)
        words = tuple(replace(word, speaker=speaker) for word in made.words)
        segments.append(replace(made, words=words, speaker=speaker))
        start = made.end + 0.1
    return segments


def speaker_list(segments: list[Segment], **more: Speaker) -> tuple[Speaker, ...]:
    """The speakers of segments as the engine has them; `more` has others by label."""
    words = [word for segment in segments for word in segment.words]
    counted = Counter(word.speaker for word in words if word.speaker)
    return tuple(
        replace(more.get(label, Speaker(label, label, certain=0.9)), words=count)
        for label, count in sorted(counted.items())
    )


def talk_message(
    segments: list[Segment], speakers: tuple[Speaker, ...] | None = None, run: str = "r1"
) -> dict[str, Any]:
    """A finished transcript with speakers."""
    made = message(segments, run=run)
    known = speaker_list(segments) if speakers is None else speakers
    made["meta"]["transcript"]["speakers"] = [speaker.to_dict() for speaker in known]
    return made


LINES = [
    spoken("The quick brown fox jumps.", 0.0, 0),
    spoken("Over the lazy dog.", 3.0, 1),
    spoken("Good night.", 9.0, 2),
]
TEXT = "The quick brown fox jumps. Over the lazy dog.\n\nGood night."  # of the lines, as the page shows them


# A talk of three.
A, B, C = "SPEAKER_00", "SPEAKER_01", "SPEAKER_02"
TALK = talk(
    ("Good morning everybody.", A),
    ("It is late.", A),
    ("Not at all, dear friend.", B),
    ("Let us begin.", A),
    ("Wait for me.", C),
)
