"""Recordings come by a drop or a paste anywhere, and are transcribed at once."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from page.texts import TEXTS
from tests.support.chromium import PATIENCE, finished, open_page, run_of, transcribe, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SHIFT = 8  # as the protocol of Chromium's tools names the key
PASTE = """({ name, content, text }) => {
  const given = new DataTransfer();
  if (name) given.items.add(new File([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], name));
  if (text) given.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData: given, bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(event);
}"""


# A drag that stays where it is, as a browser tells of it.
KEEP = """() => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["a"], "a.wav"));
  const over = () => document.body.dispatchEvent(
    new DragEvent("dragover", { dataTransfer, bubbles: true, cancelable: true })
  );
  over();
  window.kept = setInterval(over, 300);
}"""


@pytest.fixture
def eager(browser: Browser, server: str) -> Iterator[Page]:
    """A page whose reader wants it to start by itself."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    open_page(page, server)
    page.locator("#autostart-box").check()
    yield page
    page.close(run_before_unload=False)


def drag(page: Page, file: Path, kinds: tuple[str, ...], place: str, modifiers: int = 0) -> None:
    """Drags a file from outside of the browser over an element, and lets it go there if `kinds` says so."""
    box = page.locator(place).first.bounding_box()
    assert box
    session = page.context.new_cdp_session(page)
    for kind in kinds:
        session.send(
            "Input.dispatchDragEvent",
            {
                "type": kind,
                "x": box["x"] + 20,
                "y": box["y"] + 20,
                "data": {"items": [], "files": [str(file)], "dragOperationsMask": 1},
                "modifiers": modifiers,
            },
        )


def listed(page: Page) -> list[str]:
    return page.locator("#file a[href]").evaluate_all("nodes => nodes.map((node) => node.download)")


def test_a_file_may_be_dropped_anywhere(page: Page, speech: Path, talk_file: Path) -> None:
    transcribe(page, speech)
    veil, words = page.locator(".wl-veil"), ".wl-page"
    drag(page, talk_file, ("dragEnter",), words)
    page.evaluate(KEEP)  # else it goes without further news of the drag
    expect(veil).to_be_visible()
    expect(veil).to_have_text(TEXTS["en"]["drop_here"])
    box = veil.bounding_box()
    assert box and (box["width"], box["height"]) == (1280, 900)
    page.evaluate("clearInterval(window.kept)")
    drag(page, talk_file, ("drop",), words)
    expect(veil).to_be_hidden()
    expect(page.locator(f"#file a[download='{talk_file.name}']")).to_be_visible(timeout=PATIENCE)
    assert listed(page) == [talk_file.name]  # in the place of the one before
    drag(page, speech, ("dragEnter", "dragOver", "drop"), "#title", SHIFT)
    expect(page.locator("#file a[href]")).to_have_count(2, timeout=PATIENCE)
    assert len(page.context.pages) == 1 and page.url.startswith("http")
    drag(page, speech, ("dragEnter", "dragOver", "dragCancel"), words)
    expect(veil).to_be_hidden(timeout=PATIENCE)


def test_a_recording_that_arrives_is_transcribed_at_once(eager: Page, speech: Path) -> None:
    given = {"name": speech.name, "content": base64.b64encode(speech.read_bytes()).decode(), "text": ""}
    eager.evaluate(PASTE, given)
    finished(eager)
    assert "fox" in words_of(eager)
    first = run_of(eager)

    # The browser remembers what the reader chooses.
    eager.reload()
    expect(eager.locator("#autostart-box")).to_be_checked(timeout=PATIENCE)
    eager.locator("#autostart-box").uncheck()
    eager.evaluate(PASTE, given | {"name": "second.wav"})
    expect(eager.locator("#file a[download='second.wav']")).to_be_visible(timeout=PATIENCE)
    eager.wait_for_timeout(500)
    assert run_of(eager) == first and not eager.evaluate("wordlight.runs.busy")


def test_a_pasted_address_is_answered_and_text_in_a_field_is_left_alone(page: Page) -> None:
    page.evaluate(PASTE, {"text": "https://example.org/talk.mp3"})
    expect(page.locator(".wl-is-note .wl-status-text")).to_have_text(TEXTS["en"]["pasted_address"])
    page.evaluate("wordlight.events.emit('status', { state: 'idle' })")
    page.locator("#language input").focus()
    page.evaluate(PASTE, {"text": "https://example.org/talk.mp3"})
    expect(page.locator(".wl-status")).to_be_hidden()
