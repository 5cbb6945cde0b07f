"""Speakers in every format, read back by libraries that did not write them."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO

import pysubs2
import pytest
import webvtt
from hypothesis import given
from pyannote.database.util import load_rttm

from engine import Transcript
from engine.diarization.speakers import Overlap, Speaker
from engine.export.cue_limits import CueLimits
from engine.export.writers import write
from engine.text.turns import overlaps_of, turns_of
from tests.support.subtitle_readers import read_csv, read_srt, read_vtt
from tests.support.transcripts import sentence, transcript, transcripts

LABELS = ("SPEAKER_00", "SPEAKER_00", "SPEAKER_01")


def spoken(*names: str) -> Transcript:
    """Anna says two sentences, Ben one and Anna another; `names` are theirs, else their labels."""
    parts = [
        sentence("Good evening.", 0.0, id=0),
        sentence("How are you?", 1.0, id=1),
        sentence("Quite well.", 3.0, id=2),
        sentence("I am glad.", 5.0, id=3),
    ]
    labelled = [
        replace(part, speaker=label, words=tuple(replace(word, speaker=label) for word in part.words))
        for part, label in zip(parts, (*LABELS, "SPEAKER_00"), strict=True)
    ]
    people = [
        Speaker(label, name) for label, name in zip(dict.fromkeys(LABELS), names or ("", ""), strict=True)
    ]
    return replace(transcript(*labelled), speakers=tuple(people))


def test_a_turn_begins_with_the_name_in_text_and_in_srt() -> None:
    made = spoken("Anna", "Ben")
    assert write(made, "txt") == (
        "Anna: Good evening. How are you?\n\nBen: Quite well.\n\nAnna: I am glad.\n"
    )
    assert [cue.text for cue in read_srt(write(made, "srt"))] == [
        "Anna: Good evening.", "How are you?", "Ben: Quite well.", "Anna: I am glad."
    ]  # fmt: skip


def test_a_dash_stands_before_a_turn_by_choice() -> None:
    dashed = CueLimits(speaker_names="dash")
    for format in ("srt", "vtt"):
        document = write(spoken("Anna", "Ben"), format, dashed)
        assert "Anna" not in document
        assert document.count("\n- ") == 3
    assert write(spoken(), "txt", dashed).startswith("- Good evening. How")


@pytest.mark.parametrize("format", ["txt", "srt", "vtt", "ass", "lrc"])
def test_names_can_be_left_out(format: str) -> None:
    made = spoken("Anna", "Ben")
    bare = replace(
        made, speakers=(), segments=tuple(replace(segment, speaker=None) for segment in made.segments)
    )
    if format == "txt":  # a paragraph begins with a turn all the same
        assert write(made, format, CueLimits(speaker_names="off")).startswith("Good evening. How")
        return
    assert write(made, format, CueLimits(speaker_names="off")) == write(bare, format)


def test_names_are_voices_in_webvtt_and_are_escaped() -> None:
    document = write(spoken("Anna <A & B>", "Ben"), "vtt")
    assert "<v Anna &lt;A &amp; B&gt;>Good evening." in document
    captions = webvtt.from_buffer(StringIO(write(spoken("Anna", "Ben"), "vtt"))).captions
    assert [caption.voice for caption in captions] == ["Anna", "Anna", "Ben", "Anna"]
    assert captions[2].text == "Quite well."


def test_each_speaker_has_a_style_in_ass() -> None:
    made = pysubs2.SSAFile.from_string(write(spoken("Anna, A.", "Ben"), "ass"))
    assert [(line.style, line.name) for line in made] == [
        ("Speaker1", "Anna  A."), ("Speaker1", "Anna  A."), ("Speaker2", "Ben"), ("Speaker1", "Anna  A.")
    ]  # fmt: skip
    assert made.styles["Speaker1"].primarycolor != made.styles["Speaker2"].primarycolor
    assert made[2].plaintext == "Quite well."


def test_lyrics_have_no_names() -> None:
    assert "Anna" not in write(spoken("Anna", "Ben"), "lrc")


def test_tables_have_the_names_that_were_given() -> None:
    assert {row["speaker"] for row in read_csv(write(spoken("Anna", "Ben"), "csv"))} == {"Anna", "Ben"}
    assert {row["speaker"] for row in read_csv(write(spoken(), "csv"))} == set(LABELS)
    off = CueLimits(speaker_names="off")
    assert {row["speaker"] for row in read_csv(write(spoken("Anna", "Ben"), "csv", off))} == set(LABELS)


def test_rttm_reads_back_as_turns(tmp_path) -> None:
    (tmp_path / "talk.rttm").write_text(write(spoken("Anna Bell", "Ben"), "rttm"))
    found = load_rttm(tmp_path / "talk.rttm")["recording"]
    assert [(round(turn.start, 3), round(turn.end, 3), who) for turn, _, who in found.itertracks(True)] == [
        (0.0, 2.2, "Anna_Bell"), (3.0, 3.8, "Ben"), (5.0, 6.2, "Anna_Bell")
    ]  # fmt: skip


@given(transcripts())
def test_rttm_has_ten_fields_a_line_whatever_the_words(made: Transcript) -> None:
    lines = [line for line in write(made, "rttm").splitlines() if not line.startswith(";;")]
    assert all(len(line.split()) == 10 for line in lines)


def test_a_monologue_has_no_name_before_it_unless_one_was_given() -> None:
    alone = replace(spoken(), segments=spoken().segments[:2])
    assert write(alone, "txt") == "Good evening. How are you?\n"
    named = replace(alone, speakers=(Speaker("SPEAKER_00", "Anna"),))
    assert write(named, "txt") == "Anna: Good evening. How are you?\n"


def test_the_name_counts_as_part_of_the_first_line() -> None:
    made = spoken("Annabella Whitmore-Carrington", "Ben")
    for limits in (CueLimits(max_width=42), CueLimits(max_width=40, max_lines=1)):
        lines = [line for cue in read_srt(write(made, "srt", limits)) for line in cue.text.split("\n")]
        assert all(len(line) <= limits.max_width for line in lines)


def test_json_brings_speakers_and_overlaps_back() -> None:
    people = (
        Speaker("SPEAKER_00", "Anna", seconds=3.25, words=7, certain=0.9),
        Speaker("SPEAKER_01", "", 0.5, 2, 0.4, doubtful=True, near="SPEAKER_00", channel=1),
    )
    made = replace(spoken(), speakers=people, overlaps=(Overlap(1.0, 1.5),))
    data = json.loads(write(made, "json"))
    assert data["speakers"][0] == {
        "id": "SPEAKER_00", "name": "Anna", "seconds": 3.25, "words": 7, "certain": 0.9
    }  # fmt: skip
    assert data["speakers"][1]["name"] == "SPEAKER_01"
    assert data["speakers"][1]["doubtful_speaker"] is True
    assert data["overlaps"] == [{"start": 1.0, "end": 1.5}]
    assert Transcript.from_dict(data).to_dict() == data


def test_overlaps_are_where_two_people_speak() -> None:
    words = [replace(word, speaker="A") for word in sentence("one two three four").words]
    words += [replace(word, speaker="B") for word in sentence("yes yes", 0.6).words]
    turns = turns_of(sorted(words, key=lambda word: word.start))
    assert [(turn.start, turn.end, turn.speaker) for turn in turns] == [(0.0, 1.6, "A"), (0.6, 1.4, "B")]
    assert overlaps_of(turns) == (Overlap(0.6, 1.4),)


def test_every_subtitle_format_is_cut_at_the_same_words() -> None:
    """A name that only some formats write as text counts in all of them."""
    long = "Last year we started to ask ourselves a simple question about the river."
    said = replace(sentence(long, 1.0, seconds_a_word=0.3), speaker="SPEAKER_00")
    made = replace(
        transcript(said, duration=20), speakers=(Speaker("SPEAKER_00", "Alexandra Konstantinopolou"),)
    )
    starts = {
        "srt": [cue.start for cue in read_srt(write(made, "srt"))],
        "vtt": [cue.start for cue in read_vtt(write(made, "vtt"))],
        "ass": [event.start for event in pysubs2.SSAFile.from_string(write(made, "ass"))],
    }
    assert len(starts["srt"]) > 1 and starts["srt"] == starts["vtt"] == starts["ass"]
    assert "Alexandra" in write(made, "srt").splitlines()[2]
