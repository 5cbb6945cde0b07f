"""Formats a transcript's warnings as comments of files, which players hide."""

from __future__ import annotations

from engine.export.cues import one_line
from engine.transcript import Transcript

MOST = 100  # warnings in one file
LONGEST = 500  # characters of one warning


def comments(transcript: Transcript) -> list[str]:
    """Returns one line per warning, without arrows that WebVTT takes for cue times."""
    lines = (one_line(str(warning)) for warning in transcript.warnings[:MOST])
    return [f"Warning: {line[:LONGEST].replace('-->', '→')}" for line in lines if line]
