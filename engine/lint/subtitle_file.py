"""Reads subtitle files as they are, faults included: SRT, WebVTT, ASS, and transcripts in JSON.

Libraries for subtitles mend what they read: they strip spaces, balance tags and drop empty cues. A check has to see
these faults.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from engine.errors import InvalidOption
from engine.export.cue_limits import CueLimits
from engine.export.cues import Cue, cues
from engine.export.speaker_names import turn_prefix
from engine.lint.shown_cue import ShownCue, SubtitleFile
from engine.text.validation import validate_transcript
from engine.transcript import Transcript

FORMATS = ("srt", "vtt", "ass", "json")
MAX_CUES = 100_000

_CLOCK = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}")
_OVERRIDE = re.compile(r"\{[^}]*\}")
_ASS_FIELDS = 9  # before the text of a Dialogue line, unless a Format line says otherwise


def read_subtitles(content: bytes, limits: CueLimits = CueLimits()) -> SubtitleFile:
    """Reads a file of any known format; a transcript is cut into cues. Raises InvalidOption if it is none."""
    text = _decode(content)
    begin = text.lstrip()[:200]
    if begin.startswith("{"):
        return of_transcript(_transcript(text), limits)
    if begin.startswith("WEBVTT"):
        return SubtitleFile("vtt", _limited(_vtt(text)))
    if begin.startswith("[Script Info]") or "\n[Events]" in text:
        return SubtitleFile("ass", _limited(_ass(text)))
    found = _limited(_srt(text))
    if not found:
        raise InvalidOption(
            "This file has no subtitles in it.", "Send SRT, WebVTT, ASS, or a transcript in JSON.", "file"
        )
    return SubtitleFile("srt", found)


def of_transcript(transcript: Transcript, limits: CueLimits) -> SubtitleFile:
    """Returns the cues of a transcript, as its SRT file has them."""
    return of_cues(transcript, cues(transcript, limits, turn_prefix(transcript, limits)))


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


def _limited(found: Iterator[ShownCue]) -> tuple[ShownCue, ...]:
    read: list[ShownCue] = []
    for cue in found:
        if len(read) == MAX_CUES:
            raise InvalidOption(
                "This file has too many subtitles.", f"Up to {MAX_CUES:,} are checked.", "file"
            )
        read.append(cue)
    return tuple(read)


def _srt(text: str) -> Iterator[ShownCue]:
    """Yields the cues of SRT; a text reaches up to the counter of the next one, also over empty lines."""
    lines = text.split("\n")
    places = [place for place, line in enumerate(lines) if _TIMES.match(line)]
    for number, (place, following) in enumerate(zip(places, [*places[1:], None], strict=False), start=1):
        before = lines[place - 1].strip() if place else ""
        said = lines[place + 1 : following]
        if following is not None and said and said[-1].strip().isdecimal():
            said.pop()
        counter = int(before) if before.isdecimal() else None
        yield _cue(number, lines[place], said, counter)


def _vtt(text: str) -> Iterator[ShownCue]:
    """Yields the cues of WebVTT; a text ends with an empty line."""
    lines = text.split("\n")
    number = 0
    for place, line in enumerate(lines):
        if _TIMES.match(line):
            number += 1
            end = next((at for at in range(place + 1, len(lines)) if not lines[at].strip()), len(lines))
            yield _cue(number, line, lines[place + 1 : end], None)


def _ass(text: str) -> Iterator[ShownCue]:
    fields = _ASS_FIELDS
    number = 0
    events = text.partition("[Events]")[2]
    for line in events.split("\n"):
        kind, _, rest = line.partition(":")
        if kind == "Format":
            fields = rest.count(",")
        parts = rest.split(",", fields)
        if kind == "Dialogue" and len(parts) > fields:
            number += 1
            shown = _OVERRIDE.sub("", parts[fields]).replace(r"\h", "\u00a0")
            yield _cue(number, f"{parts[1]} --> {parts[2]}", re.split(r"\\[Nn]", shown), None)


def _cue(number: int, times: str, said: list[str], counter: int | None) -> ShownCue:
    """Makes a cue of its line of times and its lines of text. Raises InvalidOption for times that are none."""
    found = _TIMES.match(times)
    if found is None:
        raise InvalidOption(f"The times {times[:40]!r} cannot be read.", "Write them as 0:00:01.50.", "file")
    while said and not said[-1].strip():
        said.pop()
    start, end = _milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:])
    return ShownCue(number, start, end, tuple(said), counter)


def _milliseconds(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, rest = (part or "0" for part in parts)
    return 1000 * (3600 * int(hours) + 60 * int(minutes) + int(seconds)) + int(rest.ljust(3, "0"))
