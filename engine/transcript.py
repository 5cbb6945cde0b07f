"""The result: words, segments and transcript, with their JSON contract.

The JSON is WhisperX's aligned result with further keys, in plain JSON types. Times are seconds from the start
of the file with 3 decimals, `0 <= start <= end <= duration`. Starts never go back, and every word has both
times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args

from engine.diarization.speakers import Overlap, Speaker
from engine.languages import is_spaceless
from engine.text.bookmarks import LONGEST_NOTE
from engine.text.disfluent_words import DISFLUENCIES, Disfluency
from engine.text.json_fields import json_field, read_fields, to_json, unlisted_field
from engine.text.notices import Notice
from engine.text.translation import Translation

Timing = Literal["aligned", "attention", "interpolated", "by_hand"]
TIMINGS: tuple[Timing, ...] = get_args(Timing)


_SECONDS = {"minimum": 0}
_PART = {"minimum": 0, "maximum": 1}
_FROM_START = "Seconds from the start of the file."


@dataclass(frozen=True, slots=True)
class Word:
    """Holds one word of Whisper's, with punctuation and without surrounding space.

    start, end   seconds
    probability  the decoder's probability of the text, 0 to 1
    timing       source of the times: forced alignment, Whisper's cross-attention, the neighbours, or a person
    score        the aligner's agreement of sound and text, 0 to 1; None if no aligner scored the word
    checked      whether a person has found the text right, or typed it; None if no person has
    disfluency   what makes the word one that a reader may want left out; None for all others
    bookmark     the note of the bookmark that the word belongs to, "" for one without a note; None outside of
                 bookmarks (engine/text/bookmarks.py)
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
    said: bool | None = json_field(
        "boolean",
        optional=True,
        description="False for a word of a given text that the recording does not have.",
    )
    phones: str | None = json_field(
        "string",
        optional=True,
        description="Phones of a word of a given text in ARPAbet, each with its seconds: F 0.09 AA 0.12 K 0.05 S 0.11.",
    )
    cue: bool | None = json_field(
        "boolean",
        optional=True,
        description="Whether a subtitle begins at the word, if somebody has chosen so.",
    )
    cue_start: float | None = json_field(
        "number",
        digits=3,
        optional=True,
        schema=_SECONDS,
        description="When the subtitle that begins at the word appears, if somebody has chosen so.",
    )
    cue_end: float | None = json_field(
        "number",
        digits=3,
        optional=True,
        schema=_SECONDS,
        description="When the subtitle that ends with the word goes, if somebody has chosen so.",
    )
    checked: bool | None = json_field(
        "boolean",
        optional=True,
        description="Whether a person has found the text right, or typed it; left out if no person has.",
    )
    disfluency: Disfluency | None = json_field(
        "string",
        optional=True,
        schema={"enum": list(DISFLUENCIES)},
        description="A filler such as um, or a word that is said again at once; left out for all others.",
    )
    bookmark: str | None = json_field(
        "string",
        optional=True,
        schema={"maxLength": LONGEST_NOTE},
        description="The note of the bookmark that the word belongs to, empty without a note. Neighbours with the "
        "same note are one bookmark. Left out outside of bookmarks.",
    )

    @property
    def is_said(self) -> bool:
        """Returns whether the recording has the word, as far as anybody knows."""
        return self.said is not False

    def to_dict(self) -> dict[str, Any]:
        return to_json(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Reads a word of the contract. Raises KeyError, TypeError or ValueError."""
        return cls(**read_fields(cls, data))


@dataclass(frozen=True, slots=True)
class Segment:
    """Holds a sentence or a short cue; `text` is its words, joined as in the language.

    start, end  seconds
    aligner     the aligner that timed the words; None if no engine made the segment
    paragraph   whether a paragraph begins here; None leaves it to pauses and speakers
                (engine/text/paragraphs.py)
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
        """Reads a segment of the contract; `language` is for one that names none."""
        known = read_fields(cls, {"language": language, **data})
        return cls(**known, words=tuple(Word.from_dict(word) for word in data["words"]))


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Holds a stretch of the recording where speech and words disagree, in seconds.

    heard  what was recognised there, if the words are a given text that lacks it
    """

    kind: Literal["speech_without_words", "words_without_speech"]
    start: float
    end: float
    heard: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON types."""
        heard = {} if self.heard is None else {"heard": self.heard}
        return {
            "kind": self.kind,
            "start": round(float(self.start), 3),
            "end": round(float(self.end), 3),
            **heard,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Mismatch:
        """Reads a mismatch of the contract. Raises KeyError, TypeError or ValueError."""
        heard = data.get("heard")
        return cls(
            kind=data["kind"],
            start=float(data["start"]),
            end=float(data["end"]),
            heard=None if heard is None else str(heard),
        )


@dataclass(frozen=True, slots=True)
class Transcript:
    """Holds the whole result of one recording.

    duration  seconds of audio
    model     name of the Whisper model
    aligner   the aligner that timed most words
    coverage  mismatches of speech and words, in order
    warnings  sentences for the reader
    notices   the same as codes with values, in the same order; none in transcripts of earlier versions
    timings   seconds of work by stage
    speakers  the people in the order of their first words; none if the request did not ask for them
    overlaps  where two of them speak at once
    translation  a translation beside it (engine/text/translation.py); None if a reader has not asked for one
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
    speakers: tuple[Speaker, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    translation: Translation | None = None

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

    def warned(self) -> dict[str, Any]:
        """Returns the warnings as every door that answers in JSON has them: sentences and notices."""
        return {"warnings": list(self.warnings), "notices": [notice.to_dict() for notice in self.notices]}

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
            **self.warned(),
            "timings": {stage: round(float(seconds), 3) for stage, seconds in self.timings.items()},
            "speakers": [speaker.to_dict() for speaker in self.speakers],
            "overlaps": [overlap.to_dict() for overlap in self.overlaps],
            **({} if self.translation is None else {"translation": self.translation.to_dict()}),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Transcript:
        """Reads a transcript of the contract. Raises KeyError, TypeError or ValueError."""
        translation = data.get("translation")
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
            speakers=tuple(Speaker.from_dict(speaker) for speaker in data.get("speakers", ())),
            overlaps=tuple(Overlap.from_dict(overlap) for overlap in data.get("overlaps", ())),
            translation=None if translation is None else Translation.from_dict(translation),
        )


def join_texts(texts: Iterable[str], language: str | None) -> str:
    """Joins words or segments with spaces, or without if the language has none."""
    return ("" if is_spaceless(language) else " ").join(texts)
