"""Words are spelled with the letters that an aligner's alphabet has."""

from __future__ import annotations

import unicodedata

import pytest

from engine.alignment.wav2vec2.ctc import WILDCARD, Alphabet
from tests.support.drawn_emissions import ENGLISH
from tests.support.tone_model import VOCABULARY

UNKNOWN = WILDCARD


def letters(text: str) -> tuple[int, ...]:
    return tuple(VOCABULARY[letter] for letter in text)


@pytest.mark.parametrize(
    ("word", "spelling"),
    [
        ("Don't", letters("DON'T")),
        ("don’t", letters("DON'T")),
        ("end.", letters("END")),
        ("“twenty-one,”", letters("TWENTYONE")),
        ("naïve", letters("NAIVE")),
        (unicodedata.normalize("NFD", "naïve"), letters("NAIVE")),
        ("ﬁne", letters("FINE")),
        ("Straße", letters("STRASSE")),
        ("İzmir", letters("IZMIR")),
        ("a|b", letters("AB")),
        ("1250", (UNKNOWN,)),
        ("£1,250.50", (UNKNOWN,)),
        ("50%", (UNKNOWN,)),
        ("3rd", (UNKNOWN, *letters("RD"))),
        ("COVID-19", (*letters("COVID"), UNKNOWN)),
        ("Ω", (UNKNOWN,)),
        ("東京", (UNKNOWN,)),
        ("well-", letters("WELL")),
        ("'tis", letters("TIS")),
        ("Łódź", letters("LODZ")),
        ("cœur", letters("COEUR")),
        ("smørrebrød", letters("SMORREBROD")),
        ("Hawaiʻi", letters("HAWAI'I")),
        ("EM3985771", (*letters("EM"), UNKNOWN)),
        ("½", (UNKNOWN,)),
        ("#1", (UNKNOWN,)),
        ("ＡＢＣ", letters("ABC")),
        ("—", ()),
        ("-", ()),
        ("'", ()),
        ("...", ()),
        ("♪", ()),
    ],
)
def test_a_word_is_spelled_with_what_the_alphabet_has(word: str, spelling: tuple[int, ...]) -> None:
    assert ENGLISH.spell(word, "en") == spelling


def test_turkish_has_two_kinds_of_i() -> None:
    turkish = Alphabet(
        {letter: index for index, letter in enumerate("abcdefghıijklmnoprstuvyz", start=5)}, 0, 4
    )
    assert turkish.spell("ISPARTA", "tr") == turkish.spell("ısparta", "tr")
    assert turkish.spell("İZMİR", "tr") == turkish.spell("izmir", "tr")
    assert turkish.spell("IRIS", "en") == turkish.spell("iris", "en")


def test_turkish_capitals_have_two_kinds_of_i() -> None:
    capitals = Alphabet({letter: index for index, letter in enumerate("ABIİKRSTZ", start=5)}, 0, 4)
    assert capitals.spell("bir", "tr") == capitals.spell("BİR", "tr") != capitals.spell("bır", "tr")
    assert capitals.spell("bır", "tr") == capitals.spell("BIR", "tr")


def alphabet(letters: str) -> Alphabet:
    """An alphabet with the signs that most models of the hub have beside the letters."""
    return Alphabet({letter: index for index, letter in enumerate(letters, start=5)}, 0, 4)


LATIN = "abcdefghijklmnopqrstuvwxyz'-"


@pytest.mark.parametrize(
    ("language", "has", "word", "same"),
    [
        ("de", LATIN, "Straße", "strasse"),
        ("de", LATIN + "äöüß", "STRASSENGRÖẞE", "strassengröße"),
        ("de", LATIN + "äöüß", "Donaudampfschifffahrtsgesellschaft,", "donaudampfschifffahrtsgesellschaft"),
        ("en", LATIN, "well-known", "well-known"),
        ("en", LATIN, "“don’t", "don't"),
        ("en", LATIN, "yes -", "yes"),
        ("en", LATIN, "dogs'", "dogs"),
        ("fr", LATIN + "àâæçèéêëîïôœùûü", "L’Œuvre", "l'œuvre"),
        ("fr", LATIN + "àâçèéêëîïôùûü", "L’Œuvre", "l'oeuvre"),
        ("ca", LATIN + "·", "col·legi", "col·legi"),
        ("ca", LATIN, "col·legi", "collegi"),
        ("ro", LATIN + "ăâîșț", "Ştiinţă", "știință"),
        ("ru", "абвгдежзийклмнопрстуфхцчшщъыьэюя", "Ёлка", "елка"),
        ("ru", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "ЁЛКА", "ёлка"),
        ("uk", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя'", "п’ять", "п'ять"),
        ("uk", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "пʼять", "пять"),
        ("el", "αβγδεζηθικλμνξοπρστυφχψω", "Όλους", "ολουσ"),
        ("ar", "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءأإآؤئ", "مُحَمَّد", "محمد"),
        ("ar", "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءأإآؤئ", "مــرحبا،", "مرحبا"),
        ("ar", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "أحمد", "احمد"),
        ("fa", "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیآئ", "كتابي", "کتابی"),
        ("fa", "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیآئ", "می\u200cخواهم", "میخواهم"),
        ("he", "אבגדהוזחטיכלמנסעפצקרשתםןץףך", "שָׁלוֹם", "שלום"),
        ("he", "אבגדהוזחטיכלמנסעפצקרשתםןץףך", "צה״ל", "צהל"),
        ("hi", "नमस्ते\u093cकीजद", "नमस्ते।", "नमस्ते"),
        ("hi", "नमस्तेकीज", "ज़की", "जकी"),
        ("vi", LATIN + "áàảãạăắằẳẵặâấầẩẫậđéèẻẽẹêếềểễệ", unicodedata.normalize("NFD", "Đẹp"), "đẹp"),
        ("vi", LATIN, "Đẹp", "dep"),
        ("ja", "かきくけこなにさー", "カナー", "かなー"),
        ("ko", "안녕하세요", unicodedata.normalize("NFD", "안녕하세요?"), "안녕하세요"),
    ],
)
def test_words_are_spelled_alike_however_they_are_written(
    language: str, has: str, word: str, same: str
) -> None:
    known = alphabet(has)
    spelling = known.spell(word, language)
    assert spelling and WILDCARD not in spelling
    assert spelling == tuple(known.symbols[letter] for letter in same)


@pytest.mark.parametrize(
    ("language", "has", "word"),
    [
        ("ar", "ابتث", "١٩٩٩"),
        ("hi", "नमस्ते", "१९४७"),
        ("zh", "中国人", "國"),
        ("ko", "안녕", "똠"),
        ("he", "אבג", "₪50"),
        ("ru", "абв", "N"),
    ],
)
def test_what_an_alphabet_cannot_write_is_one_sound(language: str, has: str, word: str) -> None:
    assert alphabet(has).spell(word, language) == (WILDCARD,)


def test_a_cased_alphabet_keeps_its_cases() -> None:
    cased = Alphabet({"a": 5, "A": 6, "b": 7}, 0, 4)
    assert cased.spell("aAB", "de") == (5, 6, 7)


def test_marks_of_other_scripts_are_letters_where_the_alphabet_has_them() -> None:
    hindi = Alphabet({character: index for index, character in enumerate("हिनदी्", start=5)}, 0, 4)
    assert WILDCARD not in hindi.spell("हिन्दी", "hi")
    assert len(hindi.spell("हिन्दी", "hi")) == len("हिन्दी")


@pytest.mark.parametrize(
    ("vocabulary", "blank", "separator"),
    [
        ({"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "|": 4, "a": 5}, 0, 4),
        ({"a": 0, "|": 1, "[UNK]": 2, "[PAD]": 3}, 3, 1),
        ({"a": 0, " ": 1, "[UNK]": 2, "[PAD]": 3}, 3, 1),
        ({"[PAD]": 0, "a": 1}, 0, None),
    ],
)
def test_blank_and_separator_go_by_several_names(
    vocabulary: dict[str, int], blank: int, separator: int | None
) -> None:
    found = Alphabet.of_vocabulary(vocabulary, len(vocabulary), ["<pad>", "[PAD]"], ["|", " "])
    assert (found.blank, found.separator, list(found.symbols)) == (blank, separator, ["a"])


def test_special_tokens_that_the_model_cannot_emit_are_left_out() -> None:
    vocabulary = {"[PAD]": 3, "|": 0, "a": 1, "b": 2, "<s>": 4, "c": 5, "<pad>": 6}
    alphabet = Alphabet.of_vocabulary(vocabulary, 4, ["<pad>", "[PAD]"], ["|"])
    assert alphabet == Alphabet({"a": 1, "b": 2}, blank=3, separator=0)
