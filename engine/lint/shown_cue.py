"""Subtitles as the check has them: the cues of a file as a viewer gets them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShownCue:
    """A cue as a viewer gets it.

    number      of the cue in the file, from 1
    start, end  whole milliseconds
    lines       with the file's tags and spaces
    counter     the number that an SRT file gives to it; None if it gives none
    """

    number: int
    start: int
    end: int
    lines: tuple[str, ...]
    counter: int | None = None


@dataclass(frozen=True, slots=True)
class SubtitleFile:
    """The cues of a file, with its format and, if known, its language and its recording's milliseconds."""

    format: str
    cues: tuple[ShownCue, ...]
    language: str | None = None
    duration: int | None = None
