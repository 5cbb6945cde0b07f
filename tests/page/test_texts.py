"""The page's sentences: each language has all of them, with the same values to fill in."""

from __future__ import annotations

import re

import pytest

from engine.errors import WordlightError
from engine.languages import AUTO, LANGUAGES, MIXED
from engine.options import specs
from page.components import ASSETS
from page.layout import languages
from page.texts import ENGLISH, LANGUAGE_NAMES, TEXTS, locale_of
from page.transcript_store import NotKept
from tests.support.recordings import ROOT

VALUE = re.compile(r"\{\w+\}")
MADE = ("stage_", "queue_", "fact_", "band_", "timing_", "tool_", "column_", "format_", "limit_", "choice_", "option_",
        "ready_", "audit_", "timeline_", "example_", "warning_", "preset_", "cue_", "lint_", "word_")  # fmt: skip


# Of errors that only HTTP's callers meet, or that are not of a recording.
NOT_SHOWN = {"error", "bad_input", "bad_transcript", "not_a_form", "wrong_method", "not_found", "unauthorized",
             "refused", "not_ready", "too_slow", "not_json", "unknown_host", "key_reused", "not_done",
             "cancelled", "bad_link", "websocket_required"}  # fmt: skip


def codes(kind: type[WordlightError] = WordlightError) -> set[str]:
    """The codes of the errors that a reader may meet on the page."""
    return {kind.code}.union(*map(codes, kind.__subclasses__())) - NOT_SHOWN


def test_the_languages_are_those_that_are_promised() -> None:
    assert set(TEXTS) == {"en", "de", "es", "fr", "zh", "ja"}


@pytest.mark.parametrize("locale", sorted(set(TEXTS) - {"en"}))
def test_every_sentence_is_there_with_its_values(locale: str) -> None:
    texts = TEXTS[locale]
    assert NotKept.code in codes(), "those of the page are among them"
    assert texts.keys() == ENGLISH.keys() | {
        f"error_{code}{part}" for code in codes() for part in ("", "_hint")
    }
    for key, sentence in ENGLISH.items():
        assert sorted(VALUE.findall(texts[key])) == sorted(VALUE.findall(sentence)), key
        assert texts[key].strip() and texts[key].count("\n") == sentence.count("\n"), key
    spoken = {
        key: entry for key, entry in ENGLISH.items() if len(entry) > 12 and not key.endswith("_key")
    }  # of a keyboard
    same = [key for key, sentence in spoken.items() if texts[key] == sentence]
    assert same == [], "left in English"


def test_what_is_pressed_or_read_first_has_the_word_that_everybody_knows() -> None:
    words = {
        "start": "Transcribe",
        "queue_open": "Open",
        "downloads": "Download",
        "fact_certainty": "Language certainty",
    }
    assert {key: ENGLISH[key] for key in words} == words


@pytest.mark.parametrize("locale", sorted(set(TEXTS) - {"en"}))
def test_every_error_is_told_with_what_to_do(locale: str) -> None:
    texts = TEXTS[locale]
    for code in codes():
        told, hint = texts[f"error_{code}"], texts[f"error_{code}_hint"]
        assert hint.strip() and hint not in told, code
        assert not VALUE.search(told + hint), code  # those come by error_limit


@pytest.mark.parametrize("locale", sorted(set(TEXTS) - {"en"}))
def test_every_language_has_its_name_in_each(locale: str) -> None:
    names = LANGUAGE_NAMES[locale]
    assert names.keys() == LANGUAGES.keys() and len(set(names.values())) == len(names)
    shown = {code: name for name, code in languages(locale, {"fr": "phonetic"})}
    assert shown["fr"].startswith(names["fr"]) and shown["fr"].endswith(" · phonetic")
    assert list(shown) == [AUTO, MIXED, *names]


# What is said of a mouse and of keys, in each language.
POINTING = re.compile(
    r"(?i)click|cliqu|klick|pulse (una|para)|点击|单击|双击|クリック|"
    r"\bkeys?\b|\btasten?\b|tecla|touche[s ]*:|按键|キー"
)


@pytest.mark.parametrize("locale", sorted(TEXTS))
def test_a_sentence_for_fingers_speaks_of_neither_mouse_nor_keys(locale: str) -> None:
    texts = TEXTS[locale]
    fingers = [key for key in texts if key.endswith("_touch")]
    assert len(fingers) == 3
    for key in fingers:
        assert not POINTING.search(texts[key]), texts[key]
        assert POINTING.search(texts[key.removesuffix("_touch")]), texts[key.removesuffix("_touch")]
    # Nor does anything else that is said on a touch screen; the list of keys is not shown there.
    shown = {
        key: entry
        for key, entry in texts.items()
        if f"{key}_touch" not in texts and "key" not in key and key != "description"
    }
    assert [entry for entry in shown.values() if POINTING.search(entry)] == []


def test_every_choice_of_an_option_has_a_name() -> None:
    spoken = [spec for spec in specs() if spec.choices and spec.name not in ("language", "model")]
    assert [
        f"{spec.name} {choice}"
        for spec in spoken
        for choice in spec.choices
        if f"choice_{spec.name}_{choice}" not in ENGLISH
    ] == []


def test_every_sentence_is_used() -> None:
    files = [*ASSETS.rglob("*.js"), *(ROOT / "page").rglob("*.py"), ROOT / "app.py"]
    code = "\n".join(path.read_text("utf-8") for path in files)
    unused = [key for key in ENGLISH if f'"{key}"' not in code and f" {key}:" not in code]
    assert [
        key for key in unused if not key.startswith(MADE) and not key.endswith(("_hint", "_one", "_touch"))
    ] == []


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [
        ("de-CH,en;q=0.5", "de"),
        ("zh-CN", "zh"),
        ("fr;q=0.9", "fr"),
        ("nn,de", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_page_s_language_is_the_browser_s_first(accepted: str | None, locale: str) -> None:
    assert locale_of(accepted) == locale
