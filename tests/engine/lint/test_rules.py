"""Each rule for subtitles finds its fault in a hand-made file, and nothing else there."""

from __future__ import annotations

import pytest

from engine.errors import BadTranscript, InvalidOption
from engine.export.cue_limits import CueLimits
from engine.export.writers import write
from engine.lint.issues import RULES, SENTENCES, Rule
from engine.lint.report import check
from engine.lint.subtitle_file import read_subtitles
from tests.support.talk import hour_of_talk
from tests.support.transcripts import sentence, transcript

GOOD = """1
00:00:01,000 --> 00:00:03,000
Good morning, everybody.

2
00:00:04,000 --> 00:00:08,000
Last year we started to ask ourselves
a simple question about the river.
"""
NETFLIX = CueLimits.of({"preset": "netflix"})


def srt(*cues: tuple[str, str, str]) -> str:
    return "\n".join(
        f"{n}\n00:00:{a} --> 00:00:{b}\n{text}\n" for n, (a, b, text) in enumerate(cues, start=1)
    )


# One file for each rule: the file, its limits, and at which cue the fault is.
FILES: dict[Rule, tuple[str, CueLimits, int]] = {
    "overlap": (
        srt(("01,000", "03,000", "Good morning."), ("02,500", "05,000", "Thank you.")),
        CueLimits(),
        1,
    ),
    "order": (srt(("04,000", "06,000", "Good morning."), ("01,000", "03,000", "Thank you.")), CueLimits(), 2),
    "no_duration": (
        srt(("01,000", "01,000", "Good morning."), ("02,500", "05,000", "Thanks.")),
        CueLimits(),
        1,
    ),
    "too_short": (srt(("01,000", "01,500", "Oh no."), ("02,500", "05,000", "Thank you.")), CueLimits(), 1),
    "too_long": (
        srt(("01,000", "09,500", "Good morning."), ("12,500", "15,000", "Thank you.")),
        CueLimits(),
        1,
    ),
    "too_fast": (srt(("01,000", "02,000", "Good morning, everybody here.")), CueLimits(), 1),
    "too_many_words": (srt(("01,000", "02,000", "I am in it as we go.")), CueLimits(max_cps=30), 1),
    "gap_too_short": (
        srt(("01,000", "03,000", "Good morning."), ("03,020", "05,000", "Thank you.")),
        CueLimits(),
        1,
    ),
    "gap_open": (srt(("01,000", "03,000", "Good morning."), ("03,300", "05,000", "Thank you.")), NETFLIX, 1),
    "line_too_long": (
        srt(("01,000", "06,000", "Last year we started to ask ourselves a question.")),
        CueLimits(),
        1,
    ),
    "too_many_lines": (
        srt(("01,000", "06,000", "Last year we started\nto ask ourselves a question,\nwhich was simple.")),
        CueLimits(),
        1,
    ),
    "empty": (srt(("01,000", "03,000", "Good morning."), ("04,000", "06,000", "<i></i>")), CueLimits(), 2),
    "empty_line": (srt(("01,000", "03,000", "Good morning.\n\nThank you.")), CueLimits(), 1),
    "lone_word": (
        srt(("01,000", "03,000", "And then he went"), ("03,100", "04,500", "home.")),
        CueLimits(),
        2,
    ),
    "needless_break": (srt(("01,000", "03,000", "Good morning\neverybody.")), CueLimits(), 1),
    "bad_break": (
        srt(("01,000", "06,000", "Last year we started to ask the\npeople a very simple question.")),
        CueLimits(),
        1,
    ),
    "spaces": (srt(("01,000", "03,000", "Good  morning .")), CueLimits(), 1),
    "unclosed_tag": (srt(("01,000", "03,000", "<i>Good morning.")), CueLimits(), 1),
    "broken_characters": (srt(("01,000", "03,000", "CafÃ© de Paris.")), CueLimits(), 1),
    "numbering": (srt(("01,000", "03,000", "Good morning.")).replace("1\n", "7\n", 1), CueLimits(), 1),
    "one_dash": (
        srt(("01,000", "04,000", "Good morning, everybody.\n- Thank you for coming.")),
        CueLimits(),
        1,
    ),
}


def test_a_file_without_faults_has_no_findings() -> None:
    report = check(read_subtitles(GOOD.encode()), NETFLIX, "en")
    assert (report.format, report.cues, report.issues) == ("srt", 2, ())
    assert report.is_publishable


def test_every_rule_has_a_file_and_a_sentence() -> None:
    assert tuple(FILES) == tuple(rule for rule in FILES if rule in RULES)
    assert set(FILES) == set(RULES) == set(SENTENCES)


@pytest.mark.parametrize("rule", FILES)
def test_each_rule_finds_its_fault_and_no_other_does(rule: Rule) -> None:
    document, limits, cue = FILES[rule]
    report = check(read_subtitles(document.encode()), limits, "en")
    assert [(issue.rule, issue.cue) for issue in report.issues] == [(rule, cue)]
    assert report.issues[0].sentence.endswith(".") and "{" not in report.issues[0].sentence
    assert report.to_dict()["counts"] == {rule: 1}


@pytest.mark.parametrize("format", ["vtt", "ass"])
def test_other_formats_are_read_as_the_same_cues(format: str) -> None:
    made = transcript(sentence("Good morning, everybody, and thank you for coming here today."), duration=9)
    expected = read_subtitles(write(made, "srt").encode()).cues
    read = read_subtitles(write(made, format).encode())
    assert read.format == format
    assert [(cue.start, cue.end, cue.lines) for cue in read.cues] == [
        (cue.start, cue.end, cue.lines) for cue in expected
    ]


def test_a_transcript_is_checked_as_the_subtitles_that_are_made_of_it() -> None:
    made = transcript(sentence("Good morning, everybody, and thank you for coming here today."), duration=9)
    file = read_subtitles(write(made, "json").encode())
    assert (file.format, file.language) == ("json", "en")
    assert [cue.lines for cue in file.cues] == [
        cue.lines for cue in read_subtitles(write(made, "srt").encode()).cues
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_says_how_to_read(encoding: str) -> None:
    text = GOOD.replace("morning", "mörning").replace("\n", "\r\n")
    file = read_subtitles(text.encode(encoding))
    assert file.cues[0].lines == ("Good mörning, everybody.",)
    assert check(file, CueLimits(), "en").issues == ()


def test_bytes_that_are_no_utf8_are_reported() -> None:
    report = check(read_subtitles(GOOD.replace("morning", "mörning").encode("latin-1")), CueLimits(), "en")
    assert [issue.rule for issue in report.issues] == ["broken_characters"]


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00\xff" * 50, b'{"text": 1', b'{"segments": []}'])
def test_what_is_no_subtitles_is_refused(content: bytes) -> None:
    with pytest.raises((InvalidOption, BadTranscript)) as caught:
        read_subtitles(content)
    assert caught.value.hint


@pytest.mark.parametrize("preset", ["none", "netflix", "bbc", "youtube"])
def test_the_subtitles_of_an_hour_pass_the_rules_of_their_preset(preset: str) -> None:
    limits = CueLimits.of({"preset": preset})
    report = check(read_subtitles(write(hour_of_talk(), "srt", limits).encode(), limits), limits, "en")
    assert report.cues > 700
    assert [issue.sentence for issue in report.issues if issue.has_room and not issue.is_advice] == []
    assert report.is_publishable
