"""Who cannot see well, or has no mouse, can use all of it: axe-core's rules, and the keyboard alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.axe import violations
from tests.support.chromium import PATIENCE, choose, choose_in_dialog, finished, open_page, receive
from tests.support.page_messages import message, speech_of
from tests.support.word_documents import text_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_before_during_and_after(
    browser: Browser, server: str, scheme: str, long_speech: Path
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    open_page(page, server)
    found = {"before": violations(page)}

    choose(page, long_speech)
    page.locator("#start").click()
    expect(page.locator(".wl-word").first).to_be_visible(timeout=PATIENCE)
    found["during"] = violations(page)
    page.locator("#stop").click()
    finished(page)

    for name in ("Transcript", "Words", "Timeline", "Captions"):
        page.get_by_role("tab", name=name, exact=True).click()
        if name == "Timeline":
            page.wait_for_function("document.querySelector('.wl-plot')?.data", timeout=PATIENCE)
        page.evaluate(
            "document.querySelectorAll('.wl-downloads details').forEach((fold) => (fold.open = true))"
        )
        found[name] = violations(page)
    page.get_by_role("tab", name="Transcript", exact=True).click()
    page.locator(".wl-tool[aria-label^=Keys]").click()
    found["keys"] = violations(page)
    context.close()
    assert {state: broken for state, broken in found.items() if broken} == {}


def test_from_the_file_to_the_corrected_document_without_a_mouse(page: Page, speech: Path) -> None:
    reach(page, "#file button")
    choose_in_dialog(page, lambda: page.keyboard.press("Enter"), speech)
    expect(page.locator("#file a[href]")).to_be_focused(timeout=PATIENCE)
    reach(page, "#start")
    page.keyboard.press("Enter")
    finished(page)
    reach(page, ".wl-word")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_function("!document.querySelector('.wl-media').paused", timeout=PATIENCE)
    page.keyboard.press(" ")
    page.keyboard.press("e")
    page.keyboard.type("evening")
    page.keyboard.press("Enter")
    expect(page.locator(".wl-word").nth(1)).to_have_text("evening")
    reach(page, "#download-docx")
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.keyboard.press("Enter")
    assert "evening" in text_of(waiting.value.path().read_bytes())


def test_everything_that_can_be_pressed_can_be_reached_by_tab(page: Page) -> None:
    page.locator("#example-en").click()
    finished(page)
    page.locator("body").evaluate("node => { node.tabIndex = -1; node.focus(); }")
    seen: set[str] = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.className || 'none'"))
    wanted = {"start", "example-ru", "download-txt", "download-json", "copy-link", "delete-now"}
    assert wanted <= seen
    assert any("wl-word" in name for name in seen) and any("wl-tool" in name for name in seen)


def test_the_first_word_is_few_tabs_away(page: Page) -> None:
    receive(page, message(speech_of(40)))
    page.get_by_role("tab", name="Words", exact=True).click()
    page.locator("body").evaluate("node => { node.tabIndex = -1; node.focus(); }")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the words")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator(".wl-word").first).to_be_focused(timeout=PATIENCE)
    expect(link).not_to_be_in_viewport()


def reach(page: Page, selector: str) -> None:
    """Presses Tab until the focus is there."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")
