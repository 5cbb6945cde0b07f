"""A loop: the word, the selection or the sentence is heard over and over, also while it is corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.chromium import PATIENCE, open_page, transcribe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

AROUND = 0.2  # seconds that are heard before and after
LATE = 0.15  # seconds that a busy browser may play on
WORD = 3
# Counts how often the element has gone back, and where it has been.
WATCH = """() => {
  const { media } = wordlight.player;
  Object.assign(window, { rounds: 0, earliest: Infinity, latest: 0, last: media.currentTime });
  const look = () => {
    const at = media.currentTime;
    if (at < last - 0.05) rounds += 1;
    Object.assign(window, { last: at, earliest: Math.min(earliest, at), latest: Math.max(latest, at) });
    window.watching = requestAnimationFrame(look);
  };
  cancelAnimationFrame(window.watching);
  look();
}"""


@pytest.fixture
def reader(browser: Browser, server: str, speech: Path) -> Iterator[Page]:
    """A page with the words and the sound of the clip of `speech`, and the keyboard on a word."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    open_page(page, server)
    transcribe(page, speech)
    page.wait_for_function("wordlight.player.media?.readyState > 0", timeout=PATIENCE)
    page.evaluate("index => wordlight.events.emit('point', index)", WORD)
    page.locator(".wl-word").nth(WORD).focus()
    yield page
    page.close(run_before_unload=False)


def times(page: Page, first: int, last: int) -> tuple[float, float]:
    """Where some words begin and end, with what is heard around them."""
    words = page.evaluate("wordlight.store.doc.words.map(({ start, end }) => [start, end])")
    return max(0.0, words[first][0] - AROUND), words[last][1] + AROUND


def stays_within(page: Page, start: float, end: float) -> None:
    page.evaluate(WATCH)
    page.wait_for_function("rounds >= 2", timeout=PATIENCE)
    assert page.evaluate("earliest") > start - 0.05
    assert page.evaluate("latest") < end + LATE


def stopped(page: Page) -> None:
    page.wait_for_function("!wordlight.player.isPlaying() && !wordlight.player.isLooping()", timeout=PATIENCE)


def test_a_key_repeats_the_word_then_the_sentence_then_nothing(reader: Page) -> None:
    tool = reader.get_by_role("button", name="Repeat the word or the selection")
    expect(tool).to_have_attribute("aria-pressed", "false")
    reader.keyboard.press(">")
    reader.keyboard.press("l")
    expect(tool).to_have_attribute("aria-pressed", "true")
    reader.wait_for_function("wordlight.player.isPlaying()", timeout=PATIENCE)
    stays_within(reader, *times(reader, WORD, WORD))
    assert reader.evaluate("wordlight.player.media.playbackRate") == 1.25
    reader.keyboard.press("l")
    sentence = reader.evaluate(
        "n => wordlight.store.doc.segments.find(({ words }) => words.some(({ index }) => index === n))"
        ".words.map(({ index }) => index)",
        WORD,
    )
    reader.wait_for_timeout(100)
    stays_within(reader, *times(reader, sentence[0], sentence[-1]))
    reader.keyboard.press("l")
    stopped(reader)
    expect(tool).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("way", ["Escape", "Space", "click"])
def test_a_loop_ends_by_escape_pause_or_another_word(reader: Page, way: str) -> None:
    reader.get_by_role("button", name="Repeat the word or the selection").click()
    stays_within(reader, *times(reader, WORD, WORD))
    if way == "click":
        reader.locator(".wl-word").nth(0).click()
        reader.wait_for_function(
            "end => wordlight.player.isPlaying() && wordlight.player.position() > end",
            arg=times(reader, 0, 0)[1] + LATE,
            timeout=PATIENCE,
        )
        assert not reader.evaluate("wordlight.player.isLooping()")
    else:
        reader.keyboard.press(way)
        stopped(reader)


def test_selected_words_are_repeated_while_they_are_corrected(reader: Page) -> None:
    for _ in range(2):
        reader.keyboard.press("Shift+ArrowRight")
    reader.keyboard.press("l")
    stays_within(reader, *times(reader, WORD, WORD + 2))
    reader.keyboard.press("e")
    expect(reader.locator(".wl-field")).to_be_focused()
    reader.keyboard.type("l")  # a letter like any other there
    stays_within(reader, *times(reader, WORD, WORD + 2))
    reader.keyboard.press("Escape")
    stopped(reader)
    expect(reader.locator(".wl-field")).to_have_value("l")  # what is typed stays
    reader.keyboard.press("Escape")
    expect(reader.locator(".wl-field")).to_have_count(0)
    reader.keyboard.press("?")
    expect(reader.locator(".wl-keys")).to_contain_text("repeat the word or the selection")
