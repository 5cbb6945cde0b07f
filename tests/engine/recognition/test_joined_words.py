"""A word that is joined from several, such as "1-2-3", hides no sentence that is left out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from engine.recognition.decoding import DecodedWord, DecodingRequest
from engine.recognition.joined_words import joined_again, taken_apart
from engine.recognition.recognizer import Recognizer
from tests.support.joined_sayings import RATE, joined, saying


def word(text: str, start: float, end: float) -> DecodedWord:
    return DecodedWord(text, start, end, 0.9, -0.1, 1)


COUNT = DecodedWord(
    " 1-2-3", 0.0, 3.0, 0.9, -0.3, 3, (word(" 1", 0.0, 0.3), word("-2", 0.3, 2.7), word("-3", 2.7, 3.0))
)


def texts(words: list[DecodedWord]) -> list[str]:
    return [each.text for each in words]


@pytest.mark.parametrize("sign", [".", ":", ",", "/", "'"])
def test_a_number_keeps_its_sign(sign: str) -> None:
    number = DecodedWord(
        f" 3{sign}5", 0.0, 3.0, 0.9, -0.2, 2, (word(" 3", 0.0, 0.3), word(f"{sign}5", 2.7, 3.0))
    )
    assert taken_apart([number]) == [number]
    assert joined_again(taken_apart([number]), apart={0, 1}) == [number]


def test_parts_become_the_word_again() -> None:
    words = [word(" Say", -0.5, 0.0), COUNT]
    apart = taken_apart(words)
    assert texts(apart) == [" Say", " 1", "-2", "-3"]
    again = joined_again(apart)
    assert again[0] == words[0]
    assert again[1].probability == pytest.approx(COUNT.probability)
    assert replace(again[1], probability=0.9, logprob=-0.3) == replace(COUNT, parts=())


def test_parts_stay_apart_where_words_have_come_between_or_speech_has_none() -> None:
    apart = taken_apart([COUNT])
    assert texts(joined_again([*apart[:2], word(" Hello.", 1.0, 2.0), apart[2]])) == [" 1-2", " Hello.", " 3"]
    assert texts(joined_again(apart, apart={2})) == [" 1-2", " 3"]
    assert texts(joined_again(taken_apart([COUNT, replace(COUNT)]))) == [" 1-2-3", " 1-2-3"]


def test_a_sentence_in_a_row_of_numbers_is_found(recognizer: Recognizer) -> None:
    """The first decoding writes "1-2-3-4-5-6-7-8-9-10", of which the 7 has the time of the sentence."""
    count = saying("count")
    half = len(count) // 2
    samples, spans = joined([count[:half], saying("sheila", -15), count[half:]])
    encoded = recognizer.encode([recognizer.features(samples[round(0.1 * RATE) :])])
    speech = [(spans[0][0] - 0.1, spans[-1][1] - 0.1)]
    (plain,) = recognizer.decode(encoded, [DecodingRequest("en")])
    assert any(len(each.parts) >= 8 for each in plain.words), "the numbers are no word"
    (result,) = recognizer.decode(encoded, [DecodingRequest("en")], [speech])
    text = "".join(each.text for each in result.words).lower()
    assert re.search(r"\b6\b.*not much difference\W+.*\b10\b", text)


def test_numbers_that_nobody_interrupts_stay_one_word(recognizer: Recognizer) -> None:
    samples, spans = joined([saying("count")])
    encoded = recognizer.encode([recognizer.features(samples[round(0.1 * RATE) :])])
    (plain,) = recognizer.decode(encoded, [DecodingRequest("en")])
    (result,) = recognizer.decode(encoded, [DecodingRequest("en")], [[(0.3, spans[0][1] - 0.1)]])
    assert "".join(each.text for each in result.words) == "".join(each.text for each in plain.words)
