"""Text for writers: Word documents read back by python-docx, Markdown by markdown-it, and the times of paragraphs."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from hypothesis import given
from markdown_it import MarkdownIt

from engine import Transcript, Word
from engine.diarization.speakers import Speaker
from engine.errors import InvalidOption
from engine.export.cue_limits import CueLimits
from engine.export.text_width import one_line
from engine.export.word_document import DOUBTFUL
from engine.export.writers import TEXT_FORMATS, encode, write
from tests.support.transcripts import letters, segment, sentence, transcript, transcripts

A, B = Speaker("A", "Anna"), Speaker("B", "Łukasz & <Co>")
TALK = replace(
    transcript(
        replace(sentence("Good morning.", 0.0), speaker="A"),
        replace(sentence("It is late.", 2.0, id=1), speaker="A"),
        replace(sentence("Not at all.", 83.0, id=2), speaker="B"),
        duration=90.0,
    ),
    speakers=(A, B),
    warnings=("The language is uncertain.",),
)


def opened(made: Transcript, limits: CueLimits = CueLimits(), recording: str = "recording") -> Document:
    return docx.Document(io.BytesIO(encode(made, "docx", limits, recording)))


def lines(document: Document) -> list[tuple[str, str]]:
    return [(part.style.name, part.text) for part in document.paragraphs if part.style]


def plain(markdown: str) -> list[str]:
    """The text of each block, as a reader sees it."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    return [
        "".join(child.content for child in token.children or [] if child.type == "text")
        for token in tokens
        if token.type == "inline"
    ]


# Word


def test_a_document_has_title_turns_and_times() -> None:
    document = opened(TALK, recording="My talk")
    assert lines(document) == [
        ("Title", "My talk"),
        ("Normal", "English · 1:30"),
        ("Heading 2", "Anna  0:00"),
        ("Normal", "Good morning. It is late."),
        ("Heading 2", "Łukasz & <Co>  1:23"),
        ("Normal", "Not at all."),
    ]
    properties = document.core_properties
    assert (properties.title, properties.author, properties.language) == ("My talk", "Wordlight", "en")
    assert properties.comments == "Warning: The language is uncertain."


def test_names_and_times_are_left_out_if_asked_for() -> None:
    bare = CueLimits(speaker_names="off", paragraph_times="off")
    assert lines(opened(TALK, bare))[1:] == [
        ("Normal", "Good morning. It is late."),
        ("Normal", "Not at all."),
    ]
    dashed = CueLimits(speaker_names="dash")
    assert lines(opened(TALK, dashed))[1:] == [
        ("Normal", "0:00  – Good morning. It is late."),
        ("Normal", "1:23  – Not at all."),
    ]


def test_doubtful_words_have_a_style_of_their_own_and_others_none() -> None:
    said = {"We": 0.9, "met": 0.59, "Mister": 0.2, "Krüger.": 0.6}
    words = [Word(text, n, n + 0.5, sure, "aligned") for n, (text, sure) in enumerate(said.items())]
    document = opened(transcript(segment(words)))
    runs = [(run.text, run.style.name) for run in document.paragraphs[-1].runs[1:] if run.style]
    assert [text for text, style in runs if style == DOUBTFUL] == ["met Mister"]
    assert "".join(text for text, _ in runs) == "We met Mister Krüger."
    style = document.styles[DOUBTFUL]
    assert style.font.underline is not None  # type: ignore[attr-defined]


def test_a_document_knows_the_languages_and_the_direction_of_its_texts() -> None:
    arabic = sentence("مرحبا بالعالم.", 5.0, id=1, language="ar")
    document = opened(transcript(sentence("Hello there."), arabic, language="en", duration=20.0))
    first, second = list(document.element.body.iter(qn("w:p")))[-2:]
    normal = document.styles["Normal"].element
    assert [lang.get(qn("w:val")) for lang in normal.iter(qn("w:lang"))] == ["en"]
    assert not list(first.iter(qn("w:bidi"))) and list(second.iter(qn("w:bidi")))
    assert {lang.get(qn("w:bidi")) for lang in second.iter(qn("w:lang"))} == {"ar"}
    japanese = transcript(sentence(["そう", "です。"], language="ja"), language="ja")
    assert opened(japanese).paragraphs[-1].text.endswith("そうです。")


@given(transcripts())
def test_a_document_holds_every_word_and_is_a_whole_archive(made: Transcript) -> None:
    file = encode(made, "docx", CueLimits(speaker_names="off", paragraph_times="off"))
    assert zipfile.ZipFile(io.BytesIO(file)).testzip() is None
    shown = [part.text for part in docx.Document(io.BytesIO(file)).paragraphs[has_facts(made) :]]
    assert letters(shown) == letters(one_line(word.word) for word in made.words)


def has_facts(made: Transcript) -> bool:
    """Whether the document begins with the language and the length."""
    return bool(made.language or made.duration)


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    odd = transcript(segment([Word("a\x00b\ufffe\ud800c", 0, 1, 0.9, "aligned")]))
    assert opened(odd, recording="x\x01\udc00y").paragraphs[-1].text.endswith("a bc")


def test_a_document_is_no_text() -> None:
    with pytest.raises(InvalidOption, match="docx is no text"):
        write(TALK, "docx")
    assert "docx" not in TEXT_FORMATS
    assert encode(TALK, "srt") == write(TALK, "srt").encode()


# Markdown


def test_markdown_has_heading_names_and_times() -> None:
    assert write(TALK, "md", recording="My *talk*") == (
        "<!-- Warning: The language is uncertain. -->\n\n"
        "# My \\*talk\\*\n\n"
        "*0:00* **Anna:** Good morning. It is late.\n\n"
        "*1:23* **Łukasz \\& \\<Co\\>:** Not at all.\n"
    )
    bare = CueLimits(speaker_names="off", paragraph_times="off")
    quiet = replace(TALK, warnings=())
    assert write(quiet, "md", bare) == "Good morning. It is late.\n\nNot at all.\n"
    assert (
        write(quiet, "md", CueLimits(speaker_names="dash")).splitlines()[0]
        == "*0:00* – Good morning. It is late."
    )


MARKED = ["1. One", "# Two", "- three", "+ four", "> five", "=== six", "12) seven"]


@pytest.mark.parametrize("text", [*MARKED, "*a* [b](c) `d` <e> &amp;"])
def test_no_word_is_taken_for_markdown(text: str) -> None:
    made = transcript(sentence(text))
    assert plain(write(made, "md", CueLimits(paragraph_times="off"))) == [text]


@given(transcripts())
def test_markdown_shows_every_word(made: Transcript) -> None:
    shown = plain(write(made, "md", CueLimits(speaker_names="off", paragraph_times="off")))
    assert letters(shown) == letters(one_line(word.word) for word in made.words)


# Text


def test_plain_text_has_times_if_asked_for() -> None:
    assert write(TALK, "txt", CueLimits(paragraph_times="on")) == (
        "[0:00] Anna: Good morning. It is late.\n\n[1:23] Łukasz & <Co>: Not at all.\n"
    )
    assert write(TALK, "txt") == "Anna: Good morning. It is late.\n\nŁukasz & <Co>: Not at all.\n"
