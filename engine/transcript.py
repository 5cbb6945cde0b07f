"""The result: words in segments in a transcript, and the one JSON shape in which all of it travels.

The shape is WhisperX's aligned result with additions under new keys, in plain JSON types. Times are
seconds from the start of the file with 3 decimals, `0 <= start <= end <= duration`, starts never go
back, and every word has both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from engine.diarization.speakers import Overlap, Speaker
from engine.languages import is_spaceless

Timing = Literal["aligned", "attention", "interpolated"]
TIMINGS: tuple[Timing, ...] = get_args(Timing)


@dataclass(frozen=True, slots=True)
class Word:
    """One word as Whisper wrote it, punctuation included, without surrounding space.

    start, end   seconds
    probability  the decoder's: how sure Whisper is of the text, 0 to 1
    timing       how the times were found: acoustic forced alignment, Whisper's own cross-attention,
                 or between the neighbours
    score        the aligner's: how well sound and text agree, 0 to 1; None where no aligner scored it
    """

    word: str
    start: float
    end: float
    probability: float
    timing: Timing
    score: float | None = None
    speaker: str | None = None

    def to_dict(self) -> dict[str, Any]:
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
    """A sentence or a short cue. Its `text` is its words joined as the language joins them.

    aligner    the rung that timed its words; None where no engine made it
    paragraph  whether it begins one; None leaves that to pauses and speakers (engine/text/paragraphs.py)
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
        """`language` is the transcript's, for a segment that names none, as WhisperX's do not."""
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
    """A part of the recording where speech and words disagree, in seconds."""

    kind: Literal["speech_without_words", "words_without_speech"]
    start: float
    end: float

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "start": round(float(self.start), 3), "end": round(float(self.end), 3)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Mismatch:
        return cls(kind=data["kind"], start=float(data["start"]), end=float(data["end"]))


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything that is known of one recording once it has been heard to the end.

    duration  seconds of audio
    model     name of the Whisper model; `aligner` the rung of the alignment ladder that timed it
    coverage  where speech has no words and words have no speech
    warnings  sentences for the reader
    timings   seconds of work by stage
    speakers  the people in the order of their first words; none if the request did not ask for them
    overlaps  where two of them speak at once
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
    speakers: tuple[Speaker, ...] = ()
    overlaps: tuple[Overlap, ...] = ()

    @property
    def text(self) -> str:
        """The segments' texts in order; those of two languages are set apart by a space."""
        joined = ""
        for segment in self.segments:
            joined = join_texts((joined, segment.text), segment.language) if joined else segment.text
        return joined

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for segment in self.segments for word in segment.words)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON types; `word_segments` repeats the very objects found in the segments."""
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
            "speakers": [speaker.to_dict() for speaker in self.speakers],
            "overlaps": [overlap.to_dict() for overlap in self.overlaps],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Transcript:
        """Raises KeyError, TypeError or ValueError where the data is not of the contract's shape."""
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
            speakers=tuple(Speaker.from_dict(speaker) for speaker in data.get("speakers", ())),
            overlaps=tuple(Overlap.from_dict(overlap) for overlap in data.get("overlaps", ())),
        )


def join_texts(texts: Iterable[str], language: str | None) -> str:
    """Joins words or segments the way the language is written: with spaces or without."""
    return ("" if is_spaceless(language) else " ").join(texts)
