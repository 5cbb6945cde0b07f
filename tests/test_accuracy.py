"""As many languages found and as few errors as faster-whisper has on the same weights."""

from __future__ import annotations

from multiprocessing import Pipe, current_process
from pathlib import Path
from statistics import mean

import pytest

from tests.benchmarks.accuracy import Row, normalise, rows
from tests.benchmarks.speed import Peer, Recording


@pytest.fixture(scope="module")
def found() -> list[Row]:
    return list(rows())


def test_languages_are_found_as_often_as_by_faster_whisper(found: list[Row]) -> None:
    spoken = [row.clip.split("/")[0] for row in found]
    ours = sum(row.ours.language == language for row, language in zip(found, spoken, strict=True))
    theirs = sum(row.theirs.language == language for row, language in zip(found, spoken, strict=True))
    assert len(found) == 27
    assert ours >= max(theirs, 23)


def test_errors_are_no_more_than_faster_whispers(found: list[Row]) -> None:
    # It samples where it is unsure, so that its own rate moves a little from run to run.
    assert mean(row.ours.lost for row in found) <= mean(row.theirs.lost for row in found) + 0.01


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
        peer.hear(Recording("short", Path("short.wav"), 1.0, "one two"))
    assert peer.median(Recording("short", Path("short.wav"), 1.0, "one two")) == (2.0, 0.0)
