"""Writes a transcript as a file, with one small class per format.

    text = write(transcript, "srt")

To add a format, add its class to `_ALL`. Subtitle formats share the cuts of cues.py, tables share `_table`.
Formats with comments hold the transcript's warnings there. Every document is valid, even that of an empty
transcript.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol
from unicodedata import category

from engine.errors import InvalidOption
from engine.export.comments import comments
from engine.export.cue_limits import CueLimits
from engine.export.cues import cues
from engine.export.direction import embedded, marked
from engine.export.karaoke import ASS, LRC
from engine.export.rttm import RTTM, UNNAMED
from engine.export.speaker_names import speaker_names, turn_prefix
from engine.export.text_width import one_line
from engine.export.textgrid import TextGrid
from engine.text.paragraphs import paragraphs
from engine.transcript import Transcript


class Writer(Protocol):
    """Turns a transcript into the text of one file.

    extension   with its dot, as `Path.with_suffix` takes it
    media_type  for HTTP; the text must be sent as UTF-8
    """

    name: str
    extension: str
    media_type: str

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document. Only subtitle formats use the limits of size; all use those of names."""
        ...


class PlainText:
    """Writes paragraphs with an empty line between them (engine/text/paragraphs.py).

    A turn begins with the speaker's name.
    """

    name = "txt"
    extension = ".txt"
    media_type = "text/plain"

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document."""
        prefix = turn_prefix(transcript, limits)
        written: list[str] = []
        speaker: str | None = None
        for part in paragraphs(transcript.segments):
            text = one_line(replace(transcript, segments=tuple(part)).text)
            if text:
                begins_turn = part[0].speaker is not None and part[0].speaker != speaker
                written.append(f"{prefix(part[0]) if begins_turn else ''}{text}\n")
                speaker = part[0].speaker
        return "\n".join(written)


class SubRip:
    """Writes SRT subtitles. The format has no escapes, so a text's "-->" becomes "→".

    A turn begins with the speaker's name or a dash. Lines from right to left are marked as such (direction.py).
    """

    name = "srt"
    extension = ".srt"
    media_type = "application/x-subrip"

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document within the limits."""
        blocks = []
        for number, cue in enumerate(cues(transcript, limits, turn_prefix(transcript, limits)), start=1):
            times = f"{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}"
            text = "\n".join(embedded(line, cue.language) for line in cue.text_lines)
            blocks.append(f"{number}\n{times}\n{text.replace('-->', '→')}\n")
        return "\n".join(blocks)


class WebVTT:
    """Writes WebVTT captions for browsers (https://www.w3.org/TR/webvtt1/).

    Names stand in voice spans, `<v Anna>`, which players may style and do not show as text.
    """

    name = "vtt"
    extension = ".vtt"
    media_type = "text/vtt"

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document within the limits."""
        blocks = ["WEBVTT\n", *(f"NOTE {line}\n" for line in comments(transcript))]
        dashed = limits.speaker_names == "dash"
        names = {} if dashed else speaker_names(transcript, limits)
        for cue in cues(transcript, limits, turn_prefix(transcript, limits)):
            name = names.get(cue.speaker or "", "")
            voice = f"<v {_vtt_text(name)}>" if name else ""
            lines = cue.text_lines if dashed else cue.spoken_lines
            text = _vtt_text("\n".join(marked(line, cue.language) for line in lines))
            blocks.append(f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{voice}{text}\n")
        return "\n".join(blocks)


def _vtt_text(text: str) -> str:
    """Escapes a text; ">" too, which takes the arrow's meaning from a "-->" in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class TSV:
    """Writes a tab-separated table of words: start, end and text first, as WhisperX.

    Times are whole milliseconds, as in WhisperX. WhisperX has one row per segment, which leaves no room for
    the facts of each word, so the segment's id is the last column here. Fields with quotation marks are
    quoted as spreadsheets and pandas expect, and cells that look like a formula are marked as text.
    """

    name = "tsv"
    extension = ".tsv"
    media_type = "text/tab-separated-values"

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document."""

        def milliseconds(seconds: float) -> str:
            return str(round(seconds * 1000))

        return _table(("start", "end", "text"), transcript, limits, milliseconds, delimiter="\t")


class CSV:
    """Writes a comma-separated table of words, in seconds with 3 decimals; see TSV.

    The byte-order mark tells spreadsheets that the file is UTF-8.
    """

    name = "csv"
    extension = ".csv"
    media_type = "text/csv"

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document."""
        table = _table(("start", "end", "word"), transcript, limits, "{:.3f}".format, delimiter=",")
        return BYTE_ORDER_MARK + table


class JSON:
    """Writes the whole result, in the shape of `Transcript.to_dict`."""

    name = "json"
    extension = ".json"
    media_type = "application/json"

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document."""
        return json.dumps(transcript.to_dict(), ensure_ascii=False, indent=2) + "\n"


_ALL: tuple[Writer, ...] = (
    PlainText(),
    SubRip(),
    WebVTT(),
    ASS(),
    LRC(),
    TSV(),
    CSV(),
    RTTM(),
    TextGrid(),
    JSON(),
)

WRITERS = {writer.name: writer for writer in _ALL}
FORMATS = tuple(WRITERS)


def write(
    transcript: Transcript, format: str, limits: CueLimits = CueLimits(), recording: str = UNNAMED
) -> str:
    """Returns the text of a file. Raises InvalidOption if `format` is unknown.

    recording  name of the recording without its ending, which RTTM has in every line
    """
    if format not in FORMATS:  # `format` may be any JSON value
        raise InvalidOption(f"Unknown format {str(format)[:40]!r}.", f"Known: {', '.join(FORMATS)}.")
    writer = RTTM(recording) if format == RTTM.name else WRITERS[format]
    return writer.write(transcript, limits)


BYTE_ORDER_MARK = "\ufeff"
# Starts of a formula for spreadsheets, and characters that they skip before one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_text(cell: str) -> str:
    """Returns a cell's text in a form that no spreadsheet computes.

    An apostrophe goes before it, as OWASP advises against CSV injection. Invisible characters before a formula do not
    hide it.
    """
    seen = cell.lstrip("".join({character for character in cell if category(character) in ("Cf", "Zs")}))
    return f"'{cell}" if seen.startswith(_FORMULA) else cell


def _table(
    first: Iterable[str],
    transcript: Transcript,
    limits: CueLimits,
    time: Callable[[float], str],
    delimiter: str,
) -> str:
    """Returns one row per word; `time` formats seconds. An unknown score is empty.

    The column of speakers holds names, or labels without names.
    """
    names = (
        {} if limits.speaker_names == "off" else {one.id: one.name or one.id for one in transcript.speakers}
    )
    table = io.StringIO()
    rows = csv.writer(table, delimiter=delimiter, lineterminator="\n")
    rows.writerow((*first, "timing", "score", "probability", "speaker", "segment"))
    for segment in transcript.segments:
        for word in segment.words:
            score = "" if word.score is None else f"{word.score:.3f}"
            label = word.speaker or segment.speaker or ""
            speaker = as_text(one_line(names.get(label, label)))
            known = word.timing, score, f"{word.probability:.3f}", speaker, segment.id
            rows.writerow((time(word.start), time(word.end), as_text(one_line(word.word)), *known))
    return table.getvalue()


def _clock(milliseconds: int, mark: str) -> str:
    """Returns HH:MM:SS and milliseconds after the mark; hours have two digits or more."""
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{mark}{milliseconds:03d}"
