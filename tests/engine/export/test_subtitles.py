"""How subtitles are cut and written, read back by srt and webvtt-py."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pysubs2
import pytest
from hypothesis import assume, given

from engine import Transcript, Word
from engine.errors import InvalidOption
from engine.export.cue_limits import CueLimits
from engine.export.cues import cues
from engine.export.partition import Row
from engine.export.writers import write
from tests.support.subtitle_readers import Shown, read_srt, read_vtt, shown, subtitles
from tests.support.transcripts import letters, segment, sentence, transcript, transcripts

ONE_WORD = CueLimits(max_words=1)
GAP = 84  # milliseconds, two frames
ENGLISH = transcript(sentence("Hello, dear world.", 1.0), sentence("And good night.", 2.5, id=1))
LONG = (
    "The purpose of this meeting, as I said in my letter of last week, is to agree upon what the county "
    "will do about the old bridge, and who is going to pay for it when the work begins in spring."
)


def word(text: str, start: float, end: float) -> Word:
    return Word(text, start, end, probability=0.5, timing="attention")


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
        gap = 0 if own[-1] == long.words[-1] else GAP
        assert (cue.start, cue.end) == (round(own[0].start * 1000), round(own[-1].end * 1000) - gap)
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
    read = shown(made, format, ONE_WORD)
    assert [(cue.start, cue.end) for cue in read] == [(1000, 1040), (1040, 1880), (9000, 9100)]


@subtitles
def test_cues_piled_on_one_instant_follow_each_other(format: str) -> None:
    made = transcript(*(segment([word(text, 1.0, 1.0)]) for text in ("a", "b", "c")))
    read = shown(made, format, ONE_WORD)
    assert [(cue.start, cue.end) for cue in read] == [(1000, 1001), (1001, 1002), (1002, 1102)]


@pytest.mark.parametrize(
    ("following", "end"),
    [
        (9.0, 1840),  # as long as it takes to read
        (1.86, 1840),  # which goes before the frames that stay free
        (1.5, 1416),  # but for two frames
        (1.15, 1100),  # which are not left where nothing could be read at all
        (1.029, 1029),
    ],
)
def test_a_short_cue_grows_into_the_gap_after_it(following: float, end: int) -> None:
    made = transcript(segment([word("or", 1.0, 1.029)]), segment([word("not", following, following + 2)]))
    first, second = shown(made, limits=ONE_WORD)
    assert (first.start, first.end) == (1000, end)
    assert (second.start, second.end) == (round(1000 * following), round(1000 * (following + 2)))


@pytest.mark.parametrize(("duration", "end"), [(1.3, 1300), (1.029, 1029), (5.0, 1840)])
def test_the_last_cue_grows_no_further_than_the_file(duration: float, end: int) -> None:
    made = transcript(segment([word("or", 1.0, 1.029)]), duration=duration)
    assert [(cue.start, cue.end) for cue in shown(made)] == [(1000, end)]


@pytest.mark.parametrize("format", ["srt", "vtt", "ass"])
@given(made=transcripts())
def test_no_cue_is_too_short_to_be_read_where_there_is_room_behind_it(format: str, made: Transcript) -> None:
    assume(made.duration < 99 * 3600)  # more digits than pysubs2 knows
    read = shown(made, format) if format != "ass" else _ass(made)
    file_end = round(1000 * made.duration, 3)  # 1.001 s are 1000.9999999999999 ms
    said = [max(w.end for line in cue.lines for w in line) for cue in cues(made)]
    step = 10 if format == "ass" else 0  # milliseconds that are lost in hundredths
    for cue, end, following in zip(read, said, [*read, None][1:], strict=True):
        free = following.start - GAP if following else file_end
        assert cue.end - cue.start >= min(1000 * 5 / 6, free - cue.start) - step
        assert (
            cue.end <= (following.start if following else max(file_end, 1000 * end, cue.start + 100)) + step
        )
        if following:  # what was added leaves two frames, unless it is needed to be read at all
            assert cue.end <= max(free, 1000 * end, cue.start + 840) + step


def _ass(made: Transcript) -> list[Shown]:
    read = pysubs2.SSAFile.from_string(write(made, "ass"))
    return [Shown(event.start, event.end, event.plaintext) for event in read]


def test_a_cue_that_grows_leaves_the_words_their_times() -> None:
    made = transcript(segment([word("or", 1.0, 1.029)]), segment([word("not", 9.0, 9.3)]), duration=12.0)
    assert [(w["start"], w["end"]) for w in json.loads(write(made, "json"))["word_segments"]] == [
        (1.0, 1.029),
        (9.0, 9.3),
    ]
    assert "{\\kf3}or" in write(made, "ass")  # lit for as long as it is said
    assert write(made, "lrc").splitlines()[2:4] == ["[00:01.00]<00:01.00>or<00:01.03>", "[00:01.84]"]


def test_cues_that_are_asked_to_be_shorter_grow_no_longer() -> None:
    made = transcript(segment([word("or", 1.0, 1.029)]), duration=12.0)
    (cue,) = shown(made, limits=CueLimits(max_seconds=0.5))
    assert (cue.start, cue.end) == (1000, 1500)


@subtitles
def test_a_cue_that_runs_into_the_next_ends_where_that_begins(format: str) -> None:
    made = transcript(segment([word("one", 0.0, 3.0)]), segment([word("two", 2.0, 4.0)]))
    assert [(cue.start, cue.end) for cue in shown(made, format, ONE_WORD)] == [(0, 2000 - GAP), (2000, 4000)]


def test_other_limits_give_other_cues() -> None:
    made = transcript(sentence(LONG, seconds_a_word=0.2))
    narrow = shown(made, limits=CueLimits(max_lines=1, max_width=20, max_seconds=2.0))
    assert all(len(cue.text) <= 20 and cue.end - cue.start <= 2000 for cue in narrow)
    assert " ".join(cue.text for cue in narrow) == LONG
    three = list(cues(made, CueLimits(max_lines=3)))
    assert max(len(cue.lines) for cue in three) == 3


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"max_lines": 0}, "whole number from 1 to 10"),
        ({"max_lines": "two"}, "whole number from 1 to 10"),
        ({"max_width": 0}, "whole number from 1 to 500"),
        ({"max_width": True}, "whole number"),
        ({"max_seconds": 0.0}, "number from 0.1 to 60"),
        ({"max_seconds": "nan"}, "number from 0.1 to 60"),
        ({"max_words": -1}, "whole number from 0 to 100"),
        ({"max_chars": 9}, "Known: max_lines, max_width, max_seconds, max_words"),
    ],
)
def test_limits_out_of_range_are_refused_with_the_range(limits: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidOption, match=said):
        CueLimits.of(limits)


def test_a_preset_sets_what_is_not_given() -> None:
    assert CueLimits.of({"preset": "bbc"}).max_width == 37
    assert CueLimits.of({"preset": "bbc", "max_width": "42"}).max_width == 42
    assert CueLimits.of({"preset": "netflix"}).width("ja") == 26
    assert CueLimits.of({"preset": "netflix", "max_width": 42}).width("ja") == 42
    assert CueLimits.of_all({"preset": "bbc", "max_width": 42, "max_lines": 1}) == CueLimits.of(
        {"preset": "bbc", "max_lines": 1}
    )
    with pytest.raises(InvalidOption, match="netflix"):
        CueLimits.of({"preset": "hbo"})


def test_limits_may_come_as_a_form_has_them() -> None:
    assert CueLimits.of({"max_width": "30", "max_seconds": "2.5", "max_words": None}) == CueLimits(
        max_width=30, max_seconds=2.5
    )


@pytest.mark.parametrize("format", ["srt", "vtt"])
def test_one_word_a_cue(format: str) -> None:
    made = transcript(sentence("Three little words."))
    assert [cue.text for cue in shown(made, format, CueLimits(max_words=1))] == ["Three", "little", "words."]


def test_the_work_grows_with_the_words_whatever_a_cue_may_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    count, most, weighed = 1500, 200, 0
    cost = Row.cost

    def counted(*arguments: Any, **named: Any) -> float:
        nonlocal weighed
        weighed += 1
        return cost(*arguments, **named)

    monkeypatch.setattr(Row, "cost", counted)
    crowd = transcript(sentence(["a"] * count, seconds_a_word=0.001))
    found = list(cues(crowd, CueLimits(max_lines=10, max_width=500, max_seconds=60)))
    assert max(sum(map(len, cue.lines)) for cue in found) <= most
    assert weighed <= 2 * count * most  # for the cues, and for the lines within each
