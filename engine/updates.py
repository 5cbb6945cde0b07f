"""What a transcription reports while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.diarization.speakers import Speaker
from engine.transcript import Segment, Transcript

Stage = Literal["loading", "reading", "detecting", "transcribing", "aligning", "diarizing", "done"]


WAVEFORM_RATE = 20  # points a second: 72,000 bytes an hour


@dataclass(frozen=True, slots=True)
class Waveform:
    """How loud the recording is along time, and where speech is. For pictures alone.

    peaks   a byte a point, `WAVEFORM_RATE` points a second, 255 at full scale
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


@dataclass(frozen=True, slots=True)
class Update:
    """One step of a transcription under way. Carries only what is new since the last.

    seconds_done   seconds of audio finished, of `seconds_total` (0.0 while that is not known)
    seconds_left   until the end, by the pace so far; None while there is too little to go by
    language       as soon as it is known, with its probability
    segments       segments found since the last update, in order
    transcript     on the last update alone: the whole result
    sound          with segments and on the last update: what the recording looks like so far
    speaker_news   if the speakers are asked for and something new is known of them
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

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON types; the transcript is left out, for it travels by itself."""
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
