"""The microphone, in a Chromium of its own that hears a file in place of one."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.support.chromium import (
    FOX,
    PATIENCE,
    SECONDS,
    choose,
    chromium,
    finished,
    open_page,
    words_of,
)

pytestmark = pytest.mark.browser


def test_the_microphone_is_heard(playwright: Playwright, server: str, microphone_speech: Path) -> None:
    with chromium(playwright, microphone_speech) as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        open_page(page, server)
        page.get_by_role("tab", name="Microphone").click()
        page.get_by_role("button", name="Record").click()
        page.wait_for_timeout(6 * SECONDS)  # it is heard at the pace at which it was spoken
        with page.expect_response(lambda answer: "/gradio_api/upload" in answer.url, timeout=PATIENCE):
            page.get_by_role("button", name="Stop").filter(visible=True).first.click()
        expect(page.locator("#microphone").get_by_role("button", name="Play", exact=True)).to_be_visible(
            timeout=PATIENCE
        )
        page.wait_for_timeout(SECONDS)  # the page takes the answer in
        page.locator("#start").click()
        finished(page)
        assert len(set(words_of(page)) & FOX) >= 3


def test_transcribe_ends_a_recording_and_transcribes_that_one(
    playwright: Playwright, server: str, speech: Path, microphone_speech: Path
) -> None:
    with chromium(playwright, microphone_speech) as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        open_page(page, server)
        choose(page, speech)
        page.get_by_role("tab", name="Microphone").click()
        page.get_by_role("button", name="Record").click()
        expect(page.get_by_role("button", name="Stop").filter(visible=True).first).to_be_visible(
            timeout=PATIENCE
        )
        page.wait_for_timeout(5 * SECONDS)  # it is heard at the pace at which it was spoken
        page.locator("#start").click()
        expect(page.locator(".wl-status.wl-is-failed")).to_have_count(0)
        finished(page)
        assert len(set(words_of(page)) & FOX) >= 3
        assert page.evaluate("wordlight.store.doc.media.orig_name ?? ''") != speech.name
        page.get_by_role("tab", name="File").click()
        expect(page.locator("#file a[href]")).to_have_count(0)
