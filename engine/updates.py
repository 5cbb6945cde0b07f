"""The messages of a running transcription."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.diarization.speakers import Speaker
from engine.pipeline.checkpoint import Checkpoint
from engine.transcript import Segment, Transcript

Stage = Literal["loading", "reading", "detecting", "transcribing", "aligning", "diarizing", "done"]


# Points per second: 180,000 bytes per hour. The page moves edges of words to the quietest point near them, so that a
# point is as short as a step of theirs, and longer than a period of a deep voice.
WAVEFORM_RATE = 50


@dataclass(frozen=True, slots=True)
class Waveform:
    """Holds the loudness of a recording over time and its speech, for the page alone.

    peaks   one byte per point, `WAVEFORM_RATE` points per second, 255 at full scale
    speech  (start, end) in seconds
    """

    peaks: bytes
    speech: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class SpeakerChange:
    """Another speaker for words that earlier updates have brought.

    first_word, last_word  the words by number, counted from 0 over the segments of all updates; both included
    speaker                the label that they have now; None if it is not known any more
    """

    first_word: int
    last_word: int
    speaker: str | None

    def to_dict(self) -> dict[str, Any]:
        return {"first_word": self.first_word, "last_word": self.last_word, "speaker": self.speaker}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SpeakerChange:
        return cls(data["first_word"], data["last_word"], data["speaker"])


@dataclass(frozen=True, slots=True)
class SpeakerNews:
    """What has become known of the speakers since the last update.

    changes      corrections of labels, in the order of the words
    speakers     all speakers so far
    provisional  whether labels may still change; a label stays with its voice until the last update
    renumbered   on the last update: labels that are now called otherwise, since the final ones are in the order
                 of first words. `changes` and `speakers` have the new ones
    """

    changes: tuple[SpeakerChange, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    provisional: bool = True
    renumbered: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            "changes": [change.to_dict() for change in self.changes],
            "speakers": [speaker.to_dict() for speaker in self.speakers],
            "provisional": self.provisional,
            "renumbered": dict(self.renumbered),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SpeakerNews:
        return cls(
            changes=tuple(SpeakerChange.from_dict(change) for change in data["changes"]),
            speakers=tuple(Speaker.from_dict(speaker) for speaker in data["speakers"]),
            provisional=data["provisional"],
            renumbered=data["renumbered"],
        )


@dataclass(frozen=True, slots=True)
class Provisional:
    """Holds words of live speech that has not ended, as they seem so far.

    start, end  the sound that they were heard in, in seconds
    text        none if no words are provisional any more

    It takes the place of the one before, and the next segments take its place.
    """

    start: float
    end: float
    text: str

    def to_dict(self) -> dict[str, Any]:
        return {"start": round(float(self.start), 3), "end": round(float(self.end), 3), "text": self.text}


@dataclass(frozen=True, slots=True)
class Update:
    """Holds one step of a running transcription, with only what is new since the last.

    seconds_done   seconds of audio finished, of `seconds_total` (0.0 while unknown)
    seconds_left   estimated seconds until the end; None while there is too little to estimate from
    language       once known, with its probability
    segments       segments found since the last update, in order
    transcript     the whole result, on the last update only
    sound          loudness and speech so far; with segments and on the last update
    speaker_news   changes of what is known of the speakers, if they are asked for
    checkpoint     what a later run needs to continue after the windows finished so far, if new ones are
    provisional    words of live speech that has not ended, if they have changed
    """

    stage: Stage
    seconds_done: float = 0.0
    seconds_total: float = 0.0
    language: str | None = None
    language_probability: float = 0.0
    segments: tuple[Segment, ...] = ()
    transcript: Transcript | None = None
    seconds_left: float | None = None
    sound: Waveform | None = None
    speaker_news: SpeakerNews | None = None
    checkpoint: Checkpoint | None = None
    provisional: Provisional | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON types, without transcript, checkpoint and provisional words, which travel separately."""
        return {
            "stage": self.stage,
            "seconds_done": round(float(self.seconds_done), 3),
            "seconds_total": round(float(self.seconds_total), 3),
            "language": self.language,
            "language_probability": round(float(self.language_probability), 4),
            "segments": [segment.to_dict() for segment in self.segments],
            "seconds_left": None if self.seconds_left is None else round(float(self.seconds_left), 1),
            "speaker_news": self.speaker_news.to_dict() if self.speaker_news else None,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Update:
        """Reads what `to_dict` returns. Raises KeyError, TypeError or ValueError if the data has another shape."""
        news = data["speaker_news"]
        return cls(
            data["stage"],
            seconds_done=data["seconds_done"],
            seconds_total=data["seconds_total"],
            language=data["language"],
            language_probability=data["language_probability"],
            segments=tuple(Segment.from_dict(segment) for segment in data["segments"]),
            seconds_left=data["seconds_left"],
            speaker_news=SpeakerNews.from_dict(news) if news else None,
        )


def last_transcript(steps: Generator[Update], note: Callable[[Update], None]) -> Transcript:
    """Returns the transcript of the last update; calls `note` with each."""
    transcript = None
    with closing(steps) as updates:
        for update in updates:
            note(update)
            transcript = update.transcript
    assert transcript is not None, "the last update holds the transcript"
    return transcript
