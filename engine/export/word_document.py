"""Writes a transcript as a document for Word and LibreOffice (DOCX).

It has the title, speakers, times, doubtful words, bookmarks with their notes, and the translation.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_COLOR_INDEX, WD_UNDERLINE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.styles.style import CharacterStyle, ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from engine.export.comments import comments
from engine.export.cue_limits import CueLimits
from engine.export.direction import is_right_to_left
from engine.export.rttm import UNNAMED
from engine.export.text_paragraphs import TextParagraph, text_paragraphs, translation_note
from engine.export.text_width import one_line
from engine.languages import LANGUAGES, language_tag
from engine.text.bookmarks import shared_bookmark
from engine.text.clock import clock
from engine.text.doubt import is_doubtful
from engine.transcript import Transcript

DOUBTFUL = "Doubtful word"  # the character style of doubtful words; changing it changes all of their marks
TIME = "Time"  # the character style of times
TRANSLATION = "Translation"  # the paragraph style of the translation
MAX_PROPERTY = 255  # characters of a property of the document
_AUTHOR = "Wordlight"
_QUIET = RGBColor(0x6B, 0x6B, 0x6B)
_TEXT_SIZE, _TIME_SIZE, _NAME_SIZE, _TITLE_SIZE = Pt(11), Pt(9), Pt(12), Pt(20)
_AFTER = Pt(8)  # below a paragraph
_INDENT = Pt(18)  # of the translation
_LINES = 1.25  # height of a line by that of its letters

# Characters that XML cannot hold.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class WordDocument:
    """Writes the recording's name as the title, a heading for each turn, and paragraphs with their times.

    Doubtful words have a dotted underline, by a character style. Each text has its language for the spelling check.
    Bookmarks are highlighted, and their notes are comments. A translation follows each paragraph in a style of its own;
    a line at the head says how it was made. Warnings are in the document's properties.
    """

    name = "docx"
    extension = ".docx"
    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

    def __init__(self, recording: str = UNNAMED) -> None:
        """`recording` is the recording's name without its ending."""
        self._recording = _writable("" if recording == UNNAMED else recording)

    def encode(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> bytes:
        """Returns the file."""
        document = docx.Document()
        translation = transcript.translation
        styles = _Styles(document, transcript.language, translation.language if translation else None)
        self._describe(document, transcript)
        if self._recording:
            document.add_paragraph(self._recording, style=styles.title)
        if facts := _facts(transcript):
            document.add_paragraph().add_run(facts, style=styles.time)
        paragraphs = text_paragraphs(transcript, limits, times_by_default=True)
        if note := translation_note(transcript, paragraphs):
            document.add_paragraph(note, style=styles.translation)
        bookmarks = _Bookmarks(document)
        for paragraph in paragraphs:
            _add(document, paragraph, styles, bookmarks)
            if paragraph.translation:
                document.add_paragraph(_writable(paragraph.translation), style=styles.translation)
        bookmarks.end()
        file = io.BytesIO()
        document.save(file)
        return file.getvalue()

    def _describe(self, document: Document, transcript: Transcript) -> None:
        properties = document.core_properties
        properties.title = self._recording[:MAX_PROPERTY]
        properties.author = properties.last_modified_by = _AUTHOR
        properties.language = language_tag(transcript.language) if transcript.language else ""
        properties.created = properties.modified = datetime.now(UTC).replace(tzinfo=None)
        properties.comments = _writable(" ".join(comments(transcript)))[:MAX_PROPERTY]


class _Styles:
    """The document's styles, set up for a transcript in a language, and for its translation in another."""

    def __init__(self, document: Document, language: str | None, translated: str | None) -> None:
        self.language = language
        styles = document.styles
        normal = _paragraph_style(document, "Normal")
        normal.font.size = _TEXT_SIZE
        normal.paragraph_format.space_after = _AFTER
        normal.paragraph_format.line_spacing = _LINES
        if language:
            _set_language(normal, language)
        self.title = _paragraph_style(document, "Title")
        self.title.font.size = _TITLE_SIZE
        self.name = _paragraph_style(document, "Heading 2")
        self.name.font.size = _NAME_SIZE
        for heading in (self.title, self.name):
            heading.font.color.rgb = RGBColor(0, 0, 0)
        self.time = _character_style(document, TIME)
        self.time.font.size = _TIME_SIZE
        self.time.font.color.rgb = _QUIET
        self.time.font.bold = False
        self.doubtful = _character_style(document, DOUBTFUL)
        self.doubtful.font.underline = WD_UNDERLINE.DOTTED
        if translated:
            self.translation = styles.add_style(TRANSLATION, WD_STYLE_TYPE.PARAGRAPH)
            self.translation.base_style = normal
            self.translation.font.italic = True
            self.translation.font.color.rgb = _QUIET
            self.translation.paragraph_format.left_indent = _INDENT
            _set_language(self.translation, translated)
        assert DOUBTFUL in styles and TIME in styles


class _Bookmarks:
    """Highlights the runs of bookmarks, and writes each note as a comment once its bookmark has ended."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._note: str | None = None
        self._runs: list[Run] = []  # of the bookmark that has not ended

    def add(self, run: Run, bookmark: str | None) -> None:
        """Takes the next run of the document's words, in whichever paragraph it is."""
        if bookmark != self._note:
            self.end()
        if bookmark is not None:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW
            self._runs.append(run)
        self._note = bookmark

    def end(self) -> None:
        """Ends the bookmark that the last run was of."""
        if self._runs and (note := _writable(self._note or "")):
            ends = (self._runs[0], self._runs[-1])
            self._document.add_comment(ends, note, author=_AUTHOR, initials=_AUTHOR[:1])
        self._runs = []


def _paragraph_style(document: Document, name: str) -> ParagraphStyle:
    style = document.styles[name]
    assert isinstance(style, ParagraphStyle)
    return style


def _character_style(document: Document, name: str) -> CharacterStyle:
    style = document.styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
    assert isinstance(style, CharacterStyle)
    return style


def _add(document: Document, paragraph: TextParagraph, styles: _Styles, bookmarks: _Bookmarks) -> None:
    """Adds a paragraph, below a heading if a turn of a named speaker begins with it."""
    from_right = is_right_to_left(paragraph.text, paragraph.segments[0].language)
    time = paragraph.time
    if paragraph.name:
        heading = document.add_paragraph(style=styles.name)
        heading.add_run(_writable(paragraph.name))
        if time:
            heading.add_run(f"  {time}", style=styles.time)
        _set_direction(heading, from_right)
        time = ""
    added = document.add_paragraph()
    if time:
        added.add_run(f"{time}  ", style=styles.time)
    if paragraph.dash:
        added.add_run("– ")
    for part in _runs(paragraph):
        run = added.add_run(part.text)
        bookmarks.add(run, part.bookmark)
        if part.doubtful:
            run.element.style = styles.doubtful.style_id  # `run.style` would take a fifth of a millisecond
        if from_right:
            run.element.get_or_add_rPr().append(OxmlElement("w:rtl"))
        if part.language != styles.language:
            _set_language(run, part.language)
    _set_direction(added, from_right)


class _Part(NamedTuple):
    """Text that looks alike throughout; `bookmark` is that of its words."""

    text: str
    doubtful: bool
    language: str
    bookmark: str | None


def _runs(paragraph: TextParagraph) -> Iterator[_Part]:
    """Yields the parts of a paragraph; spaces look as the words on both of their sides do."""
    parts: list[_Part] = []
    for text, word, segment in paragraph.pieces():
        spoken = text.lstrip(" ")
        doubtful = is_doubtful(word)
        if spoken != text:
            before = parts[-1] if parts else None
            bookmark = shared_bookmark(before.bookmark, word.bookmark) if before else None
            between = bool(before and before.doubtful and doubtful)
            parts.append(_Part(" ", between, segment.language, bookmark))
        parts.append(_Part(_writable(spoken), doubtful, segment.language, word.bookmark))
    for look, group in groupby(parts, key=lambda part: part[1:]):
        yield _Part("".join(part.text for part in group), *look)


def _facts(transcript: Transcript) -> str:
    known = LANGUAGES.get(transcript.language or "")
    length = clock(transcript.duration) if transcript.duration else ""
    return " · ".join(part for part in (known.native if known else "", length) if part)


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("", one_line(text))


def _set_language(of: ParagraphStyle | Run, language: str) -> None:
    """Sets the language of the spelling check, for each kind of script."""
    properties = of.element.get_or_add_rPr()
    element = OxmlElement("w:lang")
    for attribute in ("w:val", "w:eastAsia", "w:bidi"):
        element.set(qn(attribute), language_tag(language))
    properties.append(element)


def _set_direction(paragraph: Paragraph, from_right: bool) -> None:
    """Makes a paragraph run from right to left."""
    if from_right:
        paragraph.paragraph_format.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
