"""An edited transcript as the page sends it, read back into the contract with every promise kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from engine.errors import InvalidOption
from engine.text.segments import make_segment
from engine.text.validation import MAX_WORDS
from engine.transcript import TIMINGS, Segment, Transcript, Word


def parse_edited_transcript(document: Mapping[str, Any]) -> Transcript:
    """Returns the transcript of a document: {"transcript": contract without segments, "segments": [...]}.

    A segment of the page has its words, language and log-probabilities; id, times and text follow from
    those. Raises InvalidOption if the document does not have that shape.
    """
    try:
        whole = Transcript.from_dict({**document["transcript"], "segments": ()})
        if sum(len(segment["words"]) for segment in document["segments"]) > MAX_WORDS:
            raise InvalidOption("The transcript is too long.", f"It may have {MAX_WORDS:,} words.")
        segments: list[Segment] = []
        earliest = 0.0
        for data in document["segments"]:
            words = _words(data["words"], earliest, whole.duration)
            if words:
                segments.append(_segment(len(segments), words, data))
                earliest = words[-1].start
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidOption("The transcript cannot be read.", "Reload the page and try again.") from error
    return replace(whole, segments=tuple(segments))


def _words(rows: Any, earliest: float, duration: float) -> tuple[Word, ...]:
    """Returns the words with `earliest <= start <= end <= duration`, starts in order; empty ones go."""
    words = []
    for row in rows:
        word = Word.from_dict(row)
        if not word.word.strip():
            continue
        if not all(isfinite(value) for value in (word.start, word.end, word.probability)):
            raise ValueError("a time or probability is not a number")
        if word.timing not in TIMINGS:
            raise ValueError("an unknown timing")
        earliest = min(max(word.start, earliest), duration)
        end = min(max(word.end, earliest), duration)
        words.append(
            replace(
                word,
                word=word.word.strip(),
                start=earliest,
                end=end,
                probability=min(max(word.probability, 0.0), 1.0),
                score=None if word.score is None else float(word.score),
                speaker=None if word.speaker is None else str(word.speaker),
            )
        )
    return tuple(words)


def _segment(id: int, words: tuple[Word, ...], data: Mapping[str, Any]) -> Segment:
    language = str(data["language"])
    speaker, paragraph = data.get("speaker"), data.get("paragraph")
    logprob, no_speech_prob = float(data["avg_logprob"]), float(data["no_speech_prob"])
    return replace(
        make_segment(words, id, language, logprob, no_speech_prob),
        speaker=None if speaker is None else str(speaker),
        paragraph=None if paragraph is None else bool(paragraph),
    )
