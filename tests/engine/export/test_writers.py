"""Files read back by libraries that did not write them: srt, webvtt-py, csv, json."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pandas
import pysubs2
import pytest
from hypothesis import given

from engine import Transcript, Word
from engine.errors import InvalidOption
from engine.export.text_width import one_line
from engine.export.writers import FORMATS, WRITERS, as_text, write
from tests.support.subtitle_readers import read_csv, read_srt, read_tsv, read_vtt
from tests.support.transcripts import letters, segment, sentence, transcript, transcripts

ENGLISH = transcript(sentence("Hello, dear world.", 1.0), sentence("And good night.", 2.5, id=1))


# Every format


def test_the_formats_are_those_that_have_a_writer() -> None:
    assert (
        FORMATS
        == tuple(WRITERS)
        == ("txt", "srt", "vtt", "ass", "lrc", "tsv", "csv", "rttm", "textgrid", "json")
    )
    for name, writer in WRITERS.items():
        assert writer.name == name
        assert Path("talk.mp3").with_suffix(writer.extension).name == f"talk.{name}"
    assert WRITERS["vtt"].media_type == "text/vtt"  # the one that browsers insist on


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidOption) as caught:
        write(ENGLISH, "docx")
    assert "'docx'" in str(caught.value)
    assert all(name in caught.value.hint for name in FORMATS)


def test_an_empty_transcript_is_a_valid_document_in_each_format() -> None:
    empty = transcript(language=None, duration=3.0)
    assert write(empty, "txt") == ""
    assert read_srt(write(empty, "srt")) == []
    assert write(empty, "vtt") == "WEBVTT\n"
    assert read_vtt(write(empty, "vtt")) == []
    assert read_tsv(write(empty, "tsv")) == []
    assert write(empty, "tsv").startswith("start\tend\ttext\t")
    assert read_csv(write(empty, "csv")) == []
    assert write(empty, "rttm") == ""
    assert list(pysubs2.SSAFile.from_string(write(empty, "ass"))) == []
    assert write(empty, "lrc") == "[re:Wordlight]\n[length:00:03]\n"
    assert json.loads(write(empty, "json"))["segments"] == []


@pytest.mark.parametrize("format", FORMATS)
@given(made=transcripts())
def test_every_document_can_be_saved_as_utf8_and_ends_its_last_line(format: str, made: Transcript) -> None:
    document = write(made, format)
    assert document.encode().decode() == document
    assert document == "" or document.endswith("\n")


# Text, tables, JSON


def test_what_a_person_chose_goes_before_the_pauses() -> None:
    made = transcript(
        sentence("One."),
        replace(sentence("Two.", 1.0, id=1), paragraph=True),
        replace(sentence("Three.", 9.0, id=2), paragraph=False),
    )
    assert write(made, "txt") == "One.\n\nTwo. Three.\n"


def test_a_new_speaker_begins_a_paragraph() -> None:
    made = transcript(
        replace(sentence("One."), speaker="A"),
        replace(sentence("Two.", 0.5, id=1), speaker="A"),
        replace(sentence("Three.", 1.0, id=2), speaker="B"),
    )
    assert write(made, "txt") == "A: One. Two.\n\nB: Three.\n"


def test_a_long_paragraph_ends_with_its_sentence() -> None:
    ten = "one two three four five six seven eight nine ten."
    made = transcript(*(sentence(ten, 4.0 * n, id=n) for n in range(30)))
    assert [len(part.split()) for part in write(made, "txt").split("\n\n")] == [120, 120, 60]


def test_a_pause_of_over_two_seconds_begins_a_paragraph() -> None:
    made = transcript(
        sentence("One.", 0.0),
        sentence("Two.", 2.4, id=1),
        sentence("Three.", 4.801, id=2),
        sentence("Four.", 5.5, id=3),
    )
    assert write(made, "txt") == "One. Two.\n\nThree. Four.\n"


def test_spaceless_paragraphs_have_no_spaces() -> None:
    made = transcript(
        *(sentence(["そう", "です。"], start, language="ja") for start in (0.0, 1.0, 9.0)), language="ja"
    )
    assert write(made, "txt") == "そうです。そうです。\n\nそうです。\n"


def test_a_paragraph_of_translated_japanese_has_spaces() -> None:
    made = transcript(sentence("One."), sentence("Two.", 1.0), language="ja")
    assert write(made, "txt") == "One. Two.\n"


@given(transcripts())
def test_plain_text_holds_the_whole_text(made: Transcript) -> None:
    assert letters([write(made, "txt")]) == letters(w.word for w in made.words)


@pytest.mark.parametrize(("format", "text", "second"), [("tsv", "text", 1000), ("csv", "word", 1)])
@given(made=transcripts())
def test_tables_have_a_row_for_every_word(format: str, text: str, second: int, made: Transcript) -> None:
    document = write(made, format)
    rows = {"tsv": read_tsv, "csv": read_csv}[format](document)
    words = [(word, part.id) for part in made.segments for word in part.words]
    assert len(document.splitlines()) == len(rows) + 1 == len(words) + 1
    for row, (word, segment_id) in zip(rows, words, strict=True):
        times = float(row["start"]) / second, float(row["end"]) / second
        assert times == pytest.approx((word.start, word.end), abs=1e-6)
        assert letters([row[text]]) == letters([as_text(one_line(word.word))])
        assert float(row["probability"]) == word.probability
        assert row["score"] == ("" if word.score is None else f"{word.score:.3f}")
        assert (row["timing"], row["speaker"]) == (word.timing, word.speaker or "")
        assert int(row["segment"]) == segment_id


def test_rows_of_the_tables_read_as_documented() -> None:
    scored = Word('"Hello\t', 1.0, 1.25, probability=0.5, timing="aligned", score=0.75)
    made = transcript(segment([scored]))
    assert write(made, "tsv").splitlines() == [
        "start\tend\ttext\ttiming\tscore\tprobability\tspeaker\tsegment",
        '1000\t1250\t"""Hello"\taligned\t0.750\t0.500\t\t0',
    ]
    assert write(made, "csv").splitlines() == [
        "\ufeffstart,end,word,timing,score,probability,speaker,segment",
        '1.000,1.250,"""Hello",aligned,0.750,0.500,,0',
    ]


def test_the_tsv_is_read_by_what_reads_whisperx_s() -> None:
    """Its users take start and end as whole milliseconds and text from three columns by name."""
    table = pandas.read_csv(io.StringIO(write(ENGLISH, "tsv")), sep="\t")
    assert list(table.columns[:3]) == ["start", "end", "text"]
    assert list(table.start[:3]) == [1000, 1400, 1800] and table.start.dtype == "int64"
    assert list(table.text[:3]) == ["Hello,", "dear", "world."]


@given(transcripts())
def test_json_is_read_back_as_the_same_transcript(made: Transcript) -> None:
    assert Transcript.from_dict(json.loads(write(made, "json"))) == made


def test_json_is_readable_in_any_script() -> None:
    made = transcript(sentence(["日本語"], language="ja"), language="ja")
    assert '\n  "text": "日本語",\n' in write(made, "json")


# Formulas


@pytest.mark.parametrize(("format", "text"), [("tsv", "text"), ("csv", "word")])
@pytest.mark.parametrize(
    "word",
    ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "－1", "\t=1", "\u200b=1", "\u200f@x"],
)
def test_a_spreadsheet_finds_no_formula_in_a_table(format: str, text: str, word: str) -> None:
    said = Word(word, 1.0, 1.25, probability=0.5, timing="aligned", speaker="=cmd|'/c calc'!A1")
    (row,) = {"tsv": read_tsv, "csv": read_csv}[format](write(transcript(segment([said])), format))
    assert row[text] == f"'{word.strip()}"
    assert row["speaker"] == "'=cmd|'/c calc'!A1"
    assert (float(row["start"]), float(row["end"])) in ((1.0, 1.25), (1000, 1250))


@pytest.mark.parametrize("format", ["tsv", "csv"])
@given(made=transcripts())
def test_no_cell_of_a_table_begins_as_a_formula_does(format: str, made: Transcript) -> None:
    for row in {"tsv": read_tsv, "csv": read_csv}[format](write(made, format)):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())
