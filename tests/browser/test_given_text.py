"""A reader who has the text of a recording gets it timed, in the same desk as a transcript."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.chromium import PATIENCE, choose, download, finished, run_of, settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

TEXT = "The quick brown fox jumps over the lazy dog. [barks]"
TIMED = "wordlight.store.doc.words.map(({ text, timing, end }) => [text, timing, end])"


def test_a_text_is_timed_and_keeps_its_words(page: Page, speech: Path) -> None:
    box = page.locator("#given-text textarea")
    expect(box).to_be_hidden()
    page.locator("#task input[value=align]").check()
    expect(box).to_be_visible(timeout=PATIENCE)
    choose(page, speech)
    page.locator("#start").click()
    expect(page.locator("#status")).to_contain_text("There is no text yet.", timeout=PATIENCE)
    box.fill(TEXT)
    before = run_of(page)
    page.locator("#start").click()
    finished(page, before)
    settled(page)
    words = page.evaluate(TIMED)
    assert [text for text, _, _ in words] == TEXT.split()
    assert {timing for _, timing, _ in words[:-1]} == {"aligned"} and words[-2][2] > 1.5
    expect(page.locator(".wl-unsaid")).to_have_text(["[barks]"])
    assert "/align" in page.evaluate("wordlight.store.doc.meta.snippets.curl")
    _, subtitles = download(page, "srt")
    assert "fox" in subtitles


def test_a_file_fills_the_box(page: Page, tmp_path: Path) -> None:
    page.locator("#task input[value=align]").check()
    parts = ("#given-text", "#given-text-file", "#advanced", "#start", "#autostart")
    expect(page.locator("#given-text-file")).to_be_visible(timeout=PATIENCE)
    boxes = [page.locator(part).bounding_box() or {} for part in parts]
    assert all(above["y"] + above["height"] <= below["y"] for above, below in pairwise(boxes))
    inside = page.locator("#given-text-file button[aria-dropeffect]")
    assert inside.evaluate("node => node.scrollHeight <= node.clientHeight + 1")  # nothing of it is cut off
    file = page.locator("#given-text-file input[type=file]")
    script = tmp_path / "talk.srt"
    script.write_bytes("1\n00:00:05,000 --> 00:00:08,000\nDer Fuchs sagt: „Grüß Gott“.\n".encode("utf-16"))
    file.set_input_files(script)
    expect(page.locator("#given-text textarea")).to_have_value(script.read_text("utf-16"), timeout=PATIENCE)
