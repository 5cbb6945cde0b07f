"""Recordings come by a drop or a paste anywhere, are transcribed at once, and change their language at work."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from page.texts import TEXTS
from tests.support.chromium import PATIENCE, finished, run_of, transcribe, words_of

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
    """A page that starts by itself, as it does unless its reader has chosen otherwise."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(server)
    expect(page.locator("#ready .wl-is-ok")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#autostart-box")).to_be_checked()
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
    eager.locator("#autostart-box").uncheck()
    eager.reload()
    expect(eager.locator("#autostart-box")).not_to_be_checked(timeout=PATIENCE)
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


# Whether a list has room for its choice, by the width that the text has in it.
HAS_ROOM = """(node, text) => {
  const drawn = document.createElement('canvas').getContext('2d');
  drawn.font = getComputedStyle(node).font;
  return drawn.measureText(text).width < node.clientWidth;
}"""


def change_language(page: Page, code: str) -> str:
    """Chooses another language for what is at work; returns the run that begins with it."""
    first = run_of(page)
    choice = page.get_by_role("combobox", name=TEXTS["en"]["change_language"])
    expect(choice).to_be_visible(timeout=PATIENCE)
    choice.focus()
    choice.select_option(code)
    page.wait_for_function(
        "first => wordlight.store.doc.run && wordlight.store.doc.run !== first", arg=first, timeout=PATIENCE
    )
    page.wait_for_function("wordlight.store.doc.words.length", timeout=PATIENCE)
    return str(run_of(page))


def stop(page: Page) -> None:
    page.locator("#stop").click()
    page.wait_for_function("wordlight.store.doc.meta", timeout=PATIENCE)
    expect(page.locator("#start")).to_be_enabled(timeout=PATIENCE)


# Whether a touch at an element's end reaches it.
ON_TOP = """(node) => {
  const box = node.getBoundingClientRect();
  return document.elementFromPoint(box.right - 3, box.y + box.height / 2) === node;
}"""
RECENT = "wordlight.recent.entries().map(({ run }) => run)"


def test_the_language_changes_while_the_recording_is_at_work(eager: Page, long_speech: Path) -> None:
    """After a reload too, when the form has the recording no longer; what was corrected stays."""
    uploads: list[str] = []
    eager.on("request", lambda sent: uploads.append(sent.url) if "/upload?" in sent.url else None)
    eager.locator("#file input[type=file]").set_input_files(long_speech)
    expect(eager.locator(".wl-word").first).to_be_visible(timeout=PATIENCE)
    second = change_language(eager, "de")
    expect(eager.locator("#language input")).to_have_value(re.compile("^German – Deutsch"), timeout=PATIENCE)
    assert eager.evaluate(RECENT) == [second], "the first had no corrections"

    eager.reload()
    expect(eager.locator(".wl-word").first).to_be_visible(timeout=PATIENCE)
    wide = eager.viewport_size
    assert wide
    eager.set_viewport_size({"width": 390, "height": 844})
    expect(eager.locator("#stop")).to_be_visible(timeout=PATIENCE)
    assert eager.locator(".wl-change-language").evaluate(ON_TOP), "Stop lies over the list on a phone"
    end, card = eager.locator("#stop").bounding_box(), eager.locator("#status").bounding_box()
    assert end and card and end["y"] + end["height"] <= card["y"], "Stop stands above the card"
    stage, language = eager.locator(".wl-status-text"), eager.locator(".wl-change-language")
    assert stage.evaluate("node => getComputedStyle(node).color") != "rgba(0, 0, 0, 0)"
    told = stage.bounding_box(), eager.locator(".wl-status-detail").bounding_box()
    offer = language.bounding_box()
    assert all(told) and offer and max(box["y"] + box["height"] for box in told if box) <= offer["y"] + 1
    for text in {texts["change_language"] for texts in TEXTS.values()}:
        assert language.evaluate(HAS_ROOM, text), f"{text} is cut off on a phone"
    language.focus()  # the list comes with it
    expect(language.locator("option[value=ba]")).to_have_text("Bashkir")
    eager.set_viewport_size(wide)
    eager.locator(".wl-word").first.dblclick()
    eager.keyboard.type("Corrected")
    eager.keyboard.press("Enter")
    third = change_language(eager, "en")
    assert eager.evaluate(RECENT) == [third, second], "what has been corrected stays"
    assert len(uploads) == 1
    stop(eager)
    assert eager.evaluate("wordlight.store.doc.meta.transcript.language") == "en"
    expect(eager.get_by_role("combobox", name=TEXTS["en"]["change_language"])).to_be_hidden()
    answer = eager.evaluate("run => wordlight.server.ask('recall', { token: run })", second)
    assert answer["message"]["segments"][0]["words"][0]["word"] == "Corrected"
    assert answer["message"]["meta"]["transcript"]["language"] == "de"
    eager.go_back()  # to the corrected one
    expect(eager.locator(".wl-word").first).to_have_text("Corrected", timeout=PATIENCE)


def test_a_recording_that_arrives_during_a_run_starts_at_its_end(
    eager: Page, long_speech: Path, speech: Path
) -> None:
    eager.locator("#file input[type=file]").set_input_files(long_speech)
    expect(eager.locator(".wl-word").first).to_be_visible(timeout=PATIENCE)
    first, says = run_of(eager), eager.locator(".wl-autostart-label span")
    drag(eager, speech, ("dragEnter", "dragOver", "drop"), "#title")
    expect(says).to_have_text(TEXTS["en"]["autostart_waits"], timeout=PATIENCE)
    eager.locator("#autostart-box").uncheck()
    expect(says).to_have_text(TEXTS["en"]["autostart"])  # it does not wait any more
    eager.locator("#autostart-box").check()
    drag(eager, speech, ("dragEnter", "dragOver", "drop"), "#title")
    expect(says).to_have_text(TEXTS["en"]["autostart_waits"], timeout=PATIENCE)
    assert run_of(eager) == first and eager.evaluate("wordlight.runs.busy")
    eager.locator("#stop").click()
    finished(eager, first)
    expect(says).to_have_text(TEXTS["en"]["autostart"])
    expect(eager.locator(".wl-name")).to_have_text(speech.name)


def test_what_is_added_is_transcribed_alone(eager: Page, speech: Path, tmp_path: Path) -> None:
    eager.locator("#file input[type=file]").set_input_files(speech)
    finished(eager)
    first = run_of(eager)
    more = tmp_path / "more.wav"
    more.write_bytes(speech.read_bytes())
    drag(eager, more, ("dragEnter", "dragOver", "drop"), "#title", SHIFT)
    finished(eager, first)
    second = run_of(eager)
    assert eager.evaluate(RECENT) == [second, first], "the first is not transcribed again"
    rows = eager.locator(".wl-queue-item")
    expect(rows).to_have_text([re.compile(f"{speech.name}.*done"), re.compile("more.wav.*done")])
    rows.nth(0).get_by_role("button").click()
    eager.wait_for_function("run => wordlight.store.doc.run === run", arg=first, timeout=PATIENCE)
    # Without anything new, the button is about all that is there.
    eager.locator("#start").click()
    eager.wait_for_function("wordlight.recent.entries().length === 4", timeout=PATIENCE)
    expect(eager.locator("#start")).to_be_enabled(timeout=PATIENCE)
