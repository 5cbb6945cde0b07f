"""The size of the words: by keys and by tools, with the reader's place kept, and remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.axe import violations
from tests.support.chromium import PATIENCE, open_page, receive, settled
from tests.support.page_messages import message, speech_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

USUAL = {"wide": 20, "phone": 18}  # pixels
SIZE = "parseFloat(getComputedStyle(document.querySelector('.wl-word')).fontSize)"
# The first word that is seen below the tools, and how far it is from the window's top.
FIRST = """() => {
  const box = (node) => node.getBoundingClientRect();
  const [page, head] = [".wl-page", ".wl-head"].map((part) => document.querySelector(part));
  const least = Math.max(box(page).top, box(head).bottom);
  const word = [...document.querySelectorAll(".wl-word")].find((node) => box(node).bottom > least + 8);
  return [word.word.index, box(word).top];
}"""
TOP = "index => [...document.querySelectorAll('.wl-word')][index].getBoundingClientRect().top"


@pytest.mark.parametrize(("place", "width", "height"), [("wide", 1280, 900), ("phone", 390, 844)])
def test_words_grow_and_shrink_where_the_reader_is(
    browser: Browser, server: str, place: str, width: int, height: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    open_page(page, server)
    receive(page, message(speech_of(2000)))
    settled(page)
    assert page.evaluate(SIZE) == USUAL[place]
    page.evaluate("wordlight.events.emit('point', 1000)")
    page.wait_for_timeout(500)  # for the frames in which the word is kept in sight
    index, top = page.evaluate(FIRST)
    for _ in range(2):
        page.keyboard.press("+")
    page.wait_for_function(f"Math.abs({SIZE} - {USUAL[place]} * 1.3) < 0.1", timeout=PATIENCE)
    page.wait_for_timeout(500)
    assert page.evaluate(TOP, index) == pytest.approx(top, abs=3)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []

    other = context.new_page()
    open_page(other, server)
    receive(other, message(speech_of(20)))
    settled(other)
    assert other.evaluate(SIZE) == pytest.approx(USUAL[place] * 1.3)
    smaller = other.get_by_role("button", name="Smaller text")
    if place == "phone":
        expect(smaller).to_be_hidden()
        other.get_by_role("button", name="More tools").click()
    for _ in range(3):
        smaller.click()
    assert other.evaluate(SIZE) == pytest.approx(USUAL[place] * 0.85)
    expect(smaller).to_be_disabled()
    context.close()


def test_signs_that_are_typed_change_no_size(words: Page) -> None:
    before = words.evaluate(SIZE)
    words.locator(".wl-word").first.dblclick()
    words.keyboard.type("a+b-c")
    words.keyboard.press("Enter")
    expect(words.locator(".wl-word").first).to_have_text("a+b-c")
    assert words.evaluate(SIZE) == before
