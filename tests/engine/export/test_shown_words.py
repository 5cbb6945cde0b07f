"""Files without fillers and repeats, and with marks where speech has no words, in every format."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import docx
import pytest

from engine import Segment, Transcript, Word
from engine.errors import InvalidOption
from engine.export.cue_limits import CueLimits
from engine.export.cues import cues
from engine.export.shown_words import FLUENT_FORMATS, UNCLEAR_FORMATS, shown_words
from engine.export.writers import FORMATS, encode, write
from engine.lint.subtitle_file import of_transcript
from engine.text.segments import make_segment
from engine.transcript import Mismatch

CLEAN = CueLimits(fillers="drop")
FULL = CueLimits(unclear="on")


def _segment(
    text: str, start: float, number: int, language: str = "en", speaker: str | None = None
) -> Segment:
    words = [
        Word(word, start + 0.5 * at, start + 0.5 * at + 0.4, 0.9, "aligned")
        for at, word in enumerate(text.split())
    ]
    return replace(make_segment(words, number, language, -0.1, 0.0), speaker=speaker)


@pytest.fixture
def talk() -> Transcript:
    """Says um and I twice; seconds 5 to 8 and 20 to 22 have speech without words."""
    segments = (
        _segment("Um, well, I, I uh think so.", 0.0, 0),
        _segment("We left", 4.0, 1),
        _segment("at noon, uh.", 8.5, 2),
        _segment("Um.", 12.0, 3),
        _segment("The the end.", 15.0, 4),
    )
    coverage = (Mismatch("speech_without_words", 5.0, 8.0), Mismatch("speech_without_words", 20.0, 22.0))
    return Transcript("en", 0.9, 30.0, segments, "base", "phonetic", coverage)


def test_every_format_is_the_same_if_nothing_is_chosen(talk: Transcript) -> None:
    bare = replace(
        talk,
        segments=tuple(
            replace(each, words=tuple(replace(word, disfluency=None) for word in each.words))
            for each in talk.segments
        ),
        coverage=(),
    )
    for format in set(FORMATS) - {"json", "docx"}:
        assert write(talk, format) == write(bare, format)
    assert '"disfluency": "filler"' in write(talk, "json")


@pytest.mark.parametrize("format", sorted(FLUENT_FORMATS))
def test_a_format_for_readers_leaves_fillers_out(talk: Transcript, format: str) -> None:
    made = _text(encode(talk, format, CLEAN), format)
    for gone in ("um", "uh", "Um", "The the", "the the"):
        assert gone not in _words(made), f"{gone} in {made}"
    for kept in ("Well", "noon.", "The", "end."):
        assert kept in made


@pytest.mark.parametrize("format", sorted(set(FORMATS) - FLUENT_FORMATS))
def test_a_record_has_every_word(talk: Transcript, format: str) -> None:
    assert encode(talk, format, CLEAN) == encode(talk, format)


@pytest.mark.parametrize("format", sorted(UNCLEAR_FORMATS))
def test_a_text_can_say_where_speech_has_no_words(talk: Transcript, format: str) -> None:
    assert _text(encode(talk, format, FULL), format).replace("\\", "").count("[unclear]") == 2
    assert "unclear" not in _text(encode(talk, format), format)


@pytest.mark.parametrize("format", sorted(set(FORMATS) - UNCLEAR_FORMATS))
def test_a_table_has_no_words_that_were_not_said(talk: Transcript, format: str) -> None:
    assert encode(talk, format, FULL) == encode(talk, format)


def test_the_text_reads_on(talk: Transcript) -> None:
    assert write(talk, "txt", CLEAN) == "Well, I think so. We left\n\nat noon.\n\nThe end.\n"
    full = write(talk, "txt", FULL)
    assert "We left [unclear] at noon, uh." in " ".join(full.split())
    assert full.endswith("[unclear]\n")


def test_subtitles_keep_the_times_of_what_they_show(talk: Transcript) -> None:
    shown = shown_words(talk, replace(CLEAN, unclear="on"))
    found = list(cues(shown.transcript))
    assert (found[0].text, found[0].start) == ("Well, I think so.", 500)
    (mark,) = [cue for cue in found if cue.text == "[unclear]" and cue.start == 20000]
    assert mark.end == 22000
    assert shown.place_of(mark.first, mark.count) == (len(talk.words), 0)
    first = found[0]
    assert shown.place_of(first.first, first.count) == (1, 6), "well, to so. of the whole transcript"
    assert of_transcript(talk, CLEAN).cues[0].lines == ("Well, I think so.",)


def test_a_mark_is_written_in_the_language_and_has_the_nearer_speaker() -> None:
    told = (
        _segment("Wir gehen.", 0.0, 0, "de", "SPEAKER_00"),
        _segment("Ja, bitte.", 9.0, 1, "de", "SPEAKER_01"),
    )
    gap = Mismatch("speech_without_words", 6.0, 8.8)
    shown = shown_words(Transcript("de", 0.9, 30.0, told, "base", "phonetic", (gap,)), FULL)
    assert shown.transcript.text == "Wir gehen. [unverständlich] Ja, bitte."
    assert shown.transcript.segments[1].speaker == "SPEAKER_01"
    assert shown.places == [0, 1, None, 2, 3]


def test_a_recording_of_which_no_word_was_understood_has_marks_alone() -> None:
    gap = Mismatch("speech_without_words", 1.0, 3.0)
    empty = Transcript("ja", 0.9, 30.0, (), "base", "phonetic", (gap,))
    assert write(empty, "txt", FULL) == "［聞き取り不能］\n"
    assert write(empty, "txt") == ""


def test_tables_keep_the_ids_of_segments(talk: Transcript) -> None:
    rows = list(csv.DictReader(io.StringIO(write(talk, "tsv", CLEAN)), delimiter="\t"))
    assert [row["segment"] for row in rows][-2:] == ["4", "4"]
    assert json.loads(write(talk, "json", CLEAN)) == talk.to_dict()


def test_unknown_choices_are_refused() -> None:
    for name in ("fillers", "unclear"):
        with pytest.raises(InvalidOption, match=name):
            CueLimits.of({name: "maybe"})


def _words(text: str) -> str:
    return " " + " ".join(text.replace(",", " ").replace(".", " ").split()) + " "


def _text(content: bytes, format: str) -> str:
    if format != "docx":
        return content.decode()
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs)
