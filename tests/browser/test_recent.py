"""The list of recent transcripts, Back, and a deletion that is undone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from page.texts import TEXTS
from tests.support.axe import violations
from tests.support.chromium import PATIENCE, run_of, transcribe

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def open_list(page: Page) -> None:
    page.locator(".wl-recent-box summary").click()


def shows(page: Page, run: str | None) -> None:
    page.wait_for_function(
        "run => window.wordlight?.store.doc.run === run && wordlight.store.doc.meta",
        arg=run,
        timeout=PATIENCE,
    )


@pytest.fixture
def two(page: Page, speech: Path, tmp_path: Path) -> tuple[str, str]:
    """The tokens of two finished transcripts, the second of which is shown."""
    transcribe(page, speech)
    first = str(run_of(page))
    second = tmp_path / "another talk.wav"
    second.write_bytes(speech.read_bytes())
    transcribe(page, second)
    return first, str(run_of(page))


def test_earlier_transcripts_are_opened_renamed_and_come_back_by_back(
    page: Page, two: tuple[str, str], speech: Path
) -> None:
    first, second = two
    page.go_back()
    shows(page, first)
    page.go_forward()
    shows(page, second)

    open_list(page)
    items = page.locator(".wl-recent-item")
    expect(items).to_have_count(2)
    expect(items.nth(0)).to_contain_text("another talk.wav")
    expect(items.nth(0)).to_contain_text("done")
    expect(items.nth(0)).to_contain_text("kept until")
    items.nth(1).get_by_role("button", name=speech.name, exact=True).press("Enter")
    shows(page, first)
    expect(items.nth(1)).to_have_attribute("aria-current", "true")

    items.nth(1).get_by_role("button", name="Rename").press("Enter")
    page.keyboard.type("My talk")
    page.keyboard.press("Enter")
    expect(items.nth(1).get_by_role("button", name="My talk", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".wl-name")).to_have_text("My talk")
    page.reload()
    shows(page, first)
    expect(page.locator(".wl-name")).to_have_text("My talk")
    open_list(page)
    assert violations(page) == []


def test_a_deletion_is_undone_within_five_seconds(page: Page, two: tuple[str, str]) -> None:
    first, second = two
    open_list(page)
    items = page.locator(".wl-recent-item")
    page.locator("#delete-now").click()
    expect(page.locator(".wl-word")).to_have_count(0, timeout=PATIENCE)
    expect(items).to_have_count(1)
    assert page.evaluate("run => wordlight.server.ask('recall', { token: run, brief: true })", second) == {
        "state": "gone"
    }
    assert violations(page) == []
    page.locator("#undo-delete").click()
    shows(page, second)
    expect(items).to_have_count(2)

    items.nth(1).get_by_role("button", name="Delete").click()
    expect(items).to_have_count(1, timeout=PATIENCE)
    shows(page, second)  # the other one was deleted
    expect(page.locator("#undo-delete")).to_be_hidden(timeout=PATIENCE)
    page.reload()
    shows(page, second)
    assert page.evaluate("run => wordlight.server.ask('recall', { token: run, brief: true })", first) == {
        "state": "gone"
    }


@pytest.mark.parametrize("locale", sorted(TEXTS))
def test_the_list_is_in_the_reader_s_language_on_a_phone(browser: Browser, server: str, locale: str) -> None:
    context = browser.new_context(locale=locale, viewport={"width": 360, "height": 740})
    page = context.new_page()
    entries = (
        '[{"run":"abcdefghijkl","name":"Interview.wav","seconds":61,"date":0,"state":"done","until":4e9}]'
    )
    page.add_init_script(f"localStorage.setItem('wordlight_recent_', '{entries}')")
    page.route(
        re.compile("/component_server"), lambda route: route.abort()
    )  # so that it is not found to be gone
    page.goto(server)
    open_list(page)
    item = page.locator(".wl-recent-item")
    expect(item).to_contain_text(TEXTS[locale]["recent_rename"])
    expect(item).to_contain_text("1:01")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
