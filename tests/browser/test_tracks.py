"""The audio tracks of a recording that has several can be chosen, and only of such a one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.chromium import PATIENCE, choose, finished, run_of, words_of
from tests.support.odd_media import tracks

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

LANGUAGES = ("-metadata:s:a:0", "language=ger", "-metadata:s:a:1", "language=eng", "-disposition:a:1", "0")


def test_a_recording_with_several_tracks_has_a_list_of_them(page: Page, tmp_path: Path, speech: Path) -> None:
    two = tracks(tmp_path, "two.mkv", "sine=d=3", speech, options=LANGUAGES)
    field = page.locator("#track")
    choose(page, two)
    expect(field).to_be_visible(timeout=PATIENCE)
    field.locator("input").focus()
    offered = field.locator("[role=option]")
    expect(offered).to_have_count(3, timeout=PATIENCE)
    names = [text.replace("✓", "").strip() for text in offered.all_text_contents()]
    assert names == ["Automatic", "1 · German · aac", "2 · English · aac"]
    offered.nth(2).click()
    before = run_of(page)
    page.locator("#start").click()
    finished(page, before)
    assert "fox" in words_of(page)
    assert "This is track 2" in page.evaluate("JSON.stringify(wordlight.store.doc.meta.transcript.warnings)")
    choose(page, speech)
    expect(field).to_be_hidden(timeout=PATIENCE)
