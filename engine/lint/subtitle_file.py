"""Reads what is to be checked: subtitle files as they are, faults included, and transcripts in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable

from engine.errors import InvalidOption
from engine.export.cue_limits import CueLimits
from engine.export.cues import Cue, cues
from engine.export.shown_words import shown_transcript
from engine.export.speaker_names import turn_prefix
from engine.lint.shown_cue import SubtitleFile
from engine.text.subtitle_reader import (
    ShownCue,
    SubtitleFormat,
    UnreadableTimes,
    read_cues,
    subtitle_format,
)
from engine.text.validation import validate_transcript
from engine.transcript import Transcript

FORMATS = ("srt", "vtt", "ass", "json")
MAX_CUES = 100_000


def read_subtitles(content: bytes, limits: CueLimits = CueLimits()) -> SubtitleFile:
    """Reads a file of any known format; a transcript is cut into cues. Raises InvalidOption if it is none."""
    text = _decode(content)
    if text.lstrip().startswith("{"):
        return of_transcript(_transcript(text), limits)
    format = subtitle_format(text)
    if format is None:
        raise InvalidOption(
            "This file has no subtitles in it.", "Send SRT, WebVTT, ASS, or a transcript in JSON.", "file"
        )
    return SubtitleFile(format, _limited(text, format))


def of_transcript(transcript: Transcript, limits: CueLimits) -> SubtitleFile:
    """Returns the cues of a transcript, as its SRT file has them."""
    shown = shown_transcript(transcript, limits)
    return of_cues(shown, cues(shown, limits, turn_prefix(shown, limits)))


def of_cues(transcript: Transcript, found: Iterable[Cue]) -> SubtitleFile:
    """Returns the cues of a transcript as a viewer gets them."""
    shown = tuple(
        ShownCue(number, cue.start, cue.end, cue.text_lines, counter=number)
        for number, cue in enumerate(found, start=1)
    )
    return SubtitleFile("json", shown, transcript.language, round(1000 * transcript.duration))


def _decode(content: bytes) -> str:
    """Returns the text; what is no UTF-8 becomes replacement characters, which a rule reports."""
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = content.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _transcript(text: str) -> Transcript:
    try:
        return validate_transcript(json.loads(text))
    except (ValueError, RecursionError):
        hint = "Send the JSON that a transcription returned."
        raise InvalidOption("This JSON cannot be read.", hint, "file") from None


def _limited(text: str, format: SubtitleFormat) -> tuple[ShownCue, ...]:
    read: list[ShownCue] = []
    try:
        for cue in read_cues(text, format):
            if len(read) == MAX_CUES:
                raise InvalidOption(
                    "This file has too many subtitles.", f"Up to {MAX_CUES:,} are checked.", "file"
                )
            read.append(cue)
    except UnreadableTimes as error:
        raise InvalidOption(
            f"The times {str(error)!r} cannot be read.", "Write them as 0:00:01.50.", "file"
        ) from None
    return tuple(read)
