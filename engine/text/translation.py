"""A translation that stands beside a transcript: sentences of another language with the times of the recording.

It is no part of the words: what is corrected, divided anew or transcribed again leaves it as it is. A sentence belongs
to the paragraph in whose time its middle lies, so that it stays with its sound wherever paragraphs begin.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from engine.text.json_fields import json_field, read_fields, to_json

TargetLanguage = Literal["en"]
TARGET_LANGUAGES: tuple[TargetLanguage, ...] = get_args(TargetLanguage)  # Whisper knows no other

LONGEST_SENTENCE = 10_000  # characters

# What a reader of a file has to know before the first sentence, in the language of the translation.
NOTES: dict[str, str] = {
    "en": "The English below the paragraphs was made by a model from the sound. It may be wrong, and it does not "
    "have the corrections of the words."
}


@dataclass(frozen=True, slots=True)
class TranslatedSentence:
    """Holds one sentence of a translation.

    start, end  seconds from the start of the file
    """

    start: float = json_field("number", digits=3, schema={"minimum": 0})
    end: float = json_field("number", digits=3, schema={"minimum": 0})
    text: str = json_field("string", schema={"maxLength": LONGEST_SENTENCE})

    @property
    def middle(self) -> float:
        """The second of its middle."""
        return (self.start + self.end) / 2

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON types."""
        return to_json(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TranslatedSentence:
        """Reads a sentence of the contract. Raises KeyError, TypeError or ValueError."""
        if not isinstance(data["text"], str):
            raise TypeError("a sentence of the translation is no text")
        return cls(**read_fields(cls, data))


@dataclass(frozen=True, slots=True)
class Translation:
    """Holds what has been translated of a recording.

    until     seconds up to which it has been: the work can be stopped, and goes on from there
    segments  sentences in the order of their times
    """

    language: str
    until: float
    segments: tuple[TranslatedSentence, ...] = ()

    def between(self, start: float, end: float) -> Translation:
        """Returns the translation with the sentences alone whose middle lies in a stretch of seconds."""
        inside = tuple(sentence for sentence in self.segments if start <= sentence.middle <= end)
        return replace(self, segments=inside)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON types."""
        return {
            "language": self.language,
            "until": round(float(self.until), 3),
            "segments": [sentence.to_dict() for sentence in self.segments],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Translation:
        """Reads a translation of the contract. Raises KeyError, TypeError or ValueError."""
        if not isinstance(data["language"], str):
            raise TypeError("the language of the translation is no text")
        segments = tuple(map(TranslatedSentence.from_dict, data["segments"]))
        until = data.get("until")
        if until is None:
            until = max((sentence.end for sentence in segments), default=0.0)
        return cls(data["language"], float(until), segments)


def sentences_beside(
    translation: Translation | None, spans: Sequence[tuple[float, float]]
) -> list[list[TranslatedSentence]]:
    """Returns the sentences of each paragraph; one that lies between two goes to the nearer.

    spans  start and end of each paragraph in seconds, by their starts
    """
    found: list[list[TranslatedSentence]] = [[] for _ in spans]
    if not spans or translation is None:
        return found
    starts = [start for start, _ in spans]
    for sentence in translation.segments:
        at = max(0, bisect_right(starts, sentence.middle) - 1)
        following = starts[at + 1] if at + 1 < len(starts) else None
        if following is not None and sentence.middle - spans[at][1] > following - sentence.middle:
            at += 1
        found[at].append(sentence)
    return found
