"""Find and replace over phrases, and the words that corrections offer for the next recording."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.axe import violations
from tests.support.chromium import finished, open_page, receive, run_of, settled, transcribe, words_of
from tests.support.page_messages import message, speech_of, spoken

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

ROOM = [
    spoken("The echo in a", 0.0, 0),
    spoken("room, and the sound in a room.", 2.1, 1),
    spoken("In A ROOM: nothing.", 6.0, 2),
]


def shown(page: Page) -> str:
    """The segments of the document, with all that is known of their words."""
    return page.evaluate("JSON.stringify(wordlight.store.exported().segments)")


def marked(page: Page) -> list[str]:
    return page.locator(".wl-word.wl-found").all_text_contents()


def field(page: Page, label: str) -> Locator:
    return page.get_by_role("searchbox", name=label, exact=True)


def find(page: Page, wanted: str) -> None:
    page.keyboard.press("Control+f")
    expect(field(page, "Find a word or a phrase")).to_be_focused()
    page.keyboard.insert_text(wanted)


@pytest.fixture
def room(page: Page) -> Page:
    receive(page, message(ROOM))
    settled(page)
    return page


def test_a_phrase_is_found_over_borders_and_replaced_everywhere_in_one_step(room: Page) -> None:
    before = shown(room)
    find(room, "in a room")
    count = room.locator(".wl-find-count")
    expect(count).to_have_text("1 of 3")
    assert marked(room) == ["in", "a", "room,", "in", "a", "room.", "In", "A", "ROOM:"]
    expect(room.locator(".wl-found-now")).to_have_text(["in", "a", "room,"])
    room.keyboard.press("Enter")
    expect(count).to_have_text("2 of 3")
    room.keyboard.press("Shift+Enter")
    room.keyboard.press("Shift+Enter")
    expect(count).to_have_text("3 of 3")

    field(room, "Replace with").fill("in the hall")
    everywhere = room.get_by_role("button", name="Replace all (3)")
    assert violations(room) == []
    everywhere.click()
    expect(room.locator(".wl-paragraph").first).to_contain_text(
        "echo in the hall, and the sound in the hall."
    )
    expect(room.locator(".wl-paragraph").last).to_contain_text("In the hall: nothing.")
    expect(count).to_have_text("3 replaced")
    room.wait_for_timeout(400)  # a search that an edit brings about would be over
    expect(count).to_have_text("3 replaced")
    field(room, "Find a word or a phrase").press("End")
    room.keyboard.type("s")
    expect(count).to_have_text("Not found")
    room.keyboard.press("Escape")
    expect(room.locator(".wl-find")).to_be_hidden()
    assert room.locator(".wl-word:focus").count() == 1  # the reader is back at the words
    room.keyboard.press("Control+z")
    assert shown(room) == before


def test_one_place_is_replaced_and_the_search_goes_on_from_there(room: Page) -> None:
    find(room, "ROOM")
    expect(room.locator(".wl-find-count")).to_have_text("1 of 3")
    field(room, "Replace with").fill("vault")
    room.keyboard.press("Enter")
    expect(room.locator(".wl-find-count")).to_have_text("1 of 2")
    expect(room.locator(".wl-found-now")).to_have_text("room.")
    expect(field(room, "Replace with")).to_be_focused()
    assert words_of(room).count("vault") == 1
    field(room, "Replace with").fill("")
    room.get_by_role("button", name="Delete all (2)").click()
    assert words_of(room) == "the echo in a vault and the sound in a in a nothing".split()
    expect(room.locator(".wl-find-count")).to_have_text("2 deleted")


def test_a_second_ctrl_f_is_the_browser_s_and_a_slash_in_a_field_is_text(room: Page) -> None:
    find(room, "and/or")
    assert field(room, "Find a word or a phrase").input_value() == "and/or"
    is_left = field(room, "Find a word or a phrase").evaluate(
        "node => node.dispatchEvent(new KeyboardEvent('keydown',"
        " { key: 'f', ctrlKey: true, bubbles: true, cancelable: true }))"
    )
    assert is_left
    room.keyboard.press("Escape")
    room.keyboard.press("/")
    expect(field(room, "Find a word or a phrase")).to_be_focused()


@pytest.mark.parametrize("locale", ["en-US", "de-DE", "ja-JP"])
def test_the_bar_fits_a_phone(browser: Browser, server: str, locale: str) -> None:
    context = browser.new_context(
        locale=locale, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    open_page(page, server)
    receive(page, message(ROOM))
    settled(page)
    page.locator(".wl-tools .wl-find-tool").tap()
    page.keyboard.insert_text("room")
    expect(page.locator(".wl-find-count")).to_contain_text("3")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".wl-find").evaluate("node => node.offsetHeight") < 844 / 5
    page.locator(".wl-find-switch").tap()
    expect(page.locator(".wl-find-row:nth-child(2) input")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sizes = page.locator(".wl-find button").evaluate_all("nodes => nodes.map((node) => node.offsetHeight)")
    assert min(sizes) >= 44
    assert violations(page) == []
    context.close()


def test_a_replaced_word_is_used_for_the_next_recording_only_if_the_reader_wants(
    page: Page, speech: Path
) -> None:
    transcribe(page, speech)
    find(page, "quick brown")
    field(page, "Replace with").fill("Quicke Browne")
    page.get_by_text("Remember it as a name").click()
    page.locator("#replace-one").click()
    word = page.locator(".wl-vocabulary-word")
    expect(word).to_have_text("Quicke Browne")
    expect(word).to_have_attribute("aria-pressed", "false")

    assert again(page)[:3] == ["the", "quick", "brown"]  # offered, and not sent unasked
    word.click()
    expect(word).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".wl-vocabulary-hint")).to_contain_text("1 of them goes")
    assert violations(page) == []
    assert again(page)[:3] == ["the", "quicke", "browne"]

    page.reload()
    expect(word).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Remove Quicke Browne").click()
    expect(word).to_have_count(0)
    assert json.loads(page.evaluate("localStorage.getItem('wordlight_words_')")) == []


def again(page: Page) -> list[str]:
    """Transcribes the same recording once more."""
    before = run_of(page)
    page.locator("#start").click()
    other = page.get_by_role("button", name="Start the new one")
    if other.is_visible():
        other.click()
    finished(page, before)
    settled(page)
    return words_of(page)


def test_a_name_typed_in_place_of_a_word_is_offered_and_other_corrections_are_not(room: Page) -> None:
    for before, after in (("sound", "noise"), ("echo", "Krueger")):
        room.locator(".wl-word", has_text=before).dblclick()
        room.keyboard.type(after)
        room.keyboard.press("Enter")
    expect(room.locator(".wl-vocabulary-word")).to_have_text(["Krueger"])


def above_the_bar(page: Page, place: str) -> bool:
    """Whether a word can be seen: neither is it above the window, nor does the bar at its foot cover it."""
    return page.locator(place).evaluate(
        "word => { const { top, bottom } = word.getBoundingClientRect();"
        "return top >= 0 && bottom <= document.querySelector('.wl-dock').getBoundingClientRect().top; }"
    )


def test_what_is_found_is_in_sight_on_a_phone(browser: Browser, server: str) -> None:
    size = {"viewport": {"width": 390, "height": 664}, "has_touch": True, "is_mobile": True}
    context = browser.new_context(**size)
    page = context.new_page()
    open_page(page, server)
    receive(page, message([*speech_of(160), spoken("Finally Chicago", 80.0, 16)], run="minute"))
    settled(page)
    page.get_by_role("button", name="Find and replace").tap()
    page.keyboard.insert_text("chicago")
    expect(page.locator(".wl-find-count")).to_have_text("1 of 1")
    page.wait_for_timeout(500)  # paragraphs that come into sight get their true height
    assert above_the_bar(page, ".wl-found-now")
    tops = page.locator(".wl-find-row:first-child .wl-find-tool").evaluate_all(
        "tools => tools.map((tool) => tool.getBoundingClientRect().top)"
    )
    assert len(tops) == 4 and len(set(tops)) == 1, "the buttons stand in one line"
    context.close()


def test_whole_words_leave_longer_words_as_they_are(page: Page) -> None:
    receive(page, message([spoken("Do you like your hat, you?", 0.0, 0)]))
    settled(page)
    find(page, "you")
    count = page.locator(".wl-find-count")
    expect(count).to_have_text("1 of 3")
    page.get_by_role("checkbox", name="Whole words only").check()
    expect(count).to_have_text("1 of 2")
    assert marked(page) == ["you", "you?"]
    field(page, "Replace with").fill("we")
    page.get_by_role("button", name="Replace all (2)").click()
    assert words_of(page) == ["do", "we", "like", "your", "hat", "we"]
    page.evaluate("wordlight.store.discardEdits()")
