"""What a step of a transcription has finished, in a form that a later run can go on from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.regions import SpeechRegion
from engine.transcript import Segment, Word


@dataclass(frozen=True, slots=True)
class FinishedWindow:
    """One window that has been decoded and aligned.

    seconds      its length
    language     of what is spoken in it, with its probability
    has_words    whether words were found in it
    languages    probabilities of all languages, if they helped to find out which one is spoken; else None
    """

    seconds: float
    language: str
    probability: float
    has_words: bool
    languages: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The windows that one step has finished, and all that was found with them.

    All checkpoints of a run, in order, are what `Engine.stream` needs to go on after the last of them. Windows
    are cut at the same places again, because `speech` is given to the packing anew and is not detected anew.

    until     seconds of the file that are finished
    segments  of these windows
    speech    regions found since the checkpoint before; they may lie beyond `until`
    warnings  raised since the checkpoint before
    timings   seconds of work by stage, since the start of the whole run
    """

    windows: tuple[FinishedWindow, ...]
    until: float
    segments: tuple[Segment, ...] = ()
    speech: tuple[SpeechRegion, ...] = ()
    warnings: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain types with every digit, so that a resumed run ends in the very same times."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Checkpoint:
        """Raises KeyError, TypeError or ValueError if the data is of another shape."""
        return cls(
            windows=tuple(FinishedWindow(**window) for window in data["windows"]),
            until=float(data["until"]),
            segments=tuple(_segment(segment) for segment in data["segments"]),
            speech=tuple(SpeechRegion(**region) for region in data["speech"]),
            warnings=tuple(data["warnings"]),
            timings=dict(data["timings"]),
        )


def _segment(data: Mapping[str, Any]) -> Segment:
    return Segment(**{**data, "words": tuple(Word(**word) for word in data["words"])})
