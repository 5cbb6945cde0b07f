"""What a transcription reports while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from engine.pipeline.checkpoint import Checkpoint
from engine.transcript import Segment, Transcript

Stage = Literal["loading", "reading", "detecting", "transcribing", "aligning", "done"]


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
class Update:
    """One step of a transcription under way. Carries only what is new since the last.

    seconds_done   seconds of audio finished, of `seconds_total` (0.0 while that is not known)
    seconds_left   until the end, by the pace so far; None while there is too little to go by
    language       as soon as it is known, with its probability
    segments       segments found since the last update, in order
    transcript     on the last update alone: the whole result
    sound          with segments and on the last update: what the recording looks like so far
    checkpoint     if windows have been finished: what a later run needs to go on after them
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
    checkpoint: Checkpoint | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON types; transcript and checkpoint travel by themselves."""
        return {
            "stage": self.stage,
            "seconds_done": round(float(self.seconds_done), 3),
            "seconds_total": round(float(self.seconds_total), 3),
            "language": self.language,
            "language_probability": round(float(self.language_probability), 4),
            "segments": [segment.to_dict() for segment in self.segments],
            "seconds_left": None if self.seconds_left is None else round(float(self.seconds_left), 1),
        }
