"""Writes a transcript as a file, with one small class per format.

    text = write(transcript, "srt")
    file = encode(transcript, "docx")

To add a format, add its class to `_ALL`. Subtitle formats share the cuts of cues.py, formats of paragraphs those of
text_paragraphs.py. Formats with comments hold the transcript's warnings there. Every document is valid, even that of
an empty transcript.
"""

from __future__ import annotations

import json
from typing import Protocol

from engine.errors import InvalidOption
from engine.export.comments import comments
from engine.export.cue_limits import CueLimits
from engine.export.cues import cues
from engine.export.direction import embedded, marked
from engine.export.karaoke import ASS, LRC
from engine.export.markdown import Markdown
from engine.export.rttm import RTTM, UNNAMED
from engine.export.shown_words import shown_transcript
from engine.export.speaker_names import speaker_names, turn_prefix
from engine.export.tables import CSV, TSV
from engine.export.text_paragraphs import text_paragraphs
from engine.export.textgrid import TextGrid
from engine.export.word_document import WordDocument
from engine.transcript import Transcript


class TextWriter(Protocol):
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

    A turn begins with the speaker's name, a paragraph with its time if the limits say so.
    """

    name = "txt"
    extension = ".txt"
    media_type = "text/plain"

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document."""
        written: list[str] = []
        for paragraph in text_paragraphs(transcript, limits, times_by_default=False):
            time = f"[{paragraph.time}] " if paragraph.time else ""
            name = f"{paragraph.name}: " if paragraph.name else paragraph.dash
            written.append(f"{time}{name}{paragraph.text}\n")
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


class JSON:
    """Writes the whole result, in the shape of `Transcript.to_dict`."""

    name = "json"
    extension = ".json"
    media_type = "application/json"

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document."""
        return json.dumps(transcript.to_dict(), ensure_ascii=False, indent=2) + "\n"


Writer = TextWriter | WordDocument

_ALL: tuple[Writer, ...] = (
    PlainText(),
    WordDocument(),
    Markdown(),
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
_WITH_NAME = (WordDocument, Markdown, RTTM)  # formats that hold the recording's name

WRITERS = {writer.name: writer for writer in _ALL}
FORMATS = tuple(WRITERS)
TEXT_FORMATS = tuple(writer.name for writer in _ALL if not isinstance(writer, WordDocument))


def write(
    transcript: Transcript, format: str, limits: CueLimits = CueLimits(), recording: str = UNNAMED
) -> str:
    """Returns the text of a file. Raises InvalidOption if `format` is unknown or no text.

    recording  name of the recording without its ending, which some formats have in them
    """
    writer = _writer(format, recording)
    if isinstance(writer, WordDocument):
        raise InvalidOption(f"{format} is no text.", f"These formats are: {', '.join(TEXT_FORMATS)}.")
    return writer.write(shown_transcript(transcript, limits, format), limits)


def encode(
    transcript: Transcript, format: str, limits: CueLimits = CueLimits(), recording: str = UNNAMED
) -> bytes:
    """Returns the bytes of a file in any format; text is UTF-8. Raises InvalidOption if `format` is unknown."""
    writer = _writer(format, recording)
    shown = shown_transcript(transcript, limits, format)
    if isinstance(writer, WordDocument):
        return writer.encode(shown, limits)
    return writer.write(shown, limits).encode()


def content_type(format: str) -> str:
    """Returns the Content-Type of a file, for HTTP."""
    kind = WRITERS[format].media_type
    return f"{kind}; charset=utf-8" if format in TEXT_FORMATS else kind


def _writer(format: str, recording: str) -> Writer:
    if format not in FORMATS:  # `format` may be any JSON value
        raise InvalidOption(f"Unknown format {str(format)[:40]!r}.", f"Known: {', '.join(FORMATS)}.")
    named = next((kind for kind in _WITH_NAME if kind.name == format), None)
    return named(recording) if named else WRITERS[format]


def _clock(milliseconds: int, mark: str) -> str:
    """Returns HH:MM:SS and milliseconds after the mark; hours have two digits or more."""
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{mark}{milliseconds:03d}"
