"""ASS and LRC light each word for as long as it is said."""

from __future__ import annotations

import re

import pysubs2
from hypothesis import assume, given

from engine import Transcript, Word
from engine.export.writers import write
from tests.support.subtitle_readers import read_srt
from tests.support.transcripts import letters, segment, sentence, transcript, transcripts

ENGLISH = transcript(sentence("Hello, dear world.", 1.0), sentence("And good night.", 2.5, id=1))


def word(text: str, start: float, end: float) -> Word:
    return Word(text, start, end, probability=0.5, timing="attention")


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
    lines = [line for line in write(made, "lrc").splitlines()[2:] if not line.startswith("[#:")]
    starts = [re.match(r"\[(\d+):(\d\d)\.(\d\d)\]", line) for line in lines]
    assert all(starts)
    times = [[int(part) for part in start.groups()] for start in starts if start]
    assert times == sorted(times)
    words = [re.sub(r"^\[[\d:.]+\]|<\d+:\d\d\.\d\d>", "", line) for line in lines]
    brackets = str.maketrans("<>[]()", "      ")
    assert letters(t.translate(brackets) for t in words) == letters(
        w.word.translate(brackets) for w in made.words
    )
