"""Subtitles as the check has them: the cues of a file as a viewer gets them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.text.subtitle_reader import ShownCue


@dataclass(frozen=True, slots=True)
class SubtitleFile:
    """The cues of a file, with its format and, if known, its language and its recording's milliseconds."""

    format: str
    cues: tuple[ShownCue, ...]
    language: str | None = None
    duration: int | None = None
