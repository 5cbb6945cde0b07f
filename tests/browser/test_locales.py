"""The page in a language that is not English: its own sentences, and what the engine's come to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from page.texts import TEXTS
from tests.support.chromium import PATIENCE, open_page, receive, settled
from tests.support.notices import NOTICES
from tests.support.page_messages import message, speech_of
from tests.support.recordings import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

# A part of what a German reads for each notice of tests/support/notices.py.
GERMAN = {
    "cut_off": "sollte 1:02:03 dauern, doch nur 0:31",
    "damaged": "Teile dieser Datei",
    "silent": "keine gesprochenen Worte",
    "no_words": "doch es waren keine Wörter zu verstehen",
    "bare": "Sprache ohne Wörter: insgesamt 1:15, zuerst bei 3:50–4:04",
    "uncertain": "Englisch ist nur zu 41 % wahrscheinlich",
    "loop": "Bei 3:50–4:04 hat sich der Text wiederholt",
    "repetition": "Bei 3:50–4:04 wiederholt sich der Text",
    "fast": "Bei 3:50–4:04 steht mehr Text",
    "unlikely": "Bei 3:50–4:04 ist der Text durchweg zweifelhaft",
    "prompt": "wurde nur das Ende beachtet",
    "timed": "von attention statt von wav2vec2 (there is no model.)",
    "timed_there": "Bei 3:50–4:04 kommen die Zeiten",
    "one_channel": "keine zwei Kanäle mit verschiedenem Ton",
    "diarizer": "von embedded unterschieden statt von wav2vec2 (there is no model.)",
    "no_speakers": "Die Sprecher konnten nicht unterschieden werden",
    "stopped": "Nach 0:59 angehalten",
    "track": "mehrere Tonspuren: 1 (de, aac), 2 (en, aac, default). Dies ist Spur 2.",
    "cancelled": "Links und rechts löschen einander aus",
    "centre": "ihr mittlerer Kanal wurde transkribiert",
    "unsaid": "12 Wörter des Textes wurden in der Aufnahme nicht gefunden",
    "subtitles_late": "kamen 3,2 s zu spät",
    "subtitles_early": "kamen 3,2 s zu früh",
    "subtitles_drift": "liefen um 41 % auseinander",
    "not_retimed": "12 geänderte Wörter behalten ihre Zeiten",
    "other_language": "Spanisch wird wohl",
}


def test_the_page_speaks_the_browser_s_language(browser: Browser, server: str) -> None:
    page = browser.new_context(locale="de-CH").new_page()
    open_page(page, server)
    expect(page.locator("#start")).to_have_text("Transkribieren")
    expect(page.get_by_role("tab", name="Zeitachse")).to_be_visible()
    expect(page.locator("#examples p")).to_have_text("Beispiel ausprobieren", timeout=PATIENCE)
    expect(page.get_by_role("radio", name="Ins Englische übersetzen")).to_be_visible()
    expect(page.locator(".wl-example-about")).to_contain_text("Dies ist das fertige Transkript")
    page.locator("#file input[type=file]").set_input_files(ROOT / "LICENSE")
    expect(page.locator("#file a[href]")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#file").get_by_role("button", name="Dateien hinzufügen")).to_have_count(2)
    page.locator("#start").click()
    card = page.locator(".wl-status.wl-is-failed")
    expect(card.locator(".wl-status-text")).to_have_text(
        "Diese Datei ist keine Audio- oder Videoaufnahme.", timeout=PATIENCE
    )
    expect(card.locator(".wl-status-detail")).to_have_text(TEXTS["de"]["error_not_media_hint"])
    page.locator("#language input").fill("")
    page.locator("#language input").press_sequentially("Französisch")
    expect(page.locator("#language [role=option]")).to_have_text(re.compile("Französisch – Français"))
    page.context.close()


@pytest.mark.parametrize("locale", ["en-US", "de-DE", "fr-FR", "es-ES"])
def test_numbers_are_written_as_in_the_reader_s_language(browser: Browser, server: str, locale: str) -> None:
    page = browser.new_context(locale=locale).new_page()
    open_page(page, server)
    receive(page, message(speech_of(1300)))
    settled(page)
    decimal, thousand = (".", "1,300") if locale == "en-US" else (",", r"1[.\s\u202f]?300")
    word = page.locator(".wl-word").nth(1)
    word.hover()
    expect(page.locator(".wl-about")).to_contain_text(f"0{decimal}36–0{decimal}66 s")
    expect(page.locator(".wl-fact-words dd")).to_have_text(re.compile(f"^{thousand}$"))
    page.locator(".wl-more summary").click()
    expect(page.locator(".wl-fact-speed dd")).to_have_text(re.compile(rf"^\d+{re.escape(decimal)}\d$"))
    expect(page.locator(".wl-speed option").first).to_have_text(f"0{decimal}5×")
    page.locator("#views [role=tab]").nth(1).click()
    cells = page.locator(".wl-row").nth(1).locator(".wl-number")
    expect(cells.first).to_have_text(f"0{decimal}36")
    page.context.close()


def test_warnings_come_in_the_reader_s_language(browser: Browser, server: str) -> None:
    sentences = [notice.sentence for notice in NOTICES]
    # One of a later version, whose code has no text here, and one of an earlier version, which had no codes.
    foreign = ["Something new that nobody has foreseen.", "No speech was found in this recording."]
    made = message(speech_of(10))
    made["meta"]["transcript"]["warnings"] = sentences + foreign
    made["meta"]["transcript"]["notices"] = [
        *(notice.to_dict() for notice in NOTICES),
        {"code": "from_tomorrow", "values": {"x": 1}},
    ]
    german = [GERMAN[notice.code] for notice in NOTICES]
    for locale, told in (("de", german), ("en", sentences)):
        page = browser.new_context(locale=locale).new_page()
        open_page(page, server)
        receive(page, made)
        expect(page.locator(".wl-warnings li")).to_contain_text([*told, *foreign])
        page.context.close()


def test_on_a_narrow_page_what_may_be_missing_leads_to_a_tab_that_finds_no_room(
    browser: Browser, server: str
) -> None:
    page = browser.new_context(locale="de", viewport={"width": 390, "height": 844}).new_page()
    open_page(page, server)
    made = message(speech_of(10))
    made["meta"]["sound"] = {"rate": 20, "peaks": "", "speech": [[0, 9]]}
    made["meta"]["transcript"]["coverage"] = [{"kind": "speech_without_words", "start": 4, "end": 9}]
    receive(page, made)
    page.get_by_role("button", name="1 Stelle").click()
    stretch = page.locator(".wl-audit li")
    expect(stretch).to_contain_text("5,0 s Sprache haben keine Wörter", timeout=PATIENCE)
    stretch.get_by_role("button", name="Neu transkribieren").click()
    expect(stretch.get_by_role("status")).to_contain_text("nicht mehr aufbewahrt", timeout=PATIENCE)
    page.context.close()


def test_the_reader_chooses_the_language_of_the_page(browser: Browser, server: str) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    open_page(page, server)
    chosen = page.get_by_label(TEXTS["en"]["page_language"])
    expect(chosen).to_have_value("en")
    assert chosen.locator("option").all_text_contents() == [
        "Deutsch",
        "English",
        "Español",
        "Français",
        "日本語",
        "中文",
    ]
    chosen.select_option("de")
    expect(page.locator("#start")).to_have_text("Transkribieren", timeout=PATIENCE)
    expect(page.get_by_label(TEXTS["de"]["page_language"])).to_have_value("de", timeout=PATIENCE)
    expect(page.locator("#examples p")).to_have_text("Beispiel ausprobieren", timeout=PATIENCE)
    expect(page.get_by_role("radio", name="Ins Englische übersetzen")).to_be_visible(timeout=PATIENCE)
    other = context.new_page()  # it is kept
    open_page(other, server)
    expect(other.locator("#start")).to_have_text("Transkribieren")
    other.get_by_label(TEXTS["de"]["page_language"]).select_option("en")
    expect(other.locator("#start")).to_have_text("Transcribe", timeout=PATIENCE)
    context.close()


def speaks(page: Page, language: str) -> None:
    """Expects the sentences that stand within gradio's parts, and the names of choices, in a language."""
    texts = TEXTS[language]
    for tabs, keys in (
        ("#source", ("tab_file", "tab_microphone")),
        ("#views", ("tab_transcript", "tab_words", "tab_timeline", "tab_captions")),
    ):
        shown = page.locator(f"{tabs} [role=tab]")
        expect(shown).to_have_text([texts[key] for key in keys], timeout=PATIENCE)
    expect(page.locator("#start")).to_have_text(texts["start"])
    expect(page.locator("#advanced > button")).to_contain_text(texts["advanced"])
    expect(page.locator("#language [data-testid=block-info]")).to_have_text(texts["option_language"])
    expect(page.locator("#task [data-testid=block-info]")).to_have_text(texts["option_task"])
    expect(page.locator("#task label span").first).to_have_text(texts["choice_task_transcribe"])
    expect(page.locator("#file [data-testid=block-label]")).to_contain_text(texts["file_label"])
    expect(page.locator("#examples p")).to_have_text(texts["examples"])
    expect(page.locator("#example-en")).to_have_text(texts["example_en"])
    assert page.evaluate("document.documentElement.lang") == language


def test_every_language_that_is_chosen_is_spoken_by_gradio_s_parts_too(browser: Browser, server: str) -> None:
    context = browser.new_context(locale="pt-PT")  # of which the page has no sentences
    page = context.new_page()
    open_page(page, server)
    speaks(page, "en")
    for language in ("zh", "de", "es", "fr", "ja", "en"):
        with page.expect_navigation():
            page.locator(".wl-page-language").select_option(language)
        speaks(page, language)
        expect(page.locator(".wl-page-language")).to_have_value(language, timeout=PATIENCE)
    context.close()


@pytest.mark.parametrize("locale", ["zh", "zh-Hans-CN", "zh-SG", "zh-CN", "zh-TW", "zh-Hant-HK"])
def test_chinese_is_spoken_whatever_the_browser_calls_it(browser: Browser, server: str, locale: str) -> None:
    context = browser.new_context(locale=locale)
    page = context.new_page()
    open_page(page, server)
    speaks(page, "zh")
    written = "zh-TW" if locale in ("zh-TW", "zh-Hant-HK") else "zh-CN"
    assert page.evaluate("navigator.language") == written
    context.close()
