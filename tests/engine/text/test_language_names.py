"""Tags of languages in all the ways in which programs and people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidOption
from engine.languages import LANGUAGES
from engine.options import Options
from engine.text.language_names import LanguageTag, parse_tag


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("pt-BR", "pt"),
        ("en_US", "en"),
        ("EN-us", "en"),
        ("de-CH-1996", "de"),
        ("es-419", "es"),
        ("en-US-u-hc-h12", "en"),
        ("en_GB.UTF-8", "en"),
        ("deu", "de"),
        ("ger", "de"),
        ("fre", "fr"),
        ("iw", "he"),
        ("nb-NO", "no"),
        ("nn-NO", "nn"),
        ("jv", "jw"),
        ("fil-PH", "tl"),
        ("tgl", "tl"),
        ("cmn", "zh"),
        ("zh-yue", "yue"),
        ("pes", "fa"),
        ("mo", "ro"),
        ("haw-US", "haw"),
    ],
)
def test_a_tag_leads_to_whisper_s_code(tag: str, code: str) -> None:
    found = Options(language=tag)
    assert (found.language, found.script) == (code, "auto")


@pytest.mark.parametrize(
    ("tag", "code", "script"),
    [
        ("zh-Hans-CN", "zh", "simplified"),
        ("zh_Hant_HK", "zh", "traditional"),
        ("zh-TW", "zh", "traditional"),
        ("zh-cn", "zh", "simplified"),
        ("zh-CHT", "zh", "traditional"),
        ("cmn-Hant", "zh", "traditional"),
        ("yue-Hans", "yue", "simplified"),
        ("Traditional Chinese", "zh", "traditional"),
        ("简体中文", "zh", "simplified"),
        ("sr-Latn", "sr", "latin"),
        ("sr-Cyrl-ME", "sr", "cyrillic"),
        ("sr_RS.UTF-8@latin", "sr", "latin"),
        ("sh", "sr", "latin"),
        ("sr-RS", "sr", "auto"),
        ("zh", "zh", "auto"),
        ("az-Cyrl", "az", "auto"),
    ],
)
def test_a_tag_tells_the_script_where_there_are_two(tag: str, code: str, script: str) -> None:
    found = Options(language=tag)
    assert (found.language, found.script) == (code, script)


@pytest.mark.parametrize("name", ["null", "None", "undefined", "", "  ", "und", "auto", "Detect"])
def test_no_language_means_to_detect_it(name: str) -> None:
    assert Options(language=name).language is None


def test_several_languages_are_mixed() -> None:
    assert Options(language="mul").language == Options(language="Mixed").language == "mixed"


@pytest.mark.parametrize(
    "name",
    ["klingon", "gsw", "x-foo", "i-klingon", "e", "en-", "en--US", "1", "zxx", "C", "en us", "é", "tlh"],
)
def test_a_language_that_whisper_does_not_know_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidOption, match="Unknown language") as refused:
        Options(language=name)
    assert refused.value.field == "language"


@given(st.text(max_size=30))
def test_any_text_is_a_language_or_none(text: str) -> None:
    found = parse_tag(text)
    assert found is None or (found.code in LANGUAGES and isinstance(found, LanguageTag))


@pytest.mark.parametrize(
    ("language", "script"),
    [("zh-Hant", "simplified"), ("de", "latin"), ("sr", "traditional"), ("zh", "latin")],
)
def test_a_script_in_which_the_language_is_not_to_be_written_is_refused(language: str, script: str) -> None:
    with pytest.raises(InvalidOption) as refused:
        Options(language=language, script=script)  # type: ignore[arg-type]
    assert refused.value.field == "script"


def test_a_script_stays_for_a_language_that_is_to_be_detected() -> None:
    assert Options(script="traditional").script == "traditional"
    assert Options(language="zh-Hant", script="traditional").script == "traditional"


def test_languages_are_codes_each_once() -> None:
    assert Options(languages=" de, German ,pt-BR,").allowed_languages == ("de", "pt")
    assert Options(languages="de").language == "de"
    assert Options(languages="").allowed_languages == ()
    assert Options(language="mixed", languages="de,en").language == "mixed"


@pytest.mark.parametrize("languages", ["de,klingon", "de,auto", "mixed"])
def test_what_is_no_language_is_refused_among_languages(languages: str) -> None:
    with pytest.raises(InvalidOption, match=r"klingon|auto|mixed"):
        Options(languages=languages)
