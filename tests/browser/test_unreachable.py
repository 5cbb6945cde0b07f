"""The server cannot be reached for a while: the page says so where it is seen, and saves once it can again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from page.texts import TEXTS
from tests.support.chromium import LEAVES, PATIENCE, download, transcribe

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Dialog, Page

pytestmark = pytest.mark.browser

ENGLISH = TEXTS["en"]
NOTICE = ".wl-save-notice"


def correct_first(page: Page, text: str) -> None:
    page.locator(".wl-word").first.focus()
    page.keyboard.press("e")
    page.locator(".wl-field").fill(text)
    page.keyboard.press("Enter")


def test_a_correction_without_a_connection_is_told_in_sight_and_saved_later(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    page.context.set_offline(True)
    correct_first(page, "Corrected")
    notice = page.locator(NOTICE)
    expect(notice).to_have_text(ENGLISH["unkept"], timeout=PATIENCE)
    expect(notice).to_be_in_viewport(ratio=1)
    expect(page.locator("#ready p")).to_have_text(ENGLISH["ready_lost"])
    assert page.evaluate("wordlight.store.hasUnkept()")

    page.context.set_offline(False)  # and nothing is pressed
    expect(notice).to_be_hidden(timeout=PATIENCE)
    expect(page.locator("#ready p")).to_contain_text(ENGLISH["ready_ok"])
    assert not page.evaluate("wordlight.store.hasUnkept()")
    page.reload()
    expect(page.locator(".wl-word").first).to_have_text("Corrected", timeout=PATIENCE)


def test_a_correction_outlives_a_page_that_is_closed_without_a_connection(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    token = page.evaluate("wordlight.store.doc.run")
    address = f"{page.url.split('#')[0]}#t={token}"
    page.context.set_offline(True)
    correct_first(page, "Corrected")
    expect(page.locator(NOTICE)).to_have_text(ENGLISH["unkept"], timeout=PATIENCE)
    later = page.context.new_page()
    page.close()

    later.context.set_offline(False)
    later.goto(address)
    expect(later.locator(".wl-word").first).to_have_text("Corrected", timeout=PATIENCE)
    expect(later.locator(".wl-status-text")).to_have_text(ENGLISH["unsent_taken"])
    later.wait_for_function("!wordlight.store.hasUnkept()", timeout=PATIENCE)
    later.evaluate("localStorage.clear()")
    later.reload()
    expect(later.locator(".wl-word").first).to_have_text("Corrected", timeout=PATIENCE)
    expect(later.locator(".wl-status")).to_be_hidden()


def test_a_save_that_is_refused_is_told_in_sight(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    token = page.evaluate("wordlight.store.doc.run")
    page.evaluate("token => wordlight.server.ask('forget', { tokens: [token] })", token)  # by another page
    correct_first(page, "Corrected")
    expect(page.locator(NOTICE)).to_be_in_viewport(timeout=PATIENCE)
    expect(page.locator(NOTICE)).not_to_have_text(ENGLISH["unkept"])


@pytest.mark.parametrize("is_entered", [True, False])
def test_what_was_typed_a_moment_ago_outlives_the_page(page: Page, speech: Path, is_entered: bool) -> None:
    transcribe(page, speech)
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", agree)
    page.locator(".wl-word").first.focus()
    page.keyboard.press("e")
    page.keyboard.type("Corrected")
    if is_entered:
        page.keyboard.press("Enter")
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.locator(".wl-word").first).to_have_text("Corrected", timeout=PATIENCE)


def test_a_reader_who_comes_back_too_late_is_told_and_asked_before_leaving(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    page.wait_for_function(LEAVES, timeout=PATIENCE)
    token = page.evaluate("wordlight.store.doc.run")
    page.evaluate("token => wordlight.server.ask('forget', { tokens: [token] })", token)  # its time is over
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(NOTICE)).to_contain_text("no longer kept", timeout=PATIENCE)
    assert not page.evaluate(LEAVES)
    assert "fox" in download(page, "txt")[1]


def test_a_transcript_that_is_read_is_kept_longer(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    until = page.evaluate("wordlight.store.doc.meta.kept_until")
    page.evaluate("wordlight.others.asked = -Infinity")
    page.mouse.move(100, 100)
    page.mouse.move(200, 200)
    page.wait_for_function(f"wordlight.store.doc.meta.kept_until > {until}", timeout=PATIENCE)
