"""Clear speech is read right, and on all clips no worse than by faster-whisper on the same weights.

int8 rounds otherwise on each kind of processor (oneDNN on AMD, MKL on Intel, with and without VNNI), which turns
a word of a short clip now and then: the mean over 27 clips moves by a hundredth, either system's by itself. The
bounds here are wider than that. `python -m tests.benchmarks.accuracy` compares on thousands of words.
"""

from __future__ import annotations

from dataclasses import replace
from multiprocessing import Pipe, current_process
from pathlib import Path

import pytest

from tests.benchmarks.accuracy import Recording, Row, Score, clips, excess, rows
from tests.benchmarks.bootstrap import paired
from tests.benchmarks.speed import Peer
from tests.benchmarks.speed import Recording as Timed
from tests.support.error_rate import normalise

# Clips in which neither system, on any kind of processor that was tried, made an error.
CLEAR = {
    "en/counting", "en/hello_world", "en/quick_brown_fox", "es/conteo", "fr/bonjour_monde",
    "it/conteggio", "ja/konnichiwa_sekai", "pt/contagem", "pt/pangrama",
}  # fmt: skip
SURE = 0.8  # probability of a language that rounding does not turn into another


@pytest.fixture(scope="module")
def found() -> list[Row]:
    return list(rows(clips()))


def test_clear_speech_is_read_right(found: list[Row]) -> None:
    clear = [row for row in found if row.recording.name in CLEAR]
    assert len(found) == 27 and len(clear) == len(CLEAR)
    assert [row.recording.name for row in clear if row.ours.language != row.recording.language] == []
    wrong = sum(row.ours.error * row.recording.units for row in clear)
    assert wrong <= 0.05 * sum(row.recording.units for row in clear)


def test_languages_of_which_faster_whisper_is_sure_are_found(found: list[Row]) -> None:
    sure = [row for row in found if row.theirs.sure > SURE and row.theirs.language == row.recording.language]
    assert len(sure) > len(found) / 2
    assert [row.recording.name for row in sure if row.ours.language != row.recording.language] == []


def test_errors_are_no_more_than_faster_whispers_but_by_chance(found: list[Row]) -> None:
    assert excess(found, 0.99).low <= 0


def test_more_errors_than_by_chance_are_told(found: list[Row]) -> None:
    def worse(score: Score) -> Score:
        return replace(score, error=score.error + 0.1)

    assert excess([replace(row, ours=worse(row.theirs)) for row in found], 0.99).low > 0
    assert excess([replace(row, theirs=worse(row.ours)) for row in found], 0.99).high < 0


def test_an_interval_holds_the_mean_and_narrows_with_the_number_of_recordings() -> None:
    few, many = paired([0.0, 0.2] * 5), paired([0.0, 0.2] * 500)
    for each in (few, many):
        assert each.mean == pytest.approx(0.1)
        assert each.low < each.mean < each.high
    assert many.high - many.low < (few.high - few.low) / 5
    assert paired([0.0, 1.0], weights=[3, 1]).mean == pytest.approx(0.25)


def test_units_are_words_or_characters() -> None:
    assert Recording("en/any", Path("any"), "One, 2, three!").units == 3
    assert Recording("zh/any", Path("any"), "你好，世界").units == 4


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("One, 2, THREE!", "en", "one two three"),
        ("Don't", "en", "don't"),
        ("1-2-10", "de", "eins zwei zehn"),
        ("1234", "zh", "一 二 三 四"),
        ("10", "ja", "十"),
    ],
)
def test_both_sides_are_written_alike_before_they_are_compared(
    text: str, language: str, expected: str
) -> None:
    assert normalise(text, language) == expected


def test_who_is_heard_several_times_errs_as_in_most_of_them() -> None:
    ours, its = Pipe()
    peer = Peer("any", current_process(), ours)
    for text, seconds in (("one two", 3.0), ("one two", 1.0), ("one", 2.0)):
        its.send((text, seconds, 0.0))
        peer.hear(Timed("short", Path("short.wav"), 1.0, "one two"))
    assert peer.median(Timed("short", Path("short.wav"), 1.0, "one two")) == (2.0, 0.0)
