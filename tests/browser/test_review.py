"""A review to its end: the reader goes from doubt to doubt, hears each, accepts or corrects it, and is done."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.axe import violations
from tests.support.chromium import PATIENCE, download, open_page, receive, transcribe
from tests.support.page_messages import LINES, message, speech_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from engine import Segment

pytestmark = pytest.mark.browser

CONTEXT = 0.7  # seconds around a word, in which it is heard
DOUBTFUL = [0, 2, 4, 6]  # words of the clip of `speech`
# Makes these words doubtful and all others sure, as the server would have them.
DOUBT = """doubtful => {
  const { doc } = wordlight.store;
  const inserted = doc.segments.map((segment) => ({ ...segment, words: segment.words.map((word) => ({
    ...word, probability: doubtful.includes(word.index) ? 0.4 : 0.9,
    band: doubtful.includes(word.index) ? "doubtful" : "sure",
  })) }));
  wordlight.store.edit({ at: 0, count: inserted.length, inserted, focus: 8 });
}"""
HEARS = """([index, around]) => {
  const { start } = wordlight.store.doc.words[index];
  return document.activeElement.word?.index === index && Math.abs(wordlight.player.position() - start) < around;
}"""


def with_doubts(*doubtful: int) -> list[Segment]:
    """The segments of LINES with low probabilities at these words."""
    number, made = 0, []
    for segment in LINES:
        words = []
        for word in segment.words:
            words.append(replace(word, probability=0.4) if number in doubtful else word)
            number += 1
        made.append(replace(segment, words=tuple(words)))
    return made


@pytest.fixture
def words(browser: Browser, server: str) -> Iterator[Page]:
    """A page with three sentences; of their words, one and then two neighbours and the last are doubtful."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    open_page(page, server)
    receive(page, message(with_doubts(1, 5, 6, 10)))
    expect(page.locator(".wl-word")).to_have_count(11)
    yield page
    page.close(run_before_unload=False)


def test_a_review_ends_and_stays_so(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    page.evaluate(DOUBT, DOUBTFUL)
    count = page.locator(".wl-doubts")
    expect(count).to_have_text("4 to check")
    page.locator("#title").click()  # the keys are the page's
    for index, left in zip(DOUBTFUL, ("4", "3 of 4", "2 of 4", "1 of 4"), strict=True):
        page.keyboard.press("n" if index == 0 else "y")
        page.wait_for_function(HEARS, arg=[index, CONTEXT], timeout=PATIENCE)
        expect(count).to_have_text(f"{left} to check")
        if index == 0:  # it is played once, and not the rest of the recording
            page.wait_for_function("!wordlight.player.isPlaying()", timeout=PATIENCE)
            assert page.evaluate("wordlight.player.position() < wordlight.store.doc.words.at(-1).start")
            # What was played after it is no longer told of.
            expect(page.locator(".wl-about-word")).to_have_text(page.locator(".wl-word").first.inner_text())
    page.keyboard.press("y")
    expect(count).to_have_text("All 4 checked")
    expect(page.locator(".wl-review [role=status]")).to_have_text("All 4 checked")
    expect(page.locator(".wl-about")).to_contain_text("All 4 checked")
    expect(page.locator(".wl-word.wl-checked")).to_have_count(4)
    page.keyboard.press("u")
    expect(count).to_have_text("1 of 4 to check")
    page.keyboard.press("y")

    said = json.loads(download(page, "json")[1])["word_segments"]
    assert [number for number, word in enumerate(said) if word.get("checked")] == DOUBTFUL
    assert {said[number]["probability"] for number in DOUBTFUL} == {0.4}
    page.wait_for_function("!wordlight.store.unkept().length", timeout=PATIENCE)
    page.reload()
    expect(count).to_have_text("All 4 checked", timeout=PATIENCE)
    expect(page.locator(".wl-word.wl-checked")).to_have_count(4)


def test_the_count_is_the_same_after_a_reload(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    page.evaluate(DOUBT, DOUBTFUL)
    page.locator("#title").click()
    page.keyboard.press("n")
    page.keyboard.press("y")
    for text in ("corrected", "cut in two"):
        expect(page.locator(".wl-stop")).to_have_count(1)
        page.keyboard.press("e")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    count = page.locator(".wl-doubts")
    expect(count).to_have_text("1 of 4 to check")
    page.wait_for_function("!wordlight.store.unkept().length", timeout=PATIENCE)
    page.reload()
    expect(count).to_have_text("1 of 4 to check", timeout=PATIENCE)


def test_a_correction_goes_on_and_the_same_text_again_accepts(words: Page) -> None:
    count = words.locator(".wl-doubts")
    expect(count).to_have_text("4 to check")
    count.click()
    expect(words.locator(".wl-word", has_text="quick")).to_be_focused()
    words.keyboard.press("e")
    words.keyboard.type("slow")
    words.keyboard.press("Enter")
    # Two neighbours are one stop.
    expect(words.locator(".wl-word", has_text="Over")).to_be_focused()
    expect(words.locator(".wl-stop")).to_have_text(["Over", "the"])
    expect(count).to_have_text("3 of 4 to check")
    words.keyboard.press("y")
    expect(count).to_have_text("1 of 4 to check")
    expect(words.locator(".wl-word", has_text="night.")).to_be_focused()
    words.keyboard.press("e")
    words.keyboard.press("Enter")
    expect(count).to_have_text("All 4 checked")
    assert words.locator(".wl-word").last.evaluate("node => node.word.probability") == pytest.approx(0.4)


def test_the_figure_above_the_words_leads_through_the_review(words: Page) -> None:
    figure, count = words.locator(".wl-to-review"), words.locator(".wl-doubts")
    expect(figure).to_have_text("4 to check")
    words.get_by_role("tab", name="Words", exact=True).click()
    figure.click()
    expect(words.locator(".wl-word", has_text="quick")).to_be_focused()
    words.keyboard.press("y")
    expect(figure).to_have_text("3 of 4 to check")
    expect(count).to_have_text("3 of 4 to check")
    figure.focus()
    words.keyboard.press("Enter")
    expect(words.locator(".wl-word", has_text="night.")).to_be_focused()
    words.keyboard.press("y")
    words.keyboard.press("y")
    expect(count).to_have_text("All 4 checked")
    expect(figure).to_have_count(0)


def test_the_review_goes_round_and_opens_the_words(words: Page) -> None:
    words.locator(".wl-word").last.focus()
    words.get_by_role("tab", name="Words", exact=True).click()
    words.keyboard.press("n")
    expect(words.locator(".wl-word", has_text="quick")).to_be_focused()
    words.keyboard.press("p")
    expect(words.locator(".wl-word", has_text="night.")).to_be_focused()
    # Elsewhere, a correction is no step of the review.
    words.locator(".wl-word", has_text="lazy").dblclick()
    words.keyboard.type("busy")
    words.keyboard.press("Enter")
    expect(words.locator(".wl-word", has_text="busy")).to_be_focused()
    expect(words.get_by_role("button", name="It is right", exact=True)).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_reviews_with_its_thumb(browser: Browser, server: str, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    open_page(page, server)
    receive(page, message(with_doubts(1, 10)))
    expect(page.locator(".wl-doubts")).to_have_text("2 to check")
    page.evaluate("wordlight.player.use(document.createElement('audio'))")  # the rest of the bar too
    expect(page.locator(".wl-play")).to_be_visible()
    sizes = page.locator(".wl-dock :is(button, select):visible").evaluate_all(
        "nodes => nodes.map((node) => [node.offsetWidth, node.offsetHeight])"
    )
    assert len(sizes) >= 11 and min(min(size) for size in sizes) >= 44, sizes
    page.locator(".wl-doubts").tap()
    word = page.locator(".wl-word", has_text="quick")
    expect(word).to_be_focused()
    place, dock = word.bounding_box(), page.locator(".wl-review").bounding_box()
    assert place and dock and place["y"] >= 0 and place["y"] + place["height"] <= dock["y"]
    assert dock["y"] + dock["height"] <= 844
    found = violations(page)
    accept = page.get_by_role("button", name="It is right", exact=True)
    accept.tap()
    expect(page.locator(".wl-doubts")).to_have_text("1 of 2 to check")
    accept.tap()
    expect(page.locator(".wl-doubts")).to_have_text("All 2 checked")
    found += violations(page)
    # The end of the page is above the bar.
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    foot, bar = page.locator("footer").bounding_box(), page.locator("#dock").bounding_box()
    assert foot and bar and foot["y"] + foot["height"] <= bar["y"] + 1
    context.close()
    assert found == []


def test_the_last_word_is_not_under_the_bar(words: Page) -> None:
    words.set_viewport_size({"width": 1280, "height": 500})
    segments = speech_of(160)
    receive(words, message(segments, run="minute"))
    words.locator(".wl-word").first.focus()
    words.keyboard.press("End")
    last = words.locator(".wl-word[tabindex='0']")
    expect(last).to_have_text(segments[-1].words[-1].word.strip())
    words.wait_for_timeout(500)  # paragraphs that come into sight get their true height
    bottom = last.evaluate("word => word.getBoundingClientRect().bottom")
    assert bottom <= words.locator(".wl-dock").evaluate("dock => dock.getBoundingClientRect().top")
