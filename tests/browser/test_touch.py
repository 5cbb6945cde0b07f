"""The page under a finger: it scrolls, it speaks of tapping, and all of its views are in sight."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.support.chromium import PATIENCE, choose_in_dialog, finished, receive, swipe
from tests.support.page_messages import TALK, message, speech_of, talk_message
from tests.support.word_documents import text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def minute() -> dict[str, Any]:
    made = message(speech_of(160), run="minute")
    peaks = base64.b64encode(bytes(20 * 60)).decode()
    made["meta"]["sound"] = {"rate": 20, "peaks": peaks, "speech": [[0, 57]]}
    return made


def test_from_the_file_to_the_corrected_document_with_a_finger(
    phone: Callable[..., Page], speech: Path
) -> None:
    page = phone(accept_downloads=True)
    choose_in_dialog(page, page.locator("#file button").first.tap, speech)
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


def test_what_is_behind_the_sign_of_more_facts_is_in_sight(phone: Callable[..., Page]) -> None:
    page = phone()
    receive(page, minute())
    page.locator(".wl-more summary").tap()
    more = page.locator(".wl-more-facts")
    box = more.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    for place in (0.1, 0.5, 0.9):
        assert more.evaluate(
            """(node, place) => {
              const { left, top, width, height } = node.getBoundingClientRect();
              return node.contains(document.elementFromPoint(left + width / 2, top + place * height));
            }""",
            place,
        )


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


def test_tabs_come_back_from_the_menu_once_they_have_room(phone: Callable[..., Page]) -> None:
    """As when gradio has counted them before their font was there."""
    page = phone()
    shown = page.locator("#views [role=tab]")
    expect(shown).to_have_count(4, timeout=PATIENCE)
    wide = page.add_style_tag(content=".tab-container button { letter-spacing: 12px; }")
    expect(shown).not_to_have_count(4)
    wide.evaluate("node => node.remove()")
    expect(shown).to_have_count(4)
