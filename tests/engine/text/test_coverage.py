"""The audit names speech that has no words, and words that lie over silence."""

from __future__ import annotations

import pytest

from engine.regions import SpeechRegion
from engine.text.coverage import find_mismatches, with_coverage
from engine.text.notices import Notice
from engine.transcript import Mismatch, Transcript, Word

MADE = Transcript("en", 0.9, 60.0, (), "base", "attention")


def word(start: float, end: float) -> Word:
    return Word("x", start, end, 0.9, "attention")


def test_speech_with_words_all_along_is_covered() -> None:
    assert find_mismatches([SpeechRegion(0, 5)], [word(at / 2, at / 2 + 0.4) for at in range(10)]) == ()


def test_speech_without_words_is_named() -> None:
    words = [word(0, 0.4), word(10, 10.4)]
    (found,) = find_mismatches([SpeechRegion(0, 10.5)], words)
    assert found.kind == "speech_without_words"
    assert found.start == pytest.approx(0.5, abs=0.2) and found.end == pytest.approx(9.9, abs=0.2)


def test_a_word_stretched_over_speech_does_not_hide_it() -> None:
    words = [word(0, 0.4), word(0.4, 9.6), word(10, 10.4)]
    (found,) = find_mismatches([SpeechRegion(0, 10.5)], words)
    assert found.end - found.start > 7


def test_short_speech_without_words_is_let_be() -> None:
    assert find_mismatches([SpeechRegion(0, 0.6), SpeechRegion(5, 5.4)], [word(0, 0.5)]) == ()


def test_speech_that_has_not_been_transcribed_yet_lacks_no_words() -> None:
    assert find_mismatches([SpeechRegion(0, 30)], [word(0, 0.4)], until=0.5) == ()


def test_words_over_silence_are_named_as_one_run() -> None:
    words = [word(1, 1.4), word(10, 11), word(11, 12), word(31, 31.4)]
    assert find_mismatches([SpeechRegion(1, 1.5), SpeechRegion(30.9, 31.5)], words) == (
        Mismatch("words_without_speech", 10, 12),
    )


def test_nothing_heard_is_nothing_to_audit() -> None:
    assert find_mismatches([], []) == ()
    assert find_mismatches([SpeechRegion(0, 4)], []) == (Mismatch("speech_without_words", 0, 4),)


def test_speech_without_words_is_told_in_a_warning_that_travels_with_every_format() -> None:
    silent = Mismatch("words_without_speech", 1, 2)
    bare = Mismatch("speech_without_words", 5, 7.5), Mismatch("speech_without_words", 50, 51)
    told = with_coverage(MADE, (silent, *bare))
    assert told.coverage == (silent, *bare)
    assert told.notices == (Notice.of("bare", seconds=3.5, when=(5, 7.5)),)
    assert told.warnings == tuple(notice.sentence for notice in told.notices)
    assert with_coverage(told, (silent,)) == with_coverage(MADE, (silent,))  # no longer so
    assert with_coverage(MADE, (silent,)).warnings == ()
