"""The audit names speech that has no words, and words that lie over silence."""

from __future__ import annotations

from engine.regions import Region
from engine.text.coverage import audit
from engine.transcript import Stretch, Word


def word(start: float, end: float) -> Word:
    return Word("x", start, end, 0.9, "attention")


def test_speech_with_words_all_along_is_covered() -> None:
    assert audit([Region(0, 5)], [word(at, at + 0.5) for at in range(5)]) == ()


def test_speech_without_words_is_named() -> None:
    words = [word(0, 1), word(10, 11)]
    assert audit([Region(0, 11)], words) == (Stretch("speech_without_words", 1.5, 9.5),)


def test_short_speech_without_words_is_let_be() -> None:
    assert audit([Region(0, 1), Region(5, 6)], [word(0, 1)]) == ()


def test_words_over_silence_are_named_as_one_run() -> None:
    words = [word(1, 2), word(10, 11), word(11, 12), word(31, 32)]
    assert audit([Region(1, 2), Region(30, 33)], words) == (Stretch("words_without_speech", 10, 12),)


def test_nothing_heard_is_nothing_to_audit() -> None:
    assert audit([], []) == ()
    assert audit([Region(0, 4)], []) == (Stretch("speech_without_words", 0, 4),)
