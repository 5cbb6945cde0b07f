"""How written words are read aloud: any text without an exception, in English and elsewhere."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from num2words import num2words

from engine.alignment.phonetic.lexicon import Pronouncer
from engine.alignment.phonetic.verbalize import spoken_forms
from engine.alignment.phonetic.verbalize_en import MAX_SPOKEN_FORMS, SpokenForm, spoken_forms_en
from engine.log import LOGGER

# Any text, and texts in which digits, signs and marks meet more often than by chance.
WRITTEN = st.text(max_size=40) | st.text(
    "0159٣२²½¹Ⅷ.,-–:/'’%€$£xkm amst\u00a0\u0301\u200c\u200d\u05b4", max_size=60
)
ELSEWHERE = ("am", "ar", "bg", "bn", "de", "es", "fa", "fr", "hi", "it", "ru", "si", "te", "tr", "vi", "xx")


def read(word: str) -> list[str]:
    return [" ".join(reading) for reading in spoken_forms_en(word)]


@settings(deadline=None)
@given(WRITTEN)
def test_any_text_has_a_bounded_number_of_readings(text: str) -> None:
    assert len(spoken_forms_en(text)) <= MAX_SPOKEN_FORMS


@settings(deadline=None)
@given(WRITTEN, st.sampled_from(ELSEWHERE))
def test_any_text_of_another_language_can_be_read(text: str, language: str) -> None:
    assert len(spoken_forms(text, language)) <= MAX_SPOKEN_FORMS


@pytest.mark.parametrize("word", ["9" * 400 + "th", "9" * 5000, "$1." + "9" * 5000])
def test_numbers_of_any_length_are_read(word: str) -> None:
    assert spoken_forms_en(word)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("10²", "ten squared"),
        ("5³", "five cubed"),
        ("m²", "square meters"),
        ("20km²", "twenty square kilometers"),
        ("x²", "x squared"),
        ("word²", "word"),
        ("m½", "m a half"),
    ],
)
def test_raised_digits_are_powers_of_what_they_follow(word: str, said: str) -> None:
    assert said in read(word)


def test_a_word_whose_reading_breaks_costs_that_word_alone(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_at_digits(word: str) -> tuple[SpokenForm, ...]:
        return ((word,),) if word.isalpha() else ((str(int(word)),),)

    say = Pronouncer(break_at_digits, lambda word: ("AH",))
    monkeypatch.setattr(LOGGER, "propagate", True)
    with caplog.at_level(logging.ERROR):
        assert say.of("5³") == () and say.of("word") == (("AH",),)
    assert "could not be read" in caplog.text


def test_two_groups_of_digits_are_a_range_or_a_telephone_number() -> None:
    assert read("2019-2020")[:2] == ["twenty nineteen to twenty twenty", "twenty nineteen twenty twenty"]
    assert "two thousand nineteen to two thousand twenty" in read("2019-2020")
    assert read("100-200,")[0] == "one hundred to two hundred" and "one zero zero two zero zero" in read(
        "100-200"
    )
    assert read("555-1234")[0] == "five five five one two three four"
    assert "nine hundred fifty to one thousand fifty" in read("950-1050")
    assert read("202-555-0199")[0].startswith("two zero two five five five")
    assert "nineteen fifty" not in " ".join(read("555-555-1950"))


def test_the_likeliest_of_each_part_come_first() -> None:
    assert "nineteen forty to nineteen fifties" in read("1940-1950s")[:3]
    assert "two thousand nineteen to twenty twenty" in read("2019–2020")


@pytest.mark.parametrize(
    ("word", "language"),
    [
        ("ייִדיש", "yi"),  # points
        ("ខ្មែរ", "km"),
        ("ශ්\u200dරී", "si"),  # a joiner
        ("کتابِ", "ur"),
        ("خوب\u200cصورت", "ur"),  # a non-joiner
        ("తెలుగు", "te"),
        ("cafe\u0301", "fr"),
    ],
)
def test_marks_and_joiners_continue_a_word(word: str, language: str) -> None:
    (reading, *_) = spoken_forms(f"«{word}»,", language)
    assert reading == (word.replace("\u200c", "").replace("\u200d", ""),)


@pytest.mark.parametrize("language", ["te", "kn", "bn"])
def test_numbers_in_words_keep_their_vowel_signs(language: str) -> None:
    (reading, *_) = spoken_forms("21", language)
    assert reading == tuple(num2words(21, lang=language).split())


@pytest.mark.parametrize(
    ("word", "language", "said"),
    [
        ("1.250", "de", "eintausendzweihundertfünfzig"),
        ("1.250,5", "de", "eintausendzweihundertfünfzig Komma fünf"),
        ("3,5", "de", "drei Komma fünf"),
        ("3,05", "es", "tres coma cero cinco"),
        ("3,25", "it", "tre virgola venticinque"),
        ("3,5", "tr", "üç virgül beş"),
        ("1,250", "es", "mil doscientos cincuenta"),
        ("1\u00a0250", "fr", "mille deux cent cinquante"),
        ("1984", "de", "neunzehnhundertvierundachtzig"),
        ("12.30", "de", "zwölf dreißig"),
        ("1,250", "hi", "एक हज़ार दो सौ पचास"),
        ("21", "bg", "двадесет и един"),
        ("21", "el", "είκοσι ένα"),
        ("21", "et", "kakskümmend üks"),
        ("21", "hr", "dvadeset jedan"),
        ("5%", "de", "fünf Prozent"),
        ("5", "de", "fünf"),
        ("5\u00a0%", "fr", "cinq pour cent"),
        ("$5", "es", "cinco dólares"),
        ("5€", "it", "cinque euro"),
        ("£5", "pt", "cinco libras"),
        ("50%", "nl", "vijftig procent"),
        ("50%", "sv", "femtio procent"),
        ("5%", "da", "fem procent"),
        ("5%", "pl", "pięć procent"),
        ("$5", "ru", "пять долларов"),
        ("5%", "tr", "yüzde beş"),
        ("5%", "tr", "beş"),
        ("خوب\u200cصورت", "ur", "خوب صورت"),
    ],
)
def test_numbers_and_signs_of_other_languages(word: str, language: str, said: str) -> None:
    assert said in [" ".join(reading) for reading in spoken_forms(word, language)]


def test_a_number_that_nobody_can_spell_has_no_reading() -> None:
    assert spoken_forms("A4", "xx") == () and spoken_forms("A", "xx") == (("A",),)


def test_an_amharic_million_is_read_digit_by_digit() -> None:
    assert {len(reading) for reading in spoken_forms("1234567", "am")} == {7}


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("Jan", "Jan"),
        ("Jan.", "january"),
        ("Mar", "Mar"),
        ("Mar", "march"),
        ("Ave", "Ave"),
        ("Ave", "avenue"),
        ("St.", "St"),
        ("Dr.", "doctor"),
        ("Dr", "Dr"),
        ("MS", "MS"),
        ("ms", "milliseconds"),
        ("10am", "ten a. m."),
        ("10am", "ten am"),
        ("10pm", "ten p. m."),
        ("10x", "ten times"),
        ("10x", "ten x"),
        ("3x4", "three by four"),
        ("80s", "eighties"),
        ("80S", "eighties"),
        ("'90S", "nineties"),
        ("example.com", "example dot com"),
        ("example.com", "example com"),
        ("and/or", "and slash or"),
        ("and/or", "and or"),
    ],
)
def test_english_words_that_may_be_read_in_two_ways(word: str, said: str) -> None:
    assert said in read(word)
