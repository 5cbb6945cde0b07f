"""The names of speakers in files: which are written, and how they stand before a turn."""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.diarization.speakers import Speaker
from engine.export.cue_limits import CueLimits
from engine.export.text_width import one_line
from engine.transcript import Segment, Transcript

DASH = "- "


def speaker_names(transcript: Transcript, limits: CueLimits) -> dict[str, str]:
    """Returns the name to be written of each speaker by label, in the order of their first segments.

    None is written if the limits say so, or if only one person speaks and has been given no name.
    """
    labels = dict.fromkeys(segment.speaker for segment in transcript.segments if segment.speaker)
    if limits.speaker_names == "off" or not labels:
        return {}
    known = {speaker.id: speaker for speaker in transcript.speakers}
    names = {label: _name(label, known.get(label)) for label in labels}
    return {} if [*names] == [*names.values()] and len(names) == 1 else names


def turn_prefix(transcript: Transcript, limits: CueLimits) -> Callable[[Segment], str]:
    """Returns what gives the text before a segment that begins a turn: "Anna: ", a dash or nothing."""
    names = speaker_names(transcript, limits)

    def prefix(segment: Segment) -> str:
        name = names.get(segment.speaker or "")
        if not name:
            return ""
        return DASH if limits.speaker_names == "dash" else f"{name}: "

    return prefix


def as_token(name: str) -> str:
    """Returns a name without the spaces and commas that end a field in RTTM and ASS."""
    return re.sub(r"[\s,;]+", "_", one_line(name)).strip("_") or "unnamed"


def _name(label: str, speaker: Speaker | None) -> str:
    return (one_line(speaker.name) if speaker else "") or one_line(label)
