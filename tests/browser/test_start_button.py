"""Transcribe is the page's main button only as long as a click on it would do something that has not been done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.axe import violations
from tests.support.chromium import PATIENCE, choose, open_page, start_by_hand, transcribe

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SAME_AS_COPY = """() => {
  const fill = (part) => getComputedStyle(document.querySelector(part)).backgroundColor;
  return fill("#start") === fill("#copy-text");
}"""


def calls(page: Page, does: bool) -> None:
    """Waits until the button looks like the page's main ones, or not any more."""
    page.wait_for_function(f"({SAME_AS_COPY})() === {str(does).lower()}", timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_steps_back_after_a_run_until_the_form_has_changed(
    browser: Browser, server: str, speech: Path, talk_file: Path, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    open_page(page, server)
    calls(page, True)
    transcribe(page, speech)
    calls(page, False)
    assert violations(page) == []
    page.locator("#advanced button").first.click()
    expect(page.locator("#option-hotwords textarea")).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(500)  # the fields that have come have said what they hold
    calls(page, False)
    hotwords = page.locator("#option-hotwords textarea")
    hotwords.fill("Ada")
    calls(page, True)
    hotwords.fill("")
    calls(page, False)
    page.locator("#task label").nth(1).click()
    calls(page, True)
    page.locator("#task label").nth(0).click()
    calls(page, False)
    choose(page, talk_file)
    calls(page, True)
    page.close(run_before_unload=False)


def test_behind_a_link_it_waits_for_a_recording(
    browser: Browser, server: str, page: Page, speech: Path
) -> None:
    transcribe(page, speech)
    link = page.evaluate("location.href")
    other = browser.new_page(viewport={"width": 1280, "height": 900})
    start_by_hand(other)
    other.goto(link, wait_until="commit")
    other.wait_for_selector("#title, gradio-app", state="attached", timeout=PATIENCE)
    other.mouse.click(
        900, 8
    )  # a click beside the form, before its lists have their choices, says nothing of it
    expect(other.locator("#ready .wl-is-ok")).to_be_visible(timeout=PATIENCE)
    expect(other.locator(".wl-word").first).to_be_visible(timeout=PATIENCE)
    calls(other, False)
    choose(other, speech)
    calls(other, True)
    other.close(run_before_unload=False)
