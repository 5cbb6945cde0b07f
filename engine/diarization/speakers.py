"""The people of a recording: who spoke for how long, and where two spoke at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


def speaker_label(index: int) -> str:
    """Returns the label of a speaker by number, as WhisperX writes it: SPEAKER_00."""
    return f"SPEAKER_{index:02d}"


@dataclass(frozen=True, slots=True)
class Speaker:
    """One person of a recording.

    id        the label that words and segments carry
    name      what exports write; the id until somebody gives a name
    seconds   of this person's speech
    words     how many words carry the label
    certain   how clearly the voice stands apart from the others, 0 to 1
    doubtful  the voice has little speech or is near another, so that it may be no person of its own
    near      the id of the nearest voice of a doubtful speaker
    channel   which channel carries the voice, from 0; None if voices were told apart by their sound
    """

    id: str
    name: str = ""
    seconds: float = 0.0
    words: int = 0
    certain: float = 1.0
    doubtful: bool = False
    near: str | None = None
    channel: int | None = None

    def to_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "id": self.id,
            "name": self.name or self.id,
            "seconds": round(float(self.seconds), 3),
            "words": self.words,
            "certain": round(float(self.certain), 3),
        }
        if self.doubtful:
            data["doubtful_speaker"] = True
        if self.near is not None:
            data["near"] = self.near
        if self.channel is not None:
            data["channel"] = self.channel
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Speaker:
        channel = data.get("channel")
        return cls(
            id=str(data["id"]),
            name=str(data.get("name") or data["id"]),
            seconds=float(data.get("seconds", 0.0)),
            words=int(data.get("words", 0)),
            certain=float(data.get("certain", 1.0)),
            doubtful=bool(data.get("doubtful_speaker", False)),
            near=data.get("near"),
            channel=None if channel is None else int(channel),
        )


@dataclass(frozen=True, slots=True)
class Overlap:
    """A stretch in which two people speak at once, in seconds."""

    start: float
    end: float

    def to_dict(self) -> dict[str, float]:
        return {"start": round(float(self.start), 3), "end": round(float(self.end), 3)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Overlap:
        return cls(start=float(data["start"]), end=float(data["end"]))
