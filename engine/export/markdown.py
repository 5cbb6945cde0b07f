"""Writes a transcript as Markdown (https://spec.commonmark.org): a heading, paragraphs, names and times."""

from __future__ import annotations

import re
from itertools import groupby

from engine.export.comments import comments
from engine.export.cue_limits import CueLimits
from engine.export.rttm import UNNAMED
from engine.export.text_paragraphs import TextParagraph, text_paragraphs, translation_note
from engine.export.text_width import one_line
from engine.transcript import Transcript

_MARKS = re.compile(r"([\\`*_\[\]<>~|&])")
_BLOCK_START = re.compile(r"(?:(?<=^\d)|(?<=^\d\d)|(?<=^\d\d\d)|(?<=^\d\d\d\d)|^)([.)#+=-])")


class Markdown:
    """Writes paragraphs; a turn begins with the speaker's name in bold, a paragraph with its time in italics.

    The recording's name is the heading; if it is unknown, there is none. Warnings are HTML comments at the top. A
    bookmark stands in `<mark>`, its note in square brackets behind it. What a paragraph is in the transcript's
    translation follows it as a quotation, and one at the top says how that was made.
    """

    name = "md"
    extension = ".md"
    media_type = "text/markdown"

    def __init__(self, recording: str = UNNAMED) -> None:
        """`recording` is the recording's name without its ending."""
        self._recording = one_line(recording)

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document."""
        blocks = [f"<!-- {line} -->" for line in comments(transcript)]
        if self._recording and self._recording != UNNAMED:
            blocks.append(f"# {_escaped(self._recording)}")
        paragraphs = text_paragraphs(transcript, limits, times_by_default=True)
        if note := translation_note(transcript, paragraphs):
            blocks.append(f"> *{note}*")
        for paragraph in paragraphs:
            time = f"*{paragraph.time}* " if paragraph.time else ""
            name = f"**{_escaped(paragraph.name)}:** " if paragraph.name else ""
            dash = "– " if paragraph.dash else ""
            lead = time + name + dash
            blocks.append(lead + _text(paragraph, at_start=not lead))
            if paragraph.translation:
                blocks.append(f"> {_escaped(paragraph.translation, at_start=True)}")
        return "\n".join(f"{block}\n" for block in blocks)


def _text(paragraph: TextParagraph, at_start: bool) -> str:
    """Returns the text of a paragraph with its bookmarks; `at_start` as for `_escaped`."""
    if all(word.bookmark is None for _, word, _ in paragraph.pieces()):
        return _escaped(paragraph.text, at_start)
    written = ""
    marked = zip(paragraph.pieces(), paragraph.notes(), strict=True)
    for bookmark, group in groupby(marked, key=lambda each: each[0][1].bookmark):
        pieces = list(group)
        text = "".join(text for (text, *_), _ in pieces)
        if bookmark is None:
            written += _escaped(text, at_start=at_start and not written)
            continue
        spoken = text.lstrip(" ")
        note = pieces[-1][1]
        written += f"{text[: len(text) - len(spoken)]}<mark>{_escaped(spoken)}</mark>"
        written += f" \\[{_escaped(note)}\\]" if note else ""
    return written


def _escaped(text: str, at_start: bool = False) -> str:
    """Returns text that Markdown takes for nothing else; at the start of a block, lists and headings begin too."""
    escaped = _MARKS.sub(r"\\\1", text)
    return _BLOCK_START.sub(r"\\\1", escaped, count=1) if at_start else escaped
