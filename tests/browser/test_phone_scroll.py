"""What a small window scrolls: the window itself, with the tools of each view in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.chromium import PATIENCE, receive, swipe
from tests.support.page_messages import message, speech_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

# Whether all of what a button says is within it.
FITS = "node => node.scrollWidth <= node.clientWidth"
HOUR = 3000  # words, many screens of them
# What is free between the tools above and the bar below, in pixels.
FREE = """() => document.querySelector('.wl-dock').getBoundingClientRect().top
  - Math.max(0, document.querySelector('.wl-head').getBoundingClientRect().bottom)"""
# Whether a word is between both.
IN_SIGHT = """index => {
  const word = [...document.querySelectorAll('.wl-word')][index].getBoundingClientRect();
  const top = document.querySelector('.wl-head').getBoundingClientRect().bottom;
  return word.top >= top && word.bottom <= document.querySelector('.wl-review').getBoundingClientRect().top;
}"""


def hour_on(phone: Callable[..., Page], size: tuple[int, int]) -> Page:
    """Opens a page of this size with an hour's words, and something to play them."""
    width, height = size
    page = phone(viewport={"width": width, "height": height})
    page.evaluate("wordlight.player.use(document.createElement('audio'))")
    receive(page, message(speech_of(HOUR), run="hour"))
    return page


@pytest.mark.parametrize("size", [(390, 844), (844, 390), (667, 375)])
def test_a_phone_scrolls_the_page_and_keeps_its_tools_in_sight(
    phone: Callable[..., Page], size: tuple[int, int]
) -> None:
    width, height = size
    page = hour_on(phone, size)
    page.wait_for_function(f"document.querySelectorAll('.wl-word').length === {HOUR}", timeout=PATIENCE)
    box = page.locator(".wl-page")
    assert box.evaluate("node => node.scrollHeight - node.clientHeight") <= 1  # no box in the page

    page.locator(".wl-word").first.evaluate("node => node.scrollIntoView({ block: 'center' })")
    before = page.evaluate("scrollY")
    swipe(page, (width / 2, height * 0.6), (0, -height * 0.35))
    page.wait_for_function("before => scrollY > before + 50", arg=before, timeout=PATIENCE)
    expect(page.locator(".wl-tools")).to_be_in_viewport(ratio=1)
    pencil = page.get_by_role("button", name="Correct this word", exact=True)
    expect(pencil).to_be_in_viewport(ratio=1)
    line = page.locator(".wl-word").first.evaluate("node => parseFloat(getComputedStyle(node).lineHeight)")
    assert page.evaluate(FREE) >= 6 * line
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator(".wl-doubts").evaluate(FITS)
    if height < 500:  # the fields of a search leave room for what is found, wherever the page stands
        page.evaluate("scrollTo(0, 0)")
        page.locator(".wl-find-tool").first.tap()
        page.wait_for_function(f"({FREE})() >= {2 * line}", timeout=PATIENCE)
        page.keyboard.press("Escape")
        page.wait_for_timeout(500)  # for the frames in which the word is kept in sight

    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("button", name="Download", exact=True).tap()
    expect(page.locator("#copy-text")).to_be_in_viewport(ratio=1)

    # What plays is followed, and what is looked for is found, in the same window.
    page.evaluate("wordlight.events.emit('lit', { index: 2000, playing: true })")
    page.wait_for_function(IN_SIGHT, arg=2000, timeout=PATIENCE)
    page.locator(".wl-doubts").tap()
    stop = page.evaluate("wordlight.review.place.first")
    page.wait_for_function(IN_SIGHT, arg=stop, timeout=PATIENCE)
    page.evaluate("wordlight.events.emit('point', 1000)")
    page.wait_for_function(IN_SIGHT, arg=1000, timeout=PATIENCE)


# Waits until a swipe has run out.
STILL = """async () => {
  for (let still = 0, last = scrollY; still < 20; last = scrollY) {
    await new Promise(requestAnimationFrame);
    still = scrollY === last ? still + 1 : 0;
  }
}"""
IS_NO_BOX = (
    "node => node.scrollHeight - node.clientHeight <= 1 && getComputedStyle(node).overflowY === 'visible'"
)
# Whether a part of the page is seen whole between its top, or another part, and the bar at the foot.
IS_SEEN = """(node, above) => {
  const { top, bottom, height } = node.getBoundingClientRect();
  const least = above ? document.querySelector(above).getBoundingClientRect().bottom : 0;
  return height > 0 && top >= least - 1 && bottom <= document.querySelector('.wl-dock').getBoundingClientRect().top + 1;
}"""


@pytest.mark.parametrize("size", [(390, 844), (844, 390), (667, 375)])
def test_the_table_of_words_scrolls_with_the_page_of_a_phone(
    phone: Callable[..., Page], size: tuple[int, int]
) -> None:
    width, height = size
    page = hour_on(phone, size)
    page.get_by_role("tab", name="Words", exact=True).tap()
    rows, search = page.locator(".wl-rows"), page.get_by_label("Search the words")
    expect(page.locator(".wl-row").first).to_be_visible()
    assert rows.evaluate(IS_NO_BOX)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    swipe(page, (width / 2, height * 0.6), (0, -height * 0.35))
    page.wait_for_function("scrollY > 50", timeout=PATIENCE)
    page.evaluate(STILL)
    page.evaluate("scrollTo(0, 50_000)")
    page.wait_for_function("Number(document.querySelector('.wl-row').dataset.index) > 1000", timeout=PATIENCE)
    assert page.locator(".wl-row").count() < 80
    expect(search).to_be_in_viewport(ratio=1)
    head = page.locator(".wl-table th").first
    assert head.evaluate(IS_SEEN, ".wl-words-bar")
    for index in (2000, 100):  # what another view points at is seen here
        page.evaluate("index => wordlight.events.emit('active', index)", index)
        row = page.locator(f".wl-row[data-index='{index}']")
        expect(row).to_be_visible(timeout=PATIENCE)
        assert row.evaluate(IS_SEEN, ".wl-table th")
    page.evaluate("scrollTo(0, 50_000)")
    page.get_by_role("button", name="Confidence").tap()  # the first of the new order is what was asked for
    expect(page.locator(".wl-row td:nth-child(4)").first).to_have_text("0 %")
    assert page.locator(".wl-row").first.evaluate(IS_SEEN, ".wl-table th")
    search.fill("lamp")
    page.wait_for_timeout(300)
    assert search.evaluate(IS_SEEN)


@pytest.mark.parametrize("size", [(390, 844), (844, 390)])
def test_the_list_of_subtitles_scrolls_with_the_page_of_a_phone(
    phone: Callable[..., Page], size: tuple[int, int]
) -> None:
    width, height = size
    page = phone(viewport={"width": width, "height": height})
    receive(page, message(speech_of(1000), run="hour"))
    page.get_by_role("tab", name="Captions").tap()
    cues = page.locator(".wl-cue")
    expect(cues.nth(50)).to_be_attached(timeout=PATIENCE)
    assert page.locator(".wl-cues").evaluate(IS_NO_BOX)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    cues.nth(50).evaluate("node => node.scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(300)
    time = cues.nth(50).locator(".wl-cue-time")
    time.tap()
    screen = page.locator(".wl-screen")
    assert screen.evaluate(IS_SEEN)  # what is cut is seen beside the tools that cut it
    split = page.get_by_role("button", name="Split", exact=True)
    split.scroll_into_view_if_needed()
    assert split.evaluate(IS_SEEN) and screen.evaluate(IS_SEEN)


def test_words_that_stream_in_do_not_pull_the_reader_of_a_phone(phone: Callable[..., Page]) -> None:
    page = phone()
    segments = speech_of(600)
    receive(page, message(segments[:40], done=False))
    page.wait_for_function("document.querySelectorAll('.wl-word').length === 400", timeout=PATIENCE)
    page.evaluate("scrollTo(0, 900)")
    page.wait_for_timeout(300)  # paragraphs that come into sight get their true height
    before = page.evaluate("scrollY")
    receive(page, message(segments, new_from=40, done=False))
    page.wait_for_function("document.querySelectorAll('.wl-word').length === 600", timeout=PATIENCE)
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") == before
