"""The page in a language that is not English: its own sentences, and what the engine's come to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from chromium import PATIENCE, open_page, receive
from playwright.sync_api import expect

from engine.pipeline.transcription import FAULTS
from tests.support.page_messages import message, speech_of
from tests.support.recordings import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

# A sentence of each kind, the part of it that stands so in the code, and a part of what a German reads.
WARNINGS = [
    (
        "The recording should last 1:02:03, but only 0:31 of it could be read. The file seems to be cut off.",
        "The recording should last {",
        "sollte 1:02:03 dauern, doch nur 0:31",
    ),
    ("Parts of this file are damaged or missing. Words may be missing there.", "Parts of this file", "Teile"),
    ("No speech was found in this recording.", "No speech was found in this recording.", "keine Sprache"),
    (
        "The language is uncertain: English is only 41% likely. If it is another, choose it.",
        "The language is uncertain: {name} is only {",
        "Englisch ist nur zu 41 % wahrscheinlich",
    ),
    *((f"At 3:50–4:04 {told}", told, "Bei 3:50–4:04") for told in FAULTS.values()),
    (
        "Words were timed by attention, not by wav2vec2: there is no model.",
        "were timed by {lower}, not by {rung}: {",
        "von attention statt von wav2vec2 (there is no model.)",
    ),
    (
        "At 1:02:03–1:02:30 words were timed by attention, not by phonetic: it is too long",
        ")} words",
        "Bei 1:02:03–1:02:30 kommen die Zeiten",
    ),
    (
        "Only the end of the prompt had room and was heeded.",
        "Only the end of the prompt had room and was heeded.",
        "wurde nur das Ende beachtet",
    ),
    ("Stopped after 0:31; the rest has not been heard.", "Stopped after {", "Nach 0:31 angehalten"),
    ("Something new that nobody has foreseen.", "", "Something new"),
]


def test_the_page_speaks_the_browser_s_language(browser: Browser, server: str) -> None:
    page = browser.new_context(locale="de-CH").new_page()
    open_page(page, server)
    expect(page.locator("#start")).to_have_text("Transkribieren")
    expect(page.get_by_role("tab", name="Zeitachse")).to_be_visible()
    expect(page.locator("#examples p")).to_have_text("Beispiel ausprobieren", timeout=PATIENCE)
    expect(page.get_by_label("Ins Englische übersetzen")).to_be_visible()
    expect(page.locator(".wl-example-about")).to_contain_text("Dies ist das fertige Transkript")
    page.locator("#file input[type=file]").set_input_files(ROOT / "LICENSE")
    expect(page.locator("#file a[href]")).to_be_visible(timeout=PATIENCE)
    page.locator("#start").click()
    card = page.locator(".wl-status.wl-is-failed")
    expect(card.locator(".wl-status-text")).to_have_text(
        "Diese Datei ist keine Audio- oder Videoaufnahme.", timeout=PATIENCE
    )
    expect(card.locator(".wl-status-detail")).not_to_be_empty()
    page.locator("#language input").fill("")
    page.locator("#language input").press_sequentially("Französisch")
    expect(page.locator("#language [role=option]")).to_have_text(re.compile("Französisch – Français"))
    page.context.close()


def test_warnings_come_in_the_reader_s_language(browser: Browser, server: str) -> None:
    code = "\n".join(
        path.read_text("utf-8") for name in ("engine", "page") for path in (ROOT / name).rglob("*.py")
    )
    assert [part for _, part, _ in WARNINGS if part not in code] == []
    made = message(speech_of(10))
    made["meta"]["transcript"]["warnings"] = [sentence for sentence, _, _ in WARNINGS]
    for locale, told in (("de", [german for *_, german in WARNINGS]), ("en", [it for it, *_ in WARNINGS])):
        page = browser.new_context(locale=locale).new_page()
        open_page(page, server)
        receive(page, made)
        expect(page.locator(".wl-warnings li")).to_contain_text(told)
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
    expect(stretch).to_contain_text("5.0 s Sprache haben keine Wörter", timeout=PATIENCE)
    stretch.get_by_role("button", name="Neu transkribieren").click()
    expect(stretch.get_by_role("status")).to_contain_text("nicht mehr aufbewahrt", timeout=PATIENCE)
    page.context.close()
