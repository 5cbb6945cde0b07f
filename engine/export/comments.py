"""A transcript's warnings as lines for formats that have comments, which players do not show."""

from __future__ import annotations

from engine.export.cues import one_line
from engine.transcript import Transcript

MOST = 100  # warnings of one file
LONGEST = 500  # characters of one warning


def comments(transcript: Transcript) -> list[str]:
    """Returns one line for each warning, without an arrow that WebVTT would take for a cue's times."""
    lines = (one_line(str(warning)) for warning in transcript.warnings[:MOST])
    return [f"Warning: {line[:LONGEST].replace('-->', '→')}" for line in lines if line]
