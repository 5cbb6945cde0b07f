"""Formats a transcript's warnings as comments of files, which players hide."""

from __future__ import annotations

from engine.export.text_width import one_line
from engine.transcript import Transcript

MAX_WARNINGS = 100  # warnings in one file
MAX_CHARACTERS = 500  # characters of one warning


def comments(transcript: Transcript) -> list[str]:
    """Returns one line per warning, without arrows that WebVTT takes for cue times."""
    lines = (one_line(str(warning)) for warning in transcript.warnings[:MAX_WARNINGS])
    return [f"Warning: {line[:MAX_CHARACTERS].replace('-->', '→')}" for line in lines if line]
