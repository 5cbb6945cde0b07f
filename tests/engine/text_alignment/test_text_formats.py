"""Texts in all their formats, and their words, which joined are the text again."""

from __future__ import annotations

import json

import pytest

from engine.errors import BadText
from engine.text_alignment.given_text import normalise, split_words, words_of
from engine.text_alignment.text_formats import read_text
from engine.transcript import join_texts

SRT = """1
00:00:01,500 --> 00:00:03,000
<i>The old</i> harbour
was quiet.

2
00:00:03,500 --> 00:01:05,250
- ANNA: Nobody answered &amp; left.
"""
VTT = """WEBVTT

NOTE a comment

00:01.500 --> 00:03.000 align:start
<v Anna>The old harbour was quiet.

intro
00:00:03.500 --> 00:00:05.250
Nobody answered.
"""
ASS = """[Script Info]
Title: harbour

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.50,0:00:03.00,Default,,0,0,0,,{\\i1}The old harbour{\\i0}\\Nwas quiet.
"""
SCRIPTS = {
    "en": "The old harbour — was “quiet”, and nobody (not one) answered.",
    "ru": "Старый порт был тих, и никто не ответил.",
    "ar": "كان الميناء القديم هادئًا، ولم يُجب أحد.",
    "he": "הנמל הישן היה שקט, ואיש לא ענה.",
    "hi": "पुराना बंदरगाह शांत था, और किसी ने जवाब नहीं दिया।",
    "ja": "古い港は「静か」で、OpenAI API も2024年に答えなかった。",
    "zh": "旧港口今天早上很安静，没有人回答（一个也没有）。",
    "th": "ท่าเรือเก่า เงียบสงบ และไม่มีใครตอบ",
    "ko": "오래된 항구는 조용했고 아무도 대답하지 않았다.",
}


@pytest.mark.parametrize("language", SCRIPTS)
def test_the_words_of_a_line_are_the_line_again(language: str) -> None:
    text = SCRIPTS[language]
    words = split_words(text, language)
    assert join_texts(words, language) == text
    assert len(words) > 5 and not any(word.startswith(" ") for word in words)


def test_subtitles_keep_their_borders_times_and_voices() -> None:
    srt, vtt = read_text(SRT), read_text(VTT)
    assert [(line.text, line.start, line.end) for line in srt.lines] == [
        ("The old harbour was quiet.", 1.5, 3.0),
        ("Nobody answered & left.", 3.5, 65.25),
    ]
    assert srt.lines[1].speaker == "ANNA" and srt.lines[1].label == "- ANNA:"
    assert [line.start for line in vtt.lines] == [1.5, 3.5]
    assert vtt.lines[0].speaker == "Anna" and vtt.lines[1].text == "Nobody answered."
    assert all(line.whole for line in (*srt.lines, *vtt.lines))


def test_subtitles_of_ass_lose_their_marks_and_keep_their_times() -> None:
    (line,) = read_text(ASS).lines
    assert (line.text, line.start, line.end) == ("The old harbour was quiet.", 1.5, 3.0)


def test_a_subtitle_may_hold_an_empty_line_and_a_line_that_is_a_number() -> None:
    """The check of subtitles reads SRT so too: a text goes on up to the counter of the next one."""
    text = (
        "1\n00:00:01,000 --> 00:00:02,000\nThe old\n\nharbour of\n\n2\n00:00:03,000 --> 00:00:04,000\n1912\n"
    )
    assert [line.text for line in read_text(text).lines] == ["The old harbour of", "1912"]


def test_a_script_has_speakers_headings_and_directions() -> None:
    text = read_text("ACT ONE\n\nANNA: Who is there?\nBEN: It is me. [laughs]\n\nNote: this is text.")
    assert [(line.speaker, line.label) for line in text.lines] == [
        (None, ""),
        ("ANNA", "ANNA:"),
        ("BEN", "BEN:"),
        (None, ""),
    ]
    hints = {word.text: word.hint for word in words_of(text, "en")}
    assert hints["[laughs]"] == "direction" and hints["ANNA:"] == "label" and hints["Note:"] == ""


def test_lines_that_are_only_broken_to_fit_a_page_are_one_paragraph() -> None:
    prose = (
        "The old harbour was quiet this morning, and nobody\nanswered the bell, although it rang for an hour.\n"
        "\nA new paragraph."
    )
    song = "Row, row, row your boat\ngently down the stream\nmerrily, merrily"
    assert [line.text.count(" ") for line in read_text(prose).lines] == [17, 2]
    assert [line.paragraph for line in read_text(song).lines] == [True, False, False]


def test_markdown_loses_its_marks() -> None:
    text = read_text(
        "# Chapter *one*\n\n- **Anna** and [Ben](https://example.com)\n\n---\n\n> quiet `harbour`"
    )
    assert [line.text for line in text.lines] == ["Chapter one", "Anna and Ben", "quiet harbour"]


def test_json_of_whisperx_may_lack_words_and_times() -> None:
    segments = [
        {"start": 0.5, "end": 2.0, "text": " The old harbour.", "speaker": "SPEAKER_01"},
        {"text": "was quiet"},
    ]
    text = read_text(json.dumps({"segments": segments, "language": "en"}))
    assert text.language == "en" and [line.text for line in text.lines] == ["The old harbour.", "was quiet"]
    assert text.lines[0].speaker == "SPEAKER_01" and text.lines[1].start is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        " \n — … \n",
        "{not json",
        '{"segments": 3}',
        "WEBVTT\n\n",
        ASS.replace("0:00:01.50", "soon"),
    ],
)
def test_what_holds_no_words_is_refused_with_a_sentence(content: str) -> None:
    with pytest.raises(BadText) as caught:
        read_text(content)
    assert caught.value.message.endswith(".") and caught.value.hint


def test_only_a_transcript_has_changed_words() -> None:
    with pytest.raises(BadText):
        read_text("The old harbour.", only="changed")


def test_signs_accents_and_case_do_not_count() -> None:
    assert normalise("“L’été,”") == normalise("l'ete") == "lete"
    assert normalise("—") == "" and normalise("%") == "%" and normalise("1,250") == "1250"
