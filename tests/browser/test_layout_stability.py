"""What a reader's eyes are spared: nothing jumps while words stream in, nothing moves where motion is unwanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.support.chromium import PATIENCE, choose, finished, open_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

# Looks at every frame in which work goes on where the parts stand, in pixels of the whole document.
WATCH = """() => {
  const { overflowY } = getComputedStyle(document.querySelector(".wl-page"));
  const grows = overflowY !== "auto"; // on a phone: what stands below the words goes down
  const parts = ["#status", "#views [role=tablist]", ".wl-tools", ".wl-page", ...(grows ? [] : [".wl-legend"])];
  const place = (part) => {
    const { top, left, width, height } = document.querySelector(part).getBoundingClientRect();
    const low = grows && part === ".wl-page" ? 0 : height;
    return [part, ...[top + scrollY, left + scrollX, width, low].map(Math.round)].join(" ");
  };
  Object.assign(window, { places: new Set(), shifts: [], began: 0, frames: 0, card: null });
  const look = () => {
    if (document.querySelector(".wl-status.wl-is-working") && !ended) {
      frames += 1;
      began ||= performance.now();
      card = document.querySelector("#status").getBoundingClientRect();
      for (const part of parts) places.add(place(part));
    }
    requestAnimationFrame(look);
  };
  window.ended = 0;
  wordlight.events.on("finished", () => (ended = performance.now()));
  new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({ type: "layout-shift" });
  look();
}"""

# But for the card that the click calls up, and for the figures inside it, which grow from its right edge.
SHIFTS = """() => shifts
  .filter(({ startTime }) => startTime > began + 250 && startTime < ended - 50)
  .flatMap(({ sources }) => sources.filter(({ node }) => node))
  .map(({ node, currentRect: { top, bottom } }) => ({ name: node.className ?? node.nodeName, top, bottom }))
  .filter(({ top, bottom }) => top < card.top - 1 || bottom > card.bottom + 1)"""


@pytest.mark.parametrize(("width", "height"), [(1440, 1300), (390, 844)])
def test_nothing_jumps_while_words_stream_in(
    browser: Browser, server: str, talk_file: Path, width: int, height: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    open_page(page, server)
    choose(page, talk_file)
    page.evaluate(WATCH)
    page.locator("#start").click()
    finished(page)
    seen: list[str] = page.evaluate("[...places]")
    assert page.evaluate("frames") > 10
    assert len(seen) == (4 if width < 641 else 5), sorted(seen)
    assert page.evaluate(SHIFTS) == []
    # At the end the facts take the place of the progress, and the words stay where they are read.
    words = page.locator(".wl-page").bounding_box()
    assert words
    top = round(words["y"] + page.evaluate("scrollY"))
    assert f".wl-page {top} " in " | ".join(seen)
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_a_stop_leaves_the_words_where_they_are(
    browser: Browser, server: str, long_speech: Path, width: int, height: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    open_page(page, server)
    choose(page, long_speech)
    page.locator("#start").click()
    expect(page.locator(".wl-word").first).to_be_visible(timeout=PATIENCE)
    top = "document.querySelector('.wl-page').getBoundingClientRect().top + scrollY"
    before = page.evaluate(top)
    page.locator("#stop").click()
    expect(page.locator(".wl-status.wl-is-note")).to_contain_text("Stopped", timeout=PATIENCE)
    finished(page)
    assert page.evaluate(top) == pytest.approx(before, abs=1)
    expect(page.locator(".wl-facts")).to_be_visible()
    page.close()


@pytest.fixture(params=["reduce", "no-preference"])
def motion(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[tuple[str, Page]]:
    page = browser.new_page(reduced_motion=request.param)
    open_page(page, server)
    yield request.param, page
    page.close()


def test_where_motion_is_unwanted_nothing_moves(motion: tuple[str, Page]) -> None:
    wish, page = motion
    page.evaluate("wordlight.events.emit('note', { state: 'working', key: 'stage_reading' })")
    expect(page.locator(".wl-bar.wl-is-unknown")).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(300)  # for what runs once to be over
    running: list[Any] = page.evaluate(
        "document.getAnimations().filter((it) => it.playState === 'running').map((it) => it.animationName)"
    )
    assert running == ([] if wish == "reduce" else ["wl-sweep"])


TABS_TOP = "document.querySelector('#views [role=tab]').getBoundingClientRect().top + scrollY"


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_the_tabs_stay_where_they_are_whatever_tab_is_open(
    browser: Browser, server: str, talk_file: Path, width: int, height: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    open_page(page, server)
    choose(page, talk_file)
    page.locator("#start").click()
    finished(page)
    tops = []
    for name in ("Transcript", "Words", "Timeline", "Captions", "Transcript"):
        page.get_by_role("tab", name=name, exact=True).click()
        if name == "Captions":  # with something that is only noted
            expect(page.locator(".wl-lint .wl-is-note").first).to_be_attached(timeout=PATIENCE)
        tops.append(page.evaluate(TABS_TOP))
    assert tops == [tops[0]] * 5
    page.close()
