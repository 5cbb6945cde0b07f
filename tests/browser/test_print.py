"""The transcript on paper: a PDF that Chromium prints, read by poppler."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.chromium import open_page, receive, settled
from tests.support.page_messages import message, speech_of

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

COUNT = 800  # words, some ten times what is in sight on the screen
FORM = ("Transcribe", "Language spoken", "Microphone", "Advanced", "Use via API", "Copy link", "SRT")


def printed(page: Page, folder: Path) -> str:
    """Returns the text of the page's PDF, read from top to bottom."""
    file = folder / "page.pdf"
    page.pdf(path=file, format="A4")
    return subprocess.run(["pdftotext", str(file), "-"], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(("scheme", "tab"), [("light", "Transcript"), ("dark", "Words")])
def test_all_words_are_printed_and_nothing_of_the_form(
    browser: Browser, server: str, tmp_path: Path, scheme: str, tab: str
) -> None:
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    open_page(page, server)
    receive(page, message(speech_of(COUNT, texts=tuple(f"word{n}" for n in range(COUNT)))))
    settled(page)
    page.get_by_role("tab", name=tab, exact=True).click()
    text = printed(page, tmp_path)
    assert [int(number) for number in re.findall(r"word(\d+)", text)] == list(range(COUNT))
    assert "English" in text and str(COUNT) in text  # the facts
    assert [part for part in FORM if part in text] == []
    # Black on white, whatever the screen has.
    page.emulate_media(media="print", color_scheme=scheme)  # type: ignore[arg-type]
    sure = page.locator(".wl-word:not(.wl-likely, .wl-doubtful, .wl-unsure)").first
    assert sure.evaluate("node => getComputedStyle(node).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()
