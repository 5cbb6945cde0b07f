"""The English beside a transcript in files: below each paragraph in Markdown and Word, in JSON, and as subtitles."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import docx
import pytest

from engine import Transcript
from engine.errors import InvalidOption
from engine.export.cue_limits import CueLimits
from engine.export.markdown import Markdown
from engine.export.translated import translated_transcript
from engine.export.word_document import WordDocument
from engine.export.writers import FORMATS, encode, write
from engine.text.translation import TranslatedSentence, Translation
from engine.text.validation import validate_transcript
from tests.support.subtitle_readers import read_srt
from tests.support.transcripts import sentence, transcript

BARE = CueLimits(speaker_names="off", paragraph_times="off")
SEGMENTS = (
    sentence("Buenos días a todos.", 0.0, language="es"),
    sentence("¿Qué hora es?", 2.0, language="es", id=1),
    sentence("Es tarde.", 30.0, language="es", id=2),
)
PLAIN = transcript(*SEGMENTS, language="es")
ENGLISH = Translation(
    "en",
    31.0,
    (
        TranslatedSentence(0.1, 1.4, "Good morning *everybody*."),
        TranslatedSentence(2.0, 3.0, "What time is it?"),
        TranslatedSentence(30.0, 30.8, "- It is late."),
    ),
)
TALK = replace(PLAIN, translation=ENGLISH)
NOTE = (
    "The English below the paragraphs was made by a model from the sound. It may be wrong, and it does not "
    "have the corrections of the words."
)


def opened(made: Transcript) -> list[tuple[str, str]]:
    """The style and the text of each paragraph of the Word document."""
    document = docx.Document(io.BytesIO(encode(made, "docx", BARE)))
    return [(str(each.style.name), each.text) for each in document.paragraphs if each.style]


@pytest.mark.parametrize("format", sorted(set(FORMATS) - {"json", "md", "docx"}))
def test_other_files_have_no_trace_of_it(format: str) -> None:
    assert write(TALK, format) == write(PLAIN, format)


def test_markdown_has_it_as_a_quotation_below_each_paragraph() -> None:
    assert write(TALK, "md", BARE) == (
        f"> *{NOTE}*\n\n"
        "Buenos días a todos. ¿Qué hora es?\n\n"
        "> Good morning \\*everybody\\*. What time is it?\n\n"
        "Es tarde.\n\n"
        "> \\- It is late.\n"
    )


def test_a_word_document_has_it_in_a_style_of_its_own_with_its_language() -> None:
    assert opened(TALK)[-5:] == [
        ("Translation", NOTE),
        ("Normal", "Buenos días a todos. ¿Qué hora es?"),
        ("Translation", "Good morning *everybody*. What time is it?"),
        ("Normal", "Es tarde."),
        ("Translation", "- It is late."),
    ]
    style = docx.Document(io.BytesIO(encode(TALK, "docx"))).styles["Translation"]
    assert 'w:val="en"' in style.element.xml
    assert "Translation" not in dict(opened(PLAIN))


def test_a_file_without_a_sentence_says_nothing_of_a_translation() -> None:
    begun = replace(TALK, translation=replace(ENGLISH, segments=()))
    assert "English" not in write(begun, "md", BARE) + write(PLAIN, "md", BARE)
    assert NOTE not in dict(opened(begun)).values()


def test_the_note_stands_below_the_title() -> None:
    assert Markdown("talk").write(TALK, BARE).startswith(f"# talk\n\n> *{NOTE}*\n\nBuenos")
    document = docx.Document(io.BytesIO(WordDocument("talk").encode(TALK, BARE)))
    assert [each.text for each in document.paragraphs].index(
        NOTE
    ) == 2  # after the title, and language and length


def test_a_paragraph_without_a_sentence_has_nothing_below_it() -> None:
    begun = replace(TALK, translation=replace(ENGLISH, segments=ENGLISH.segments[:2]))
    assert write(begun, "md", BARE).endswith("\n\nEs tarde.\n")


def test_a_paragraph_of_fillers_alone_leaves_its_sentence_to_the_next() -> None:
    words = tuple(replace(word, disfluency="filler") for word in SEGMENTS[2].words)
    made = replace(TALK, segments=(*SEGMENTS[:2], replace(SEGMENTS[2], words=words)))
    assert "late" in write(made, "md", replace(BARE, fillers="drop"))


def test_json_has_it_and_reads_it_again() -> None:
    assert validate_transcript(json.loads(write(TALK, "json"))) == TALK


def test_subtitles_of_it_are_english_at_its_times() -> None:
    found = read_srt(write(translated_transcript(TALK), "srt", BARE))
    assert [" ".join(cue.text.split()) for cue in found] == [
        "Good morning *everybody*.",
        "What time is it?",
        "- It is late.",
    ]
    assert [cue.start for cue in found] == [100, 2000, 30000]
    assert "WEBVTT" in write(translated_transcript(TALK), "vtt")


def test_sentences_that_overlap_keep_the_order_of_their_words() -> None:
    overlapping = Translation(
        "en", 9.0, (TranslatedSentence(0.0, 4.0, "One two."), TranslatedSentence(2.0, 3.0, "Three."))
    )
    made = translated_transcript(replace(PLAIN, translation=overlapping))
    times = [word.start for word in made.words]
    assert times == sorted(times) and made.words[1].end <= made.words[2].start
    assert validate_transcript(made.to_dict()) == made


def test_without_a_translation_there_are_no_subtitles_of_it() -> None:
    for made in (PLAIN, replace(PLAIN, translation=replace(ENGLISH, segments=()))):
        with pytest.raises(InvalidOption):
            translated_transcript(made)
