"""What the option `speakers` asks for, read from its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from engine.errors import InvalidOption

SpeakerMode = Literal["off", "auto", "channels"]

MOST_SPEAKERS = 50  # people of one recording; more voices are not told apart by any diarizer
SUGGESTIONS = ("auto", "off", "channels", "1", "2", "3", "4", "5", "6", "7", "8")

_RANGE = re.compile(r"(\d{1,9})(?:\s*[-–]\s*(\d{1,9}))?")
_HINT = (
    "It must be off, auto, channels, a number of people such as 2, or a range such as 2-4, "
    f"of {MOST_SPEAKERS} at most."
)


@dataclass(frozen=True, slots=True)
class SpeakerChoice:
    """How the people of a recording are to be told apart.

    mode      "off" does not tell them apart; "channels" gives each channel a speaker; "auto" does so if the
              channels carry different people and goes by the voices otherwise
    minimum   people at least
    maximum   people at most; None sets no limit
    """

    mode: SpeakerMode = "off"
    minimum: int = 1
    maximum: int | None = None

    @classmethod
    def parse(cls, text: str) -> SpeakerChoice:
        """Reads off, auto, channels, N or MIN-MAX. Raises InvalidOption."""
        match text.strip().lower():
            case "off":
                return cls()
            case "auto":
                return cls("auto")
            case "channels":
                return cls("channels")
        found = _RANGE.fullmatch(text.strip())
        if found:
            minimum, maximum = int(found[1]), int(found[2] or found[1])
            if 1 <= minimum <= maximum <= MOST_SPEAKERS:
                return cls("auto", minimum, maximum)
        raise InvalidOption(f"speakers is {text[:40]!r}.", _HINT, "speakers")

    @property
    def text(self) -> str:
        """The option's value in its shortest form."""
        if self.maximum is None:
            return self.mode
        return str(self.minimum) if self.minimum == self.maximum else f"{self.minimum}-{self.maximum}"

    @property
    def may_be_channels(self) -> bool:
        """Whether two channels may be taken for the speakers, if the recording has two."""
        return self.mode == "channels" or (
            self.mode == "auto" and self.minimum <= 2 <= (self.maximum or MOST_SPEAKERS)
        )
