"""Files read back by libraries that did not write them: srt, webvtt-py, csv, json."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pandas
import pysubs2
import pytest
import srt
import webvtt
from hypothesis import assume, given

from engine import Transcript, Word
from engine.cues import CueLimits, cues
from engine.errors import BadOption
from engine.writers import FORMATS, WRITERS, write
from tests.transcripts import letters, segment, sentence, transcript, transcripts

ENGLISH = transcript(sentence("Hello, dear world.", 1.0), sentence("And good night.", 2.5, id=1))
LONG = (
    "The purpose of this meeting, as I said in my letter of last week, is to agree upon what the county "
    "will do about the old bridge, and who is going to pay for it when the work begins in spring."
)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Shown:
    """A cue as another library reads it; times in milliseconds."""

    start: int
    end: int
    text: str


def read_srt(document: str) -> list[Shown]:
    parsed = srt.parse(document)
    return [Shown(cue.start // MILLISECOND, cue.end // MILLISECOND, cue.content) for cue in parsed]


def read_vtt(document: str) -> list[Shown]:
    parsed = webvtt.from_string(document, strict=True)
    return [Shown(_moment(cue.start), _moment(cue.end), html.unescape(cue.raw_text)) for cue in parsed]


def _moment(timestamp: str) -> int:
    return srt.srt_timestamp_to_timedelta(timestamp) // MILLISECOND


def read_tsv(document: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(document), dialect="excel-tab"))


def read_csv(document: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(document)))


READERS = {"srt": read_srt, "vtt": read_vtt}
subtitles = pytest.mark.parametrize("format", READERS)


def shown(made: Transcript, format: str = "vtt", limits: CueLimits = CueLimits()) -> list[Shown]:
    return READERS[format](write(made, format, limits))


def word(text: str, start: float, end: float) -> Word:
    return Word(text, start, end, probability=0.5, timing="attention")


# Every format


def test_the_formats_are_those_that_have_a_writer() -> None:
    assert FORMATS == tuple(WRITERS) == ("txt", "srt", "vtt", "ass", "lrc", "tsv", "csv", "json")
    for name, writer in WRITERS.items():
        assert writer.name == name
        assert Path("talk.mp3").with_suffix(writer.extension).name == f"talk.{name}"
    assert WRITERS["vtt"].media_type == "text/vtt"  # the one that browsers insist on


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadOption) as caught:
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
    assert list(pysubs2.SSAFile.from_string(write(empty, "ass"))) == []
    assert write(empty, "lrc") == "[re:Wordlight]\n[length:00:03]\n"
    assert json.loads(write(empty, "json"))["segments"] == []


@pytest.mark.parametrize("format", FORMATS)
@given(made=transcripts())
def test_every_document_can_be_saved_as_utf8_and_ends_its_last_line(format: str, made: Transcript) -> None:
    document = write(made, format)
    assert document.encode().decode() == document
    assert document == "" or document.endswith("\n")


# Subtitles


@subtitles
@given(made=transcripts())
def test_cues_are_ordered_have_a_length_and_never_overlap(format: str, made: Transcript) -> None:
    read = shown(made, format)
    assert all(cue.start < cue.end for cue in read)
    assert all(cue.end <= following.start for cue, following in pairwise(read))


@subtitles
@given(made=transcripts())
def test_cues_hold_the_whole_text(format: str, made: Transcript) -> None:
    def plain(texts: Iterable[str]) -> str:
        text = letters(texts)
        return re.sub("[->→]", "", text) if format == "srt" else text

    assert plain(cue.text for cue in shown(made, format)) == plain(w.word for w in made.words)


@subtitles
@given(made=transcripts())
def test_no_cue_has_an_empty_line(format: str, made: Transcript) -> None:
    assert all(line.strip(" ") for cue in shown(made, format) for line in cue.text.split("\n"))


@subtitles
def test_cue_times_are_those_of_the_words(format: str) -> None:
    assert shown(ENGLISH, format) == [
        Shown(1000, 2200, "Hello, dear world."),
        Shown(2500, 3700, "And good night."),
    ]


@subtitles
def test_each_cue_of_a_long_segment_starts_and_ends_with_its_own_words(format: str) -> None:
    long = sentence(LONG, 10.0, seconds_a_word=0.3)
    words = iter(long.words)
    for cue in shown(transcript(long), format):
        own = [next(words) for _ in cue.text.split()]
        assert cue.text.split() == [word.word for word in own]
        assert (cue.start, cue.end) == (round(own[0].start * 1000), round(own[-1].end * 1000))
    assert next(words, None) is None


@subtitles
def test_long_segments_become_cues_of_two_lines_of_42_characters(format: str) -> None:
    read = shown(transcript(sentence(LONG, seconds_a_word=0.2)), format)
    lines = [line for cue in read for line in cue.text.split("\n")]
    assert all(len(cue.text.split("\n")) <= 2 for cue in read)
    assert all(len(line) <= 42 for line in lines)
    assert " ".join(lines) == LONG
    assert len(lines) <= 6  # 188 characters: not one word a cue


def test_slow_speech_is_cut_so_that_no_cue_lasts_over_seven_seconds() -> None:
    read = shown(transcript(sentence(LONG, seconds_a_word=1.5)))
    assert len(read) > 3
    assert all(cue.end - cue.start <= 7000 for cue in read)


def test_a_cue_breaks_after_punctuation_where_it_can() -> None:
    text = "This is the first part of all that I have to say, and the second one is a good deal longer than that."
    first, second = shown(transcript(sentence(text, seconds_a_word=0.2)))
    assert first.text.endswith("say,")
    assert second.text.startswith("and")


def test_a_cue_breaks_at_a_pause_where_there_is_no_punctuation() -> None:
    before = sentence("and then we walked on to the town", seconds_a_word=0.2)
    after = sentence(
        "until we found the very house that he had told all of us about", 3.0, seconds_a_word=0.2
    )
    first, second = shown(transcript(segment(before.words + after.words)))
    assert first.text.replace("\n", " ") == before.text
    assert second.start == 3000


def test_a_line_breaks_after_punctuation_where_it_can() -> None:
    (cue,) = shown(
        transcript(sentence("When it rains, we stay in the house until the sun is up.", seconds_a_word=0.2))
    )
    assert cue.text == "When it rains,\nwe stay in the house until the sun is up."


def test_a_text_that_fits_one_line_stays_on_one() -> None:
    text = "Well, this sentence has forty-two letters."
    assert len(text) == 42
    assert [cue.text for cue in shown(transcript(sentence(text)))] == [text]


def test_a_word_longer_than_a_line_stays_whole() -> None:
    word = "Donau" * 20
    read = shown(transcript(sentence(f"Das ist {word} hier.", seconds_a_word=0.2)))
    assert word in "\n".join(cue.text for cue in read).split("\n")


@pytest.mark.parametrize("language", ["ja", "zh", "yue"])
def test_wide_characters_count_as_two_and_lines_break_between_words(language: str) -> None:
    words = [
        "日本語の",
        "文章は",
        "空白なしで",
        "書かれますので、",
        "読みやすい",
        "ところで",
        "改行します。",
    ] * 2
    made = transcript(sentence(words, seconds_a_word=0.2, language=language), language=language)
    lines = [line for cue in shown(made) for line in cue.text.split("\n")]
    assert "".join(lines) == "".join(words)
    assert all(len(line) <= 21 for line in lines)
    for line in lines:
        while line:
            line = line.removeprefix(next(word for word in words if line.startswith(word)))


def test_marks_on_letters_take_no_room() -> None:
    hindi = "नमस्ते दुनिया मेरा नाम क्या है और तुम कौन हो दोस्त"
    assert len(hindi) > 42
    assert len(shown(transcript(sentence(hindi, language="hi"), language="hi"))[0].text.split("\n")) == 1


@subtitles
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("مرحبا بالعالم، كيف الحال؟", "ar"),
        ("שלום, עולם!", "he"),
        ("Party 👩‍👩‍👧 time 🎉 now", "en"),
        ("Café naïve é", "fr"),
    ],
)
def test_text_of_any_script_is_kept_to_the_letter(format: str, text: str, language: str) -> None:
    assert [
        cue.text for cue in shown(transcript(sentence(text, language=language), language=language), format)
    ] == [text]


def test_vtt_keeps_text_that_looks_like_markup_or_an_arrow() -> None:
    text = "R&D <i>is</i> &amp; a --> b"
    document = write(transcript(sentence(text)), "vtt")
    assert [cue.text for cue in read_vtt(document)] == [text]
    assert document.count("-->") == 1
    assert "<" not in document


def test_srt_writes_an_arrow_of_hyphens_as_a_real_one() -> None:
    document = write(transcript(sentence("From a --> b")), "srt")
    assert [cue.text for cue in read_srt(document)] == ["From a → b"]
    assert document.count("-->") == 1


@subtitles
def test_line_breaks_inside_a_word_cannot_end_a_cue(format: str) -> None:
    made = transcript(segment([word("one\n\n2\n00:00:09,000 --> 00:00:10,000\ntwo", 0.0, 1.0)]))
    assert len(shown(made, format)) == 1


@subtitles
def test_times_past_99_hours_are_written_in_full(format: str) -> None:
    made = transcript(sentence("Still here.", 100 * 3600 + 0.25, seconds_a_word=0.5))
    document = write(made, format)
    assert "\n100:00:00" in document
    assert shown(made, format) == [Shown(360_000_250, 360_001_250, "Still here.")]


@subtitles
def test_a_cue_without_length_gets_one_up_to_the_next(format: str) -> None:
    made = transcript(
        segment([word("Oh.", 1.0, 1.0)]), segment([word("No.", 1.04, 1.5)]), segment([word("Ah.", 9.0, 9.0)])
    )
    assert [(cue.start, cue.end) for cue in shown(made, format)] == [(1000, 1040), (1040, 1500), (9000, 9100)]


@subtitles
def test_cues_piled_on_one_instant_follow_each_other(format: str) -> None:
    made = transcript(*(segment([word(text, 1.0, 1.0)]) for text in ("a", "b", "c")))
    assert [(cue.start, cue.end) for cue in shown(made, format)] == [(1000, 1001), (1001, 1002), (1002, 1102)]


@subtitles
def test_a_cue_that_runs_into_the_next_ends_where_that_begins(format: str) -> None:
    made = transcript(segment([word("one", 0.0, 3.0)]), segment([word("two", 2.0, 4.0)]))
    assert [(cue.start, cue.end) for cue in shown(made, format)] == [(0, 2000), (2000, 4000)]


def test_other_limits_give_other_cues() -> None:
    made = transcript(sentence(LONG, seconds_a_word=0.2))
    narrow = shown(made, limits=CueLimits(max_lines=1, max_width=20, max_seconds=2.0))
    assert all(len(cue.text) <= 20 and cue.end - cue.start <= 2000 for cue in narrow)
    assert " ".join(cue.text for cue in narrow) == LONG
    three = list(cues(made, CueLimits(max_lines=3)))
    assert max(len(cue.lines) for cue in three) == 3


@pytest.mark.parametrize(
    "limits", [{"max_lines": 0}, {"max_width": 0}, {"max_seconds": 0.0}, {"max_words": 0}]
)
def test_limits_that_hold_nothing_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(BadOption, match="above zero"):
        CueLimits(**limits)


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
    assert write(made, "txt") == "One. Two.\n\nThree.\n"


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
        assert letters([row[text]]) == letters([word.word])
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
        "start,end,word,timing,score,probability,speaker,segment",
        '1.000,1.250,"""Hello",aligned,0.750,0.500,,0',
    ]


def test_the_tsv_is_read_by_what_reads_whisperx_s() -> None:
    """Its users take start and end as whole milliseconds and text from three columns by name."""
    table = pandas.read_csv(io.StringIO(write(ENGLISH, "tsv")), sep="\t")
    assert list(table.columns[:3]) == ["start", "end", "text"]
    assert list(table.start[:3]) == [1000, 1400, 1800] and table.start.dtype == "int64"
    assert list(table.text[:3]) == ["Hello,", "dear", "world."]


# Karaoke


@given(made=transcripts())
def test_ass_is_read_by_another_library_with_the_cues_of_srt(made: Transcript) -> None:
    assume(made.duration < 99 * 3600)  # more digits than that library knows
    read = pysubs2.SSAFile.from_string(write(made, "ass"))
    expected = read_srt(write(made, "srt"))
    assert len(read) == len(expected)
    for event, cue in zip(read, expected, strict=True):
        # ASS counts in hundredths; what is shorter lasts one
        assert abs(event.start - cue.start) <= 5 and event.start < event.end <= max(
            cue.end + 15, event.start + 10
        )


def test_ass_lights_each_word_for_as_long_as_it_is_said() -> None:
    made = transcript(
        segment([word("Hello,", 1.0, 1.25), word("dear", 1.5, 1.75), word("{you}\\N", 1.75, 2.0)])
    )
    (event,) = pysubs2.SSAFile.from_string(write(made, "ass"))
    assert (event.start, event.end) == (1000, 2000)
    assert event.text == "{\\kf25}Hello, {\\k25}{\\kf25}dear {\\kf25}(you)\\\u2060N"
    assert event.plaintext == "Hello, dear (you)\\\u2060N"


@given(made=transcripts())
def test_the_lengths_of_karaoke_words_never_exceed_their_cue(made: Transcript) -> None:
    assume(made.duration < 99 * 3600)  # more digits than that library knows
    for event in pysubs2.SSAFile.from_string(write(made, "ass")):
        told = sum(int(length) for length in re.findall(r"{\\kf?(\d+)}", event.text))
        assert told * 10 <= event.end - event.start


def test_lrc_has_a_time_a_line_and_a_time_a_word() -> None:
    made = transcript(sentence("Hello, dear world.", 1.0), sentence("Good night.", 65.5, id=1))
    assert write(made, "lrc").splitlines() == [
        "[re:Wordlight]",
        "[length:01:06]",
        "[00:01.00]<00:01.00>Hello, <00:01.40>dear <00:01.80>world.<00:02.20>",
        "[00:02.20]",
        "[01:05.50]<01:05.50>Good <01:05.90>night.<01:06.30>",
    ]


@given(made=transcripts())
def test_lrc_lines_are_ordered_and_hold_the_whole_text(made: Transcript) -> None:
    lines = write(made, "lrc").splitlines()[2:]
    starts = [re.match(r"\[(\d+):(\d\d)\.(\d\d)\]", line) for line in lines]
    assert all(starts)
    times = [[int(part) for part in start.groups()] for start in starts if start]
    assert times == sorted(times)
    words = [re.sub(r"^\[[\d:.]+\]|<\d+:\d\d\.\d\d>", "", line) for line in lines]
    brackets = str.maketrans("<>[]()", "      ")
    assert letters(t.translate(brackets) for t in words) == letters(
        w.word.translate(brackets) for w in made.words
    )


@pytest.mark.parametrize("format", ["srt", "vtt"])
def test_one_word_a_cue(format: str) -> None:
    made = transcript(sentence("Three little words."))
    assert [cue.text for cue in shown(made, format, CueLimits(max_words=1))] == ["Three", "little", "words."]


@given(transcripts())
def test_json_is_read_back_as_the_same_transcript(made: Transcript) -> None:
    assert Transcript.from_dict(json.loads(write(made, "json"))) == made


def test_json_is_readable_in_any_script() -> None:
    made = transcript(sentence(["日本語"], language="ja"), language="ja")
    assert '\n  "text": "日本語",\n' in write(made, "json")
