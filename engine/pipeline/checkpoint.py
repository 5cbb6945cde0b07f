"""What a step of a transcription has finished, in a form from which a later run can continue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import inf, isinf
from typing import Any

from engine.regions import SpeechRegion
from engine.text.notices import Notice
from engine.transcript import Segment, Word


@dataclass(frozen=True, slots=True)
class FinishedWindow:
    """One window that has been decoded and aligned.

    seconds      its length
    language     the spoken language, with its probability
    has_words    whether words were found in it
    languages    probabilities of all languages, if they helped to detect the language; else None
    other        another language that is clearly spoken in it, with start and end in seconds of the file
    channel      the channel that it was cut from; 0 if channels are mixed
    segments     found in it, as they were before speakers were told apart
    """

    seconds: float
    language: str
    probability: float
    has_words: bool
    languages: Mapping[str, float] | None = None
    other: tuple[str, float, float] | None = None
    channel: int = 0
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The windows that one step has finished, and all that was found with them.

    All checkpoints of a run, in order, are what `Engine.stream` needs to continue after the last of them. Windows
    are cut at the same places again, because `speech` is given to the packing and is not detected again.

    until           seconds of the file that are finished
    speech          regions of each channel, found since the checkpoint before; they may lie beyond `until`
    notices         raised since the checkpoint before
    timings         seconds of work by stage, since the start of the whole run
    shown           number of segments that the update of this checkpoint brings
    released_until  seconds before which segments of several channels were in their final order
    """

    windows: tuple[FinishedWindow, ...]
    until: float
    speech: tuple[tuple[SpeechRegion, ...], ...] = ()
    notices: tuple[Notice, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    shown: int = 0
    released_until: float = 0.0

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Returns the segments of all windows."""
        return tuple(segment for window in self.windows for segment in window.segments)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON types with every digit, so that a resumed run ends in the very same times."""
        data = asdict(self)
        return data | {"released_until": None if isinf(self.released_until) else self.released_until}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Checkpoint:
        """Raises KeyError, TypeError or ValueError if the data has another shape."""
        released_until = data["released_until"]
        return cls(
            windows=tuple(_window(window) for window in data["windows"]),
            until=float(data["until"]),
            speech=tuple(tuple(SpeechRegion(**region) for region in channel) for channel in data["speech"]),
            notices=tuple(Notice.from_dict(notice) for notice in data["notices"]),
            timings=dict(data["timings"]),
            shown=int(data["shown"]),
            released_until=inf if released_until is None else float(released_until),
        )


def _window(data: Mapping[str, Any]) -> FinishedWindow:
    other = data.get("other")
    segments = tuple(_segment(each) for each in data["segments"])
    return FinishedWindow(**{**data, "other": None if other is None else tuple(other), "segments": segments})


def _segment(data: Mapping[str, Any]) -> Segment:
    return Segment(**{**data, "words": tuple(Word(**word) for word in data["words"])})
