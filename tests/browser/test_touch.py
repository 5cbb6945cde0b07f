"""The page under a finger: it scrolls, it speaks of tapping, and all of its views are in sight."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.support.chromium import PATIENCE, finished, open_page, receive
from tests.support.page_messages import TALK, message, speech_of, talk_message
from tests.support.word_documents import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Opens the page on a phone, in a language."""
    contexts = []

    def opened(locale: str = "en-US", **more: Any) -> Page:
        size = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
        contexts.append(browser.new_context(locale=locale, **(size | more)))
        page = contexts[-1].new_page()
        open_page(page, server)
        return page

    yield opened
    for context in contexts:
        context.close()


def minute() -> dict[str, Any]:
    made = message(speech_of(160), run="minute")
    peaks = base64.b64encode(bytes(20 * 60)).decode()
    made["meta"]["sound"] = {"rate": 20, "peaks": peaks, "speech": [[0, 57]]}
    return made


def swipe(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    """Draws a finger over the screen as a hand does, in steps."""
    session = page.context.new_cdp_session(page)
    (x, y), steps = start, 10
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, steps + 1):
        point = {"x": x + by[0] * step / steps, "y": y + by[1] * step / steps}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        page.wait_for_timeout(16)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_from_the_file_to_the_corrected_document_with_a_finger(
    phone: Callable[..., Page], speech: Path
) -> None:
    page = phone(accept_downloads=True)
    with page.expect_file_chooser(timeout=PATIENCE) as asking:
        page.locator("#file button").first.tap()
    asking.value.set_files(speech)
    expect(page.locator("#file a[href]")).to_have_count(1, timeout=PATIENCE)
    page.locator("#start").tap()
    finished(page)
    page.locator(".wl-word").nth(1).tap()
    page.locator(".wl-tool[aria-label='Correct this word']").tap()
    page.keyboard.type("evening")  # as the phone's own keyboard does
    page.locator("#summary h2").tap()
    expect(page.locator(".wl-word").nth(1)).to_have_text("evening")
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.locator("#download-docx").tap()
    assert "evening" in text_of(waiting.value.path().read_bytes())


VIEW = "document.querySelector('.wl-plot')._fullLayout.xaxis.range"


@pytest.fixture
def timeline(phone: Callable[..., Page]) -> tuple[Page, dict[str, float]]:
    """A page that shows a minute along time, and where on the screen that is."""
    page = phone()
    receive(page, minute())
    page.get_by_role("tab", name="Timeline").tap()
    page.wait_for_function("document.querySelector('.wl-plot .trace')", timeout=PATIENCE)
    page.locator(".wl-plot").evaluate("(node) => node.scrollIntoView({ block: 'center' })")
    box = page.locator(".wl-plot").bounding_box()
    assert box
    return page, dict(box)


def test_a_swipe_over_the_timeline_scrolls_the_page(timeline: tuple[Page, dict[str, float]]) -> None:
    page, box = timeline
    before, view = page.evaluate("scrollY"), page.evaluate(VIEW)
    swipe(page, (200, box["y"] + 250), (0, -200))
    page.wait_for_function("before => scrollY > before + 100", arg=before, timeout=PATIENCE)
    assert page.evaluate(VIEW) == view
    assert page.locator(".wl-plot-marked").count() == 0


def test_a_swipe_to_the_side_looks_closer_and_two_taps_show_all(
    timeline: tuple[Page, dict[str, float]],
) -> None:
    page, box = timeline
    whole = page.evaluate(VIEW)
    place = "time => document.querySelector('.wl-plot')._fullLayout.xaxis"
    offset, first, last = (
        page.evaluate(f"{place}._offset", 0),
        *(page.evaluate(f"{place}.d2p(time)", time) for time in (10, 40)),
    )
    swipe(page, (box["x"] + offset + first, box["y"] + 100), (last - first, 4))
    page.wait_for_function(f"{VIEW}[1] - {VIEW}[0] < 35", timeout=PATIENCE)
    assert page.evaluate(VIEW) == pytest.approx([10, 40], abs=1)
    assert page.locator(".wl-plot-marked").count() == 0
    for _ in range(10):  # taps that a busy machine sends too far apart are two clicks
        page.wait_for_timeout(500)  # for what is being drawn, which forgets a first tap
        for _ in range(2):
            page.touchscreen.tap(200, box["y"] + 100)
        if page.evaluate(f"{VIEW}[1] - {VIEW}[0]") > whole[1] - 1:
            break
    page.wait_for_function(f"{VIEW}[1] - {VIEW}[0] > {whole[1] - 1}", timeout=PATIENCE)


def test_a_tap_on_the_timeline_is_heard_there(timeline: tuple[Page, dict[str, float]]) -> None:
    page, box = timeline
    page.evaluate("() => (wordlight.player.playFrom = (time) => (window.heard = time))")
    page.touchscreen.tap(200, box["y"] + 100)
    page.wait_for_function("window.heard > 0", timeout=PATIENCE)


def pinch(page: Page, start: tuple[float, float], end: tuple[float, float], y: float) -> None:
    """Moves two fingers from two places to two others, in steps."""
    session, steps = page.context.new_cdp_session(page), 8

    def send(kind: str, part: float) -> None:
        places = [one + (two - one) * part for one, two in zip(start, end, strict=True)]
        points = [{"x": x, "y": y, "id": n} for n, x in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", 0)
    for step in range(1, steps + 1):
        send("touchMove", step / steps)
        page.wait_for_timeout(16)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_two_fingers_zoom_the_timeline_and_not_the_page(timeline: tuple[Page, dict[str, float]]) -> None:
    page, box = timeline
    whole = page.evaluate(VIEW)
    pinch(page, (180, 220), (120, 280), box["y"] + 100)
    page.wait_for_function(f"{VIEW}[1] - {VIEW}[0] < {0.5 * whole[1]}", timeout=PATIENCE)
    assert page.evaluate("visualViewport.scale") == 1
    assert page.locator(".wl-plot-marked").count() == 0
    page.wait_for_timeout(300)  # for the last step
    pinch(page, (100, 300), (190, 210), box["y"] + 100)
    page.wait_for_function(f"{VIEW}[1] - {VIEW}[0] > {0.9 * whole[1]}", timeout=PATIENCE)


SMALL = """() => [...document.querySelectorAll(
  "#inputs :is(button, select, textarea), #results :is(button, select, summary), #masthead button, .wl-autostart-label"
)].filter((node) => {
  const { width, height } = node.getBoundingClientRect();
  return node.checkVisibility() && width && !node.matches("[inert] *") && (height < 43.5 || width < 43.5);
}).map((node) => `${node.id || node.className || node.ariaLabel}: ${node.offsetWidth} x ${node.offsetHeight}`)"""


def test_what_a_finger_presses_is_large_enough_and_the_tools_are_one_row(
    phone: Callable[..., Page],
) -> None:
    page = phone()
    small = page.evaluate(SMALL)
    receive(page, minute())
    page.evaluate("document.documentElement.scrollTo(0, 0)")
    assert [*small, *page.evaluate(SMALL)] == []
    tops = page.locator(".wl-tools .wl-tool:visible").evaluate_all(
        "nodes => nodes.map((node) => node.getBoundingClientRect().top)"
    )
    assert len(tops) > 5 and max(tops) - min(tops) < 4  # the search too
    join = page.get_by_role("button", name="Join with the next word")
    expect(join).to_be_hidden()
    page.get_by_role("button", name="More tools").tap()
    expect(join).to_be_visible()


@pytest.mark.parametrize("locale", ["en-US", "de-DE"])
def test_where_there_is_touch_the_page_speaks_of_tapping_and_not_of_keys(
    phone: Callable[..., Page], locale: str
) -> None:
    page = phone(locale)
    told = {
        "en-US": ("Tap a word", "Tap to choose files"),
        "de-DE": ("Tippen Sie auf ein Wort", "Tippen, um"),
    }
    word, file = told[locale]
    zone = page.locator("#file button[aria-dropeffect] .wrap")
    shown = zone.evaluate(
        "node => [getComputedStyle(node).fontSize, getComputedStyle(node, '::after').content]"
    )
    assert shown[0] == "0px" and file in shown[1]
    receive(page, minute())
    expect(page.locator(".wl-about")).to_contain_text(word)
    titles = page.locator(".wl-tool").evaluate_all("nodes => nodes.map((node) => node.title)")
    assert titles and not [title for title in titles if "(" in title or "?" in title]
    page.locator("#views [role=tab]").nth(2).tap()
    expect(page.locator(".wl-timeline > .wl-quiet")).to_contain_text(word.split()[0], timeout=PATIENCE)
    text = page.locator("#results").inner_text()
    assert not [bad for bad in ("lick", "Keys", "Tasten", "Press") if bad in text], text


def test_where_there_is_a_mouse_the_page_speaks_of_clicks_and_keys(page: Page) -> None:
    receive(page, minute())
    expect(page.locator(".wl-about")).to_contain_text("Click a word to hear it")
    titles = page.locator(".wl-tool").evaluate_all("nodes => nodes.map((node) => node.title)")
    assert "Next word to check (n)" in titles and "Keys (?)" in titles
    expect(page.get_by_role("button", name="Next word to check", exact=True)).to_be_visible()


@pytest.mark.parametrize("locale", ["en-US", "de-DE", "es-ES", "fr-FR", "ja-JP", "zh-CN"])
def test_all_views_are_in_sight_on_a_phone(phone: Callable[..., Page], locale: str) -> None:
    page = phone(locale)
    tabs = page.locator("#views [role=tab]")
    expect(tabs).to_have_count(4, timeout=PATIENCE)
    assert all((tab.bounding_box() or {"x": 999, "width": 0})["x"] < 390 for tab in tabs.all())
    assert not page.locator("#views .overflow-menu").is_visible()


def test_the_line_above_the_words_is_whole(phone: Callable[..., Page]) -> None:
    page = phone()
    receive(page, talk_message(TALK))
    line = page.locator(".wl-line .wl-about")
    expect(line).to_have_text("Tap a word to hear it; the pencil above corrects it.")
    is_whole = """(line, wanted) => {
      const text = [...line.childNodes].find((node) => node.textContent.includes(wanted));
      const range = document.createRange();
      range.setStart(text.firstChild ?? text, 0);
      range.setEnd(text.firstChild ?? text, text.textContent.indexOf(wanted) + wanted.length);
      const [said, box] = [range.getBoundingClientRect(), line.getBoundingClientRect()];
      return said.bottom <= box.bottom + 1 && said.right <= box.right + 1;
    }"""
    assert line.evaluate(is_whole, "corrects it.")
    page.locator(".wl-word").first.tap()
    expect(line).to_contain_text("90 % confidence")
    assert line.evaluate(is_whole, "90 % confidence")


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


@pytest.mark.parametrize("size", [(390, 844), (844, 390), (667, 375)])
def test_a_phone_scrolls_the_page_and_keeps_its_tools_in_sight(
    phone: Callable[..., Page], size: tuple[int, int]
) -> None:
    width, height = size
    page = phone(viewport={"width": width, "height": height})
    page.evaluate("wordlight.player.use(document.createElement('audio'))")
    receive(page, message(speech_of(HOUR), run="hour"))
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
    page = phone(viewport={"width": width, "height": height})
    page.evaluate("wordlight.player.use(document.createElement('audio'))")
    receive(page, message(speech_of(HOUR), run="hour"))
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


# Whether the line below the open tab lies within the row that shows it.
LINE_IS_SEEN = """tab => {
  const row = tab.closest('.tab-container').getBoundingClientRect();
  const line = getComputedStyle(tab, '::after');
  const bottom = tab.getBoundingClientRect().bottom - parseFloat(line.bottom);
  return bottom <= row.bottom + 0.5 && bottom - parseFloat(line.height) >= row.top;
}"""


def test_the_open_tab_has_its_line(phone: Callable[..., Page]) -> None:
    page = phone()
    for tabs in ("#source", "#views"):
        tab = page.locator(f"{tabs} .tab-container:not(.visually-hidden) [role=tab][aria-selected=true]")
        assert tab.evaluate(LINE_IS_SEEN), tabs
