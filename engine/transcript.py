"""The result: words, segments and transcript, with their JSON contract.

The JSON is WhisperX's aligned result with further keys, in plain JSON types. Times are seconds from the start
of the file with 3 decimals, `0 <= start <= end <= duration`. Starts never go back, and every word has both
times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from engine.languages import is_spaceless

Timing = Literal["aligned", "attention", "interpolated"]
TIMINGS: tuple[Timing, ...] = get_args(Timing)


@dataclass(frozen=True, slots=True)
class Word:
    """Holds one word of Whisper's, with punctuation and without surrounding space.

    start, end   seconds
    probability  the decoder's probability of the text, 0 to 1
    timing       source of the times: forced alignment, Whisper's cross-attention, or the neighbours
    score        the aligner's agreement of sound and text, 0 to 1; None if no aligner scored the word
    """

    word: str
    start: float
    end: float
    probability: float
    timing: Timing
    score: float | None = None
    speaker: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON types; score and speaker only if known."""
        data: dict[str, Any] = {
            "word": self.word,
            "start": round(float(self.start), 3),
            "end": round(float(self.end), 3),
            "probability": round(float(self.probability), 3),
            "timing": self.timing,
        }
        if self.score is not None:
            data["score"] = round(float(self.score), 3)
        if self.speaker is not None:
            data["speaker"] = self.speaker
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Word:
        """Reads a word of the contract. Raises KeyError, TypeError or ValueError."""
        return cls(
            word=str(data["word"]),
            start=float(data["start"]),
            end=float(data["end"]),
            probability=float(data.get("probability", 0.0)),
            timing=data.get("timing", "interpolated"),
            score=data.get("score"),
            speaker=data.get("speaker"),
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """Holds a sentence or a short cue; `text` is its words, joined as in the language.

    start, end  seconds
    aligner     the aligner that timed the words; None if no engine made the segment
    paragraph   whether a paragraph begins here; None leaves it to pauses and speakers
                (engine/text/paragraphs.py)
    """

    id: int
    start: float
    end: float
    text: str
    language: str
    words: tuple[Word, ...]
    avg_logprob: float
    no_speech_prob: float
    speaker: str | None = None
    paragraph: bool | None = None
    aligner: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON types; speaker, aligner and paragraph only if known."""
        data: dict[str, Any] = {
            "id": self.id,
            "start": round(float(self.start), 3),
            "end": round(float(self.end), 3),
            "text": self.text,
            "avg_logprob": round(float(self.avg_logprob), 4),
            "no_speech_prob": round(float(self.no_speech_prob), 4),
            "language": self.language,
            "words": [word.to_dict() for word in self.words],
        }
        if self.speaker is not None:
            data["speaker"] = self.speaker
        if self.aligner is not None:
            data["aligner"] = self.aligner
        if self.paragraph is not None:
            data["paragraph"] = self.paragraph
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], language: str = "") -> Segment:
        """Reads a segment of the contract; `language` is for one that names none."""
        return cls(
            id=int(data["id"]),
            start=float(data["start"]),
            end=float(data["end"]),
            text=str(data["text"]),
            language=str(data.get("language", language)),
            words=tuple(Word.from_dict(word) for word in data["words"]),
            avg_logprob=float(data.get("avg_logprob", 0.0)),
            no_speech_prob=float(data.get("no_speech_prob", 0.0)),
            speaker=data.get("speaker"),
            paragraph=data.get("paragraph"),
            aligner=data.get("aligner"),
        )


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Holds a stretch of the recording where speech and words disagree, in seconds."""

    kind: Literal["speech_without_words", "words_without_speech"]
    start: float
    end: float

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON types."""
        return {"kind": self.kind, "start": round(float(self.start), 3), "end": round(float(self.end), 3)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Mismatch:
        """Reads a mismatch of the contract. Raises KeyError, TypeError or ValueError."""
        return cls(kind=data["kind"], start=float(data["start"]), end=float(data["end"]))


@dataclass(frozen=True, slots=True)
class Transcript:
    """Holds the whole result of one recording.

    duration  seconds of audio
    model     name of the Whisper model
    aligner   the aligner that timed most words
    coverage  mismatches of speech and words, in order
    warnings  sentences for the reader
    timings   seconds of work by stage
    """

    language: str | None
    language_probability: float
    duration: float
    segments: tuple[Segment, ...]
    model: str
    aligner: str
    coverage: tuple[Mismatch, ...] = ()
    warnings: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Returns the segments' texts in order, with a space between two languages."""
        joined = ""
        for segment in self.segments:
            joined = join_texts((joined, segment.text), segment.language) if joined else segment.text
        return joined

    @property
    def words(self) -> tuple[Word, ...]:
        """Returns the words of all segments, in order."""
        return tuple(word for segment in self.segments for word in segment.words)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON types; `word_segments` repeats the objects of the segments."""
        segments = [segment.to_dict() for segment in self.segments]
        return {
            "text": self.text,
            "language": self.language,
            "language_probability": round(float(self.language_probability), 4),
            "duration": round(float(self.duration), 3),
            "segments": segments,
            "word_segments": [word for segment in segments for word in segment["words"]],
            "model": self.model,
            "aligner": self.aligner,
            "coverage": [stretch.to_dict() for stretch in self.coverage],
            "warnings": list(self.warnings),
            "timings": {stage: round(float(seconds), 3) for stage, seconds in self.timings.items()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Transcript:
        """Reads a transcript of the contract. Raises KeyError, TypeError or ValueError."""
        return cls(
            language=data["language"],
            language_probability=float(data.get("language_probability", 0.0)),
            duration=float(data["duration"]),
            segments=tuple(
                Segment.from_dict(segment, data["language"] or "") for segment in data["segments"]
            ),
            model=str(data.get("model", "")),
            aligner=str(data.get("aligner", "")),
            coverage=tuple(Mismatch.from_dict(stretch) for stretch in data.get("coverage", ())),
            warnings=tuple(data.get("warnings", ())),
            timings=dict(data.get("timings", {})),
        )


def join_texts(texts: Iterable[str], language: str | None) -> str:
    """Joins words or segments with spaces, or without if the language has none."""
    return ("" if is_spaceless(language) else " ").join(texts)
