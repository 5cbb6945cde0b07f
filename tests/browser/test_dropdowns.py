"""gradio's lists: open while the focus is in them, closed once it has gone elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.chromium import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

FOCUSED = "document.activeElement.closest('#task, #language, #inputs')?.id ?? document.activeElement.tagName"


@pytest.mark.parametrize(("key", "next_to"), [("Tab", "task"), ("Shift+Tab", "inputs")])
def test_the_language_list_closes_when_the_focus_leaves(page: Page, key: str, next_to: str) -> None:
    field = page.locator("#language input")
    field.focus()
    expect(page.locator("#language [role=option]").first).to_be_visible(timeout=PATIENCE)
    page.keyboard.press(key)
    page.wait_for_timeout(600)  # a frame until it opened again, and the fade
    assert page.evaluate(FOCUSED) == next_to  # at once, not by way of nowhere
    expect(page.locator("#language [role=option]")).to_have_count(0)
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("Detect automatically")


def test_no_list_of_the_advanced_options_stays_open_either(page: Page) -> None:
    page.locator("#advanced button").first.click()
    field = page.locator("#option-aligner input")
    expect(field).to_be_visible(timeout=PATIENCE)
    field.focus()
    expect(page.locator("#option-aligner [role=option]").first).to_be_visible(timeout=PATIENCE)
    # A key that the browser takes for itself moves the focus as well, such as F6 or Ctrl+L.
    field.evaluate(
        "node => { node.dispatchEvent(new KeyboardEvent('keydown', { key: 'l', bubbles: true })); node.blur(); }"
    )
    page.wait_for_timeout(600)
    expect(page.locator("#option-aligner [role=option]")).to_have_count(0)


def test_keys_still_choose_from_the_list(page: Page) -> None:
    field = page.locator("#language input")
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Germ")
    expect(page.locator("#language [role=option]")).to_have_count(1, timeout=PATIENCE)
    page.keyboard.press("Enter")
    expect(field).to_have_value(re.compile("^German – Deutsch"))


def test_what_is_typed_after_a_click_takes_the_place_of_the_choice(page: Page) -> None:
    field = page.locator("#language input")
    field.click()
    expect(page.locator("#language [role=option]").first).to_be_visible(timeout=PATIENCE)
    page.keyboard.type("Germ")
    expect(page.locator("#language [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(field).to_have_value(re.compile("^German – Deutsch"))
