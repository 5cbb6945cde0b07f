"""A transcript's warnings as lines for formats that have comments, which players do not show."""

from __future__ import annotations

from engine.export.cues import one_line
from engine.transcript import Transcript

MAX_WARNINGS = 100  # warnings of one file
MAX_CHARACTERS = 500  # characters of one warning


def comments(transcript: Transcript) -> list[str]:
    """Returns one line for each warning, without an arrow that WebVTT would take for a cue's times."""
    lines = (one_line(str(warning)) for warning in transcript.warnings[:MAX_WARNINGS])
    return [f"Warning: {line[:MAX_CHARACTERS].replace('-->', '→')}" for line in lines if line]
