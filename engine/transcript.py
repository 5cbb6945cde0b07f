"""The result: words in segments in a transcript, and the one JSON shape in which all of it travels.

The shape is WhisperX's aligned result with additions under new keys, in plain JSON types. Times are
seconds from the start of the file with 3 decimals, `0 <= start <= end <= duration`, starts never go
back, and every word has both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args

from engine.languages import is_spaceless
from engine.text.json_fields import json_field, read_fields, to_json, unlisted_field
from engine.text.notices import Notice

Timing = Literal["aligned", "attention", "interpolated"]
TIMINGS: tuple[Timing, ...] = get_args(Timing)


_SECONDS = {"minimum": 0}
_PART = {"minimum": 0, "maximum": 1}
_FROM_START = "Seconds from the start of the file."


@dataclass(frozen=True, slots=True)
class Word:
    """One word as Whisper wrote it, punctuation included, without surrounding space.

    start, end   seconds
    probability  the decoder's: how sure Whisper is of the text, 0 to 1
    timing       how the times were found: acoustic forced alignment, Whisper's own cross-attention,
                 or between the neighbours
    score        the aligner's: how well sound and text agree, 0 to 1; None where no aligner scored it
    """

    word: str = json_field("string")
    start: float = json_field("number", digits=3, schema=_SECONDS, description=_FROM_START)
    end: float = json_field("number", digits=3, schema=_SECONDS, description=_FROM_START)
    probability: float = json_field(
        "number",
        digits=3,
        missing=0.0,
        schema=_PART,
        description="The decoder's: how sure Whisper is of the text.",
    )
    timing: Timing = json_field(
        "string",
        missing="interpolated",
        schema={"enum": list(TIMINGS)},
        description="How the times were found.",
    )
    score: float | None = json_field(
        "number",
        digits=3,
        optional=True,
        schema=_PART,
        description="The aligner's: how well sound and text agree.",
    )
    speaker: str | None = json_field("string", optional=True)

    def to_dict(self) -> dict[str, Any]:
        return to_json(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(**read_fields(cls, data))


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence or a short cue. Its `text` is its words joined as the language joins them.

    aligner    the rung that timed its words; None where no engine made it
    paragraph  whether it begins one; None leaves that to pauses and speakers (engine/text/paragraphs.py)
    """

    id: int = json_field("integer", derived=True)
    start: float = json_field("number", digits=3, derived=True, schema=_SECONDS, description=_FROM_START)
    end: float = json_field("number", digits=3, derived=True, schema=_SECONDS, description=_FROM_START)
    text: str = json_field("string", derived=True)
    language: str = json_field("string")
    words: tuple[Word, ...] = unlisted_field()
    avg_logprob: float = json_field("number", digits=4, missing=0.0)
    no_speech_prob: float = json_field("number", digits=4, missing=0.0, schema=_PART)
    speaker: str | None = json_field("string", optional=True)
    paragraph: bool | None = json_field(
        "boolean", optional=True, description="Whether it begins a paragraph, if somebody has chosen so."
    )
    aligner: str | None = json_field(
        "string", optional=True, description="Which aligner timed most of its words."
    )

    def to_dict(self) -> dict[str, Any]:
        return {**to_json(self), "words": [word.to_dict() for word in self.words]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], language: str = "") -> Self:
        """`language` is the transcript's, for a segment that names none, as WhisperX's do not."""
        known = read_fields(cls, {"language": language, **data})
        return cls(**known, words=tuple(Word.from_dict(word) for word in data["words"]))


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
    notices   the same as codes with values, in the same order; none in transcripts of earlier versions
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
    notices: tuple[Notice, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)

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

    def warned(self) -> dict[str, Any]:
        """Returns the warnings as every door that answers in JSON has them: sentences and notices."""
        return {"warnings": list(self.warnings), "notices": [notice.to_dict() for notice in self.notices]}

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
            **self.warned(),
            "timings": {stage: round(float(seconds), 3) for stage, seconds in self.timings.items()},
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
            notices=tuple(Notice.from_dict(notice) for notice in data.get("notices", ())),
            timings=dict(data.get("timings", {})),
        )


def join_texts(texts: Iterable[str], language: str | None) -> str:
    """Joins words or segments the way the language is written: with spaces or without."""
    return ("" if is_spaceless(language) else " ").join(texts)
