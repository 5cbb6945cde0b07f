"""Reads subtitle files as they are, faults included: SRT, WebVTT and ASS.

Libraries for subtitles mend what they read: they strip spaces, balance tags and drop empty cues. A check has to see
these faults.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

SubtitleFormat = Literal["srt", "vtt", "ass"]

_CLOCK = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}")
_OVERRIDE = re.compile(r"\{[^}]*\}")
_ASS_FIELDS = 9  # before the text of a Dialogue line, unless a Format line says otherwise


class UnreadableTimes(ValueError):
    """Reports a cue whose times cannot be read; its text is these times."""


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


def subtitle_format(text: str) -> SubtitleFormat | None:
    """Returns the format of a file; None if the text is no subtitles."""
    begin = text.lstrip("\ufeff \t\n")[:200]
    if begin.startswith("WEBVTT"):
        return "vtt"
    if begin.startswith("[Script Info]") or "\n[Events]" in text:
        return "ass"
    return "srt" if any(map(_TIMES.match, text.split("\n"))) else None


def read_cues(text: str, format: SubtitleFormat) -> Iterator[ShownCue]:
    """Yields the cues of a file whose lines end with line feeds alone. Raises UnreadableTimes."""
    return _READERS[format](text)


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


_READERS: Mapping[SubtitleFormat, Callable[[str], Iterator[ShownCue]]] = {
    "srt": _srt,
    "vtt": _vtt,
    "ass": _ass,
}


def _cue(number: int, times: str, said: list[str], counter: int | None) -> ShownCue:
    """Makes a cue of its line of times and its lines of text. Raises UnreadableTimes."""
    found = _TIMES.match(times)
    if found is None:
        raise UnreadableTimes(times[:40])
    while said and not said[-1].strip():
        said.pop()
    start, end = _milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:])
    return ShownCue(number, start, end, tuple(said), counter)


def _milliseconds(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, rest = (part or "0" for part in parts)
    return 1000 * (3600 * int(hours) + 60 * int(minutes) + int(seconds)) + int(rest.ljust(3, "0"))
