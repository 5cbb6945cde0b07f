"""Words from a warping path: whole, in order, and where the sound is."""

from __future__ import annotations

import pytest
import tokenizers
from faster_whisper.tokenizer import Tokenizer

from engine import Config, Engine, Options
from engine.recognition.word_timestamps import FRAME, LEAD, time_words
from engine.weights.locate import find_whisper
from tests.support.synthesis import joined, speak


@pytest.fixture(scope="module")
def vocabulary() -> tokenizers.Tokenizer:
    return tokenizers.Tokenizer.from_file(str(find_whisper("base", Config()).path / "tokenizer.json"))


def words_of(vocabulary: tokenizers.Tokenizer, text: str, language: str):
    """Times a text whose tokens each take five frames of attention."""
    tokenizer = Tokenizer(vocabulary, True, "transcribe", language)
    tokens = tokenizer.encode(text)
    path = [(index, index * 5 + frame) for index in range(len(tokens) + 1) for frame in range(5)]
    return time_words(tokenizer, tokens, path, [0.5] * len(tokens))


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", " Hello, world!", ["Hello,", "world!"]),
        ("en", " I don't know", ["I", "don't", "know"]),
        ("en", ' He said "yes" twice.', ["He", "said", '"yes"', "twice."]),
        ("en", " It costs £1,250.50 in 2024.", ["It", "costs", "£1,250.50", "in", "2024."]),
        ("en", " a well-known U.S. firm", ["a", "well-known", "U.S.", "firm"]),
        ("en", " Yes - no", ["Yes -", "no"]),
        ("de", " Donaudampfschifffahrt ist schön", ["Donaudampfschifffahrt", "ist", "schön"]),
        ("hi", " नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("ar", " مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("he", " שלום עולם", ["שלום", "עולם"]),
    ],
)
def test_words_are_what_stands_between_spaces(
    vocabulary, language: str, text: str, expected: list[str]
) -> None:
    assert [word.text.strip() for word in words_of(vocabulary, text, language)] == expected


@pytest.mark.parametrize(
    ("language", "text", "whole"),
    [
        ("ja", "今日はiPhoneを買う。", "iPhone"),
        ("zh", "我喜欢Hello World", "Hello World"),
        ("zh", "他说「你好」。", "「你"),
        ("th", "สวัสดีครับ", ""),
    ],
)
def test_scripts_without_spaces_keep_foreign_words_and_marks_together(
    vocabulary, language: str, text: str, whole: str
) -> None:
    words = [word.text for word in words_of(vocabulary, text, language)]
    assert "".join(words) == text
    assert len(words) > 2
    assert any(word.startswith(whole) for word in words)


def test_times_follow_the_path(vocabulary) -> None:
    one, two = words_of(vocabulary, " Hello world", "en")
    assert one.start == pytest.approx(LEAD)
    assert one.end == two.start == pytest.approx(5 * FRAME + LEAD)
    assert (one.probability, one.tokens) == (0.5, 1)


def test_no_text_has_no_words(vocabulary) -> None:
    assert words_of(vocabulary, "", "en") == []


def test_words_begin_where_the_sound_begins_on_average(engine: Engine, tmp_path) -> None:
    import soundfile

    sentences = ("Nobody answered our bell this morning.", "Seven yellow boats came home before dark.")
    speech = joined([speak(sentence, "en-us", 160) for sentence in sentences], (0.5, 0.8))
    soundfile.write(tmp_path / "speech.wav", speech.samples, 16_000)
    heard = engine.transcribe(tmp_path / "speech.wav", Options(language="en")).words
    truth = {word.text.lower().strip("."): word.start for word in speech.words}
    late = [word.start - truth[key] for word in heard if (key := word.word.lower().strip(".,")) in truth]
    assert len(late) > 6
    assert abs(sum(late) / len(late)) < 0.08
