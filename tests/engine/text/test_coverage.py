"""The audit names speech that has no words, and words that lie over silence."""

from __future__ import annotations

from engine.regions import SpeechRegion
from engine.text.coverage import find_mismatches
from engine.transcript import Mismatch, Word


def word(start: float, end: float) -> Word:
    return Word("x", start, end, 0.9, "attention")


def test_speech_with_words_all_along_is_covered() -> None:
    assert find_mismatches([SpeechRegion(0, 5)], [word(at, at + 0.5) for at in range(5)]) == ()


def test_speech_without_words_is_named() -> None:
    words = [word(0, 1), word(10, 11)]
    assert find_mismatches([SpeechRegion(0, 11)], words) == (Mismatch("speech_without_words", 1.5, 9.5),)


def test_short_speech_without_words_is_let_be() -> None:
    assert find_mismatches([SpeechRegion(0, 1), SpeechRegion(5, 6)], [word(0, 1)]) == ()


def test_words_over_silence_are_named_as_one_run() -> None:
    words = [word(1, 2), word(10, 11), word(11, 12), word(31, 32)]
    assert find_mismatches([SpeechRegion(1, 2), SpeechRegion(30, 33)], words) == (
        Mismatch("words_without_speech", 10, 12),
    )


def test_nothing_heard_is_nothing_to_audit() -> None:
    assert find_mismatches([], []) == ()
    assert find_mismatches([SpeechRegion(0, 4)], []) == (Mismatch("speech_without_words", 0, 4),)
