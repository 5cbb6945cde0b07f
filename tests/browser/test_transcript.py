"""The transcript view: what is heard where, ten thousand words, scripts that run to the left."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.support.chromium import PATIENCE, open_page, receive, settled, transcribe
from tests.support.long_pages import SCROLL_AND_CLICK
from tests.support.page_messages import message, speech_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def heard(browser: Browser, server: str, talk_file: Path) -> Iterator[Page]:
    """A page with the transcript of half a minute of talk."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    open_page(page, server)
    transcribe(page, talk_file)
    yield page
    page.close()


@pytest.fixture
def empty(browser: Browser, server: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    open_page(page, server)
    yield page
    page.close()


def test_a_click_plays_from_the_word_s_start(heard: Page) -> None:
    count = heard.locator(".wl-word").count()
    heard.evaluate(
        """() => document.querySelector(".wl-media").addEventListener("seeked", ({ target }) => {
             window.soughtTo = target.currentTime; window.plays = !target.paused; })"""
    )
    for index in random.Random(5).sample(range(count), 4):
        heard.evaluate("() => { wordlight.player.pause(); window.soughtTo = undefined; }")
        heard.locator(".wl-word").nth(index).click()
        heard.wait_for_function("window.soughtTo !== undefined", timeout=PATIENCE)
        start = heard.evaluate("index => wordlight.store.doc.words[index].start", index)
        assert heard.evaluate("window.soughtTo") == pytest.approx(start, abs=0.05)
        assert heard.evaluate("window.plays")
    heard.wait_for_function(
        "document.querySelector('.wl-media').currentTime > wordlight.store.doc.words[0].start"
    )
    heard.evaluate("wordlight.player.pause()")


def test_while_it_plays_the_lit_word_is_the_one_that_is_heard(heard: Page) -> None:
    words = heard.evaluate("wordlight.store.doc.words.map(({ start, end }) => [start, end])")
    dice = random.Random(7)
    long_enough = [(start, end) for start, end in words if end - start >= 0.2]
    for start, end in dice.sample(long_enough, 5):
        # Read together, in one turn of the page: the time, what is lit, and that it plays.
        lit = heard.evaluate(
            """async (time) => {
                 const media = document.querySelector(".wl-media");
                 media.currentTime = time;
                 await media.play();
                 for (let turn = 0; turn < 300; turn += 1) {
                   await new Promise(requestAnimationFrame);
                   const node = document.querySelector(".wl-lit");
                   if (media.currentTime > time && node) {
                     const at = media.currentTime;
                     media.pause();
                     return { at, start: node.word.start, end: node.word.end, drawn: node.getClientRects().length > 0 };
                   }
                 }
               }""",
            start + (end - start) * dice.uniform(0.1, 0.4),
        )
        assert lit["start"] - 0.05 <= lit["at"] <= lit["end"] + 0.05
        assert lit["drawn"]


def test_the_word_that_is_heard_is_lit_under_the_pointer_too(empty: Page) -> None:
    receive(empty, message(speech_of(20)))
    settled(empty)
    word = empty.locator(".wl-word").nth(3)
    word.hover()
    colour = "node => getComputedStyle(node).backgroundColor"
    lamp = empty.evaluate(
        """() => {
             const node = document.querySelector(".wl-page").appendChild(document.createElement("span"));
             node.style.background = "var(--wl-lamp)";
             const { backgroundColor } = getComputedStyle(node);
             node.remove();
             return backgroundColor;
           }"""
    )
    empty.evaluate("wordlight.events.emit('lit', { index: 3, playing: false })")
    empty.wait_for_timeout(200)  # its colour comes within a tenth of a second
    assert word.evaluate(colour) == lamp
    empty.evaluate("wordlight.events.emit('lit', { index: 4, playing: false })")
    empty.wait_for_timeout(200)
    assert word.evaluate(colour) != lamp


def test_a_table_that_is_sorted_shows_the_first_of_its_rows(empty: Page) -> None:
    receive(empty, message(speech_of(2000)))
    settled(empty)
    empty.get_by_role("tab", name="Words").click()
    rows = empty.locator(".wl-rows")
    rows.evaluate("node => (node.scrollTop = 20000)")
    empty.get_by_role("button", name="Confidence").click()
    assert rows.evaluate("node => node.scrollTop") == 0
    expect(empty.locator(".wl-row").first.locator("td").nth(3)).to_have_text("0 %")


def test_the_lit_word_stays_in_view(empty: Page) -> None:
    receive(empty, message(speech_of(2000)))
    settled(empty)
    empty.evaluate("wordlight.events.emit('lit', { index: 1500, playing: true })")
    # Paragraphs that come into sight take their height only then: in view, and still so some frames later.
    in_view = """() => {
      const [frame, lit] = [".wl-page", ".wl-lit"].map((it) => document.querySelector(it).getBoundingClientRect());
      return frame.top <= lit.top && lit.bottom <= frame.bottom;
    }"""
    empty.wait_for_function(in_view, timeout=PATIENCE)
    empty.evaluate(
        "async () => { for (let n = 0; n < 20; n += 1) await new Promise(requestAnimationFrame); }"
    )
    assert empty.evaluate(in_view)


def test_keys_go_from_word_to_word_and_to_doubts(heard: Page) -> None:
    words = heard.locator(".wl-word")
    words.first.focus()
    heard.keyboard.press("ArrowRight")
    heard.keyboard.press("ArrowRight")
    expect(words.nth(2)).to_be_focused()
    expect(heard.locator(".wl-word[tabindex='0']")).to_have_count(1)
    expect(heard.locator(".wl-about")).to_contain_text("confidence")
    doubtful = heard.evaluate(
        "wordlight.store.doc.words.findIndex((w, n) => n > 2 && /doubtful|unsure/.test(w.band))"
    )
    heard.keyboard.press("n")
    expect(words.nth(doubtful)).to_be_focused()
    heard.keyboard.press("ArrowDown")
    below = heard.evaluate("document.activeElement.getBoundingClientRect().top")
    assert below > (words.nth(doubtful).bounding_box() or {})["y"] + 10
    heard.keyboard.press("Home")
    expect(words.first).to_be_focused()
    heard.keyboard.press("Enter")
    heard.wait_for_function("!document.querySelector('.wl-media').paused", timeout=PATIENCE)
    heard.keyboard.press(" ")
    heard.wait_for_function("document.querySelector('.wl-media').paused", timeout=PATIENCE)
    heard.keyboard.press("?")
    expect(heard.get_by_role("dialog")).to_contain_text("hear the next and the previous word to check")
    heard.keyboard.press("Escape")
    expect(words.first).to_be_focused()


def test_doubtful_words_carry_a_sign_beside_their_colour(empty: Page) -> None:
    texts = speech_of(10)
    receive(empty, message(texts))
    lines = {
        band: empty.locator(f".wl-paragraph .wl-{band}").first.evaluate(
            "node => getComputedStyle(node).textDecorationStyle"
        )
        for band in ("sure", "doubtful", "unsure")
    }
    assert lines == {"sure": "solid", "doubtful": "dotted", "unsure": "wavy"}
    assert "none" in empty.locator(".wl-paragraph .wl-sure").first.evaluate(
        "node => getComputedStyle(node).textDecorationLine"
    )


def test_ten_thousand_words_are_shown_and_can_be_clicked(empty: Page) -> None:
    receive(empty, message(speech_of(10_000)))
    settled(empty)
    assert empty.locator(".wl-word").count() == 10_000
    empty.evaluate(SCROLL_AND_CLICK)
    expect(empty.locator(".wl-word").nth(20)).to_have_attribute("tabindex", "0")


def test_an_hour_that_streams_in_moves_nothing(empty: Page) -> None:
    """The reader's place and selection stay as they are."""
    page = empty
    segments = speech_of(10_000)
    receive(page, message(segments[:200], done=False))
    settled(page)
    page.evaluate(
        """() => {
             const page = document.querySelector(".wl-page");
             page.scrollTop = 300;
             const [from, to] = [20, 25].map((n) => document.querySelectorAll(".wl-word")[n]);
             getSelection().setBaseAndExtent(from.firstChild, 0, to.firstChild, 2);
             window.nodeBefore = from;
             window.selectedBefore = String(getSelection());
           }"""
    )
    for known in range(200, 1000, 40):
        receive(page, message(segments[: known + 40], known, done=False))
        page.wait_for_timeout(20)
    receive(page, message(segments))
    settled(page)
    assert page.evaluate("document.querySelector('.wl-page').scrollTop") == 300
    assert page.evaluate("String(getSelection()) === selectedBefore && selectedBefore !== ''")
    assert page.evaluate("document.querySelectorAll('.wl-word')[20] === nodeBefore")
    assert page.evaluate("wordlight.store.doc.words.map((w) => w.start)") == [
        w.start for s in segments for w in s.words
    ]


@pytest.mark.parametrize(
    ("told", "silent"), [({"state": "done"}, True), ({"state": "stopped"}, False), ({"by_hand": []}, False)]
)
def test_only_what_was_heard_to_its_end_is_said_to_hold_no_words(
    empty: Page, told: dict[str, Any], silent: bool
) -> None:
    made = message(speech_of(10))
    made["segments"] = []
    made["meta"] |= told
    receive(empty, made)
    expect(empty.locator(".wl-downloads")).to_be_visible(timeout=PATIENCE)
    expect(empty.locator("#download-json")).to_be_hidden()  # of nothing no file is made
    about = expect(empty.locator(".wl-about"))
    (about.to_contain_text if silent else about.not_to_contain_text)("No words were found")


def test_arabic_runs_to_the_left_and_so_do_the_arrows(empty: Page) -> None:
    receive(empty, message(speech_of(10, "ar", ("مرحبا", "بالعالم،", "نور."))))
    words = empty.locator(".wl-word")
    first, second = (words.nth(n).bounding_box() or {} for n in (0, 1))
    assert second["x"] < first["x"]
    words.first.focus()
    empty.keyboard.press("ArrowLeft")
    expect(words.nth(1)).to_be_focused()


def test_the_list_of_keys_is_read_from_its_beginning(empty: Page) -> None:
    receive(empty, message(speech_of(20)))
    settled(empty)
    for height in (900, 420):
        empty.set_viewport_size({"width": 1280, "height": height})
        empty.locator(".wl-word").first.focus()
        empty.keyboard.press("?")
        keys = empty.get_by_role("dialog", name="Keys in the transcript")
        expect(keys.get_by_role("heading")).to_be_in_viewport(ratio=1)
        expect(keys.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)
        expect(keys.locator("dt").first).to_be_in_viewport(ratio=1)
        empty.keyboard.press("End")  # the keyboard scrolls it
        expect(keys.locator("dt").last).to_be_in_viewport(ratio=1)
        empty.keyboard.press("Escape")
        expect(keys).to_have_count(0)
