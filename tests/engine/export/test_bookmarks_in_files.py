"""Bookmarked passages in files: highlighted with their notes in Word documents and Markdown, in JSON, nowhere else."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace

import docx
import pytest
from docx.document import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from hypothesis import given
from markdown_it import MarkdownIt

from engine import Segment, Transcript
from engine.export.cue_limits import CueLimits
from engine.export.writers import FORMATS, encode, write
from engine.text.validation import validate_transcript
from engine.text_alignment.text_formats import read_text
from engine.transcript import Mismatch
from tests.support.transcripts import letters, sentence, transcript, transcripts

BARE = CueLimits(speaker_names="off", paragraph_times="off")


def bookmarked(segment: Segment, notes: Mapping[int, str]) -> Segment:
    """The segment with bookmarks at words, by their place."""
    words = tuple(replace(word, bookmark=notes.get(at)) for at, word in enumerate(segment.words))
    return replace(segment, words=words)


TALK = transcript(
    bookmarked(sentence("We saw the quick fox.", 0.0), {2: "ask <Anna>", 3: "ask <Anna>", 4: "ask <Anna>"}),
    bookmarked(sentence("It was late.", 2.0, id=1), {0: "ask <Anna>", 2: ""}),
    bookmarked(sentence("Nobody left.", 30.0, id=2), {0: ""}),
)


def plain(made: Transcript) -> Transcript:
    segments = tuple(bookmarked(segment, {}) for segment in made.segments)
    return replace(made, segments=segments)


def opened(made: Transcript, limits: CueLimits = BARE) -> Document:
    return docx.Document(io.BytesIO(encode(made, "docx", limits)))


def highlighted(document: Document) -> list[str]:
    return [
        run.text
        for paragraph in document.paragraphs
        for run in paragraph.runs
        if run.font.highlight_color == WD_COLOR_INDEX.YELLOW
    ]


def commented(document: Document) -> list[str]:
    """The text between the beginning and the end of each comment, over paragraphs."""
    found: dict[str, str] = {}
    open_now: set[str] = set()
    for element in document.element.body.iter():
        number = element.get(qn("w:id"), "")
        if element.tag == qn("w:commentRangeStart"):
            open_now.add(number)
        elif element.tag == qn("w:commentRangeEnd"):
            open_now.remove(number)
        elif element.tag == qn("w:t"):
            for each in open_now:
                found[each] = found.get(each, "") + (element.text or "")
    return list(found.values())


@pytest.mark.parametrize("format", sorted(set(FORMATS) - {"json", "md", "docx"}))
def test_other_files_have_no_trace_of_bookmarks(format: str) -> None:
    assert write(TALK, format) == write(plain(TALK), format)


def test_json_has_them_and_reads_them_again() -> None:
    data = json.loads(write(TALK, "json"))
    found = [(word["word"], word["bookmark"]) for word in data["word_segments"] if "bookmark" in word]
    assert found[:4] == [(text, "ask <Anna>") for text in ("the", "quick", "fox.", "It")]
    assert found[4:] == [("late.", ""), ("Nobody", "")]
    assert validate_transcript(data) == TALK


def test_markdown_marks_a_passage_and_writes_its_note_once_behind_it() -> None:
    assert write(TALK, "md", BARE) == (
        "We saw <mark>the quick fox. It</mark> \\[ask \\<Anna\\>\\] was <mark>late.</mark>\n\n"
        "<mark>Nobody</mark> left.\n"
    )
    over = transcript(
        bookmarked(sentence("We left.", 0.0), {1: "why?"}),
        bookmarked(sentence("He stayed.", 30.0, id=1), {0: "why?"}),
    )
    assert write(over, "md", BARE) == "We <mark>left.</mark>\n\n<mark>He</mark> \\[why?\\] stayed.\n"


def test_neighbours_with_different_notes_are_two_passages() -> None:
    made = transcript(bookmarked(sentence("Dogs bark loudly.", 0.0), {0: "one", 1: "two"}))
    assert write(made, "md", BARE) == "<mark>Dogs</mark> \\[one\\] <mark>bark</mark> \\[two\\] loudly.\n"
    document = opened(made)
    assert [comment.text for comment in document.comments] == ["one", "two"]


def test_markdown_of_japanese_has_no_spaces_in_a_passage() -> None:
    made = transcript(
        bookmarked(sentence(["今日", "は", "晴れ。"], language="ja"), {0: "", 1: ""}), language="ja"
    )
    assert write(made, "md", BARE) == "<mark>今日は</mark>晴れ。\n"


def test_a_note_of_several_lines_stays_in_its_paragraph() -> None:
    made = transcript(bookmarked(sentence("Dogs bark.", 0.0), {0: "one\n\n# two\u2028three"}))
    assert write(made, "md", BARE) == "<mark>Dogs</mark> \\[one # two three\\] bark.\n"
    assert [comment.text for comment in opened(made).comments] == ["one # two three"]


@given(transcripts())
def test_a_bookmark_over_everything_leaves_the_text_of_markdown(made: Transcript) -> None:
    whole = replace(
        made, segments=tuple(bookmarked(each, dict.fromkeys(range(9), "")) for each in made.segments)
    )
    assert letters(shown(write(whole, "md", BARE))) == letters(shown(write(plain(made), "md", BARE)))


def shown(markdown: str) -> list[str]:
    """The text of each block, as a reader sees it."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    return [
        "".join(child.content for child in token.children or [] if child.type == "text")
        for token in tokens
        if token.type == "inline"
    ]


def test_a_text_of_markdown_is_read_again_without_marks() -> None:
    text = read_text(f"# Talk\n\n{write(TALK, 'md', BARE)}")
    assert [line.text for line in text.lines] == [
        "Talk",
        "We saw the quick fox. It [ask <Anna>] was late.",
        "Nobody left.",
    ]


def test_a_word_document_highlights_passages_and_has_notes_as_comments() -> None:
    document = opened(TALK)
    assert "".join(highlighted(document)) == "the quick fox. Itlate.Nobody"
    assert [(each.text, each.author) for each in document.comments] == [("ask <Anna>", "Wordlight")]
    assert commented(document) == ["the quick fox. It"]
    assert document.paragraphs[-2].text == "We saw the quick fox. It was late."
    assert highlighted(opened(plain(TALK))) == [] and not list(opened(plain(TALK)).comments)


def test_a_comment_goes_on_over_paragraphs_and_turns() -> None:
    made = transcript(
        bookmarked(sentence("We left.", 0.0), {1: "why?"}),
        bookmarked(sentence("He stayed.", 30.0, id=1), {0: "why?"}),
    )
    document = opened(made)
    assert [comment.text for comment in document.comments] == ["why?"]
    assert commented(document) == ["left.He"]


def test_a_doubtful_word_keeps_its_style_in_a_passage() -> None:
    segment = bookmarked(sentence("We met Mister Jones.", 0.0), {1: "", 2: ""})
    words = tuple(replace(word, probability=0.2) if word.word == "met" else word for word in segment.words)
    runs = opened(transcript(replace(segment, words=words))).paragraphs[-1].runs
    looks = [(run.text, run.style.name, run.font.highlight_color is not None) for run in runs if run.style]
    assert looks == [
        ("We ", "Default Paragraph Font", False),
        ("met", "Doubtful word", True),
        (" Mister", "Default Paragraph Font", True),
        (" Jones.", "Default Paragraph Font", False),
    ]


def test_a_mark_of_unclear_speech_belongs_to_the_passage_around_it() -> None:
    whole = bookmarked(sentence("We left early.", 0.0, seconds_a_word=2.0), dict.fromkeys(range(3), "why?"))
    made = replace(transcript(whole), coverage=(Mismatch("speech_without_words", 2.5, 3.5),))
    limits = replace(BARE, unclear="on")
    assert write(made, "md", limits) == "<mark>We left \\[unclear\\] early.</mark> \\[why?\\]\n"
    half = replace(made, segments=(bookmarked(whole, {0: "", 1: ""}),))
    assert write(half, "md", limits) == "<mark>We left</mark> \\[unclear\\] early.\n"


def test_a_filler_that_is_left_out_leaves_the_passage_whole() -> None:
    segment = bookmarked(sentence("We um left.", 0.0), dict.fromkeys(range(3), "why?"))
    words = tuple(replace(word, disfluency="filler") if word.word == "um" else word for word in segment.words)
    made = transcript(replace(segment, words=words))
    assert write(made, "md", replace(BARE, fillers="drop")) == "<mark>We left.</mark> \\[why?\\]\n"
