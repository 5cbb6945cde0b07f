"""Words that are corrected on the page get their times from the sound; undo, saving and files follow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import soundfile
from playwright.sync_api import expect

from engine import Transcript
from tests.support.chromium import PATIENCE, download, open_page, transcribe
from tests.support.synthesis import SAMPLE_RATE, joined, speak

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SENTENCES = (
    "Farmers carried heavy baskets across the narrow bridge.",
    "Yesterday afternoon, Peter finally repaired his broken bicycle.",
)
CLOSE = 0.05  # seconds
TIMED = "wordlight.store.doc.words.every(({ timing }) => timing === 'aligned')"
KEPT = "!wordlight.store.unkept().length"


def look(page: Page) -> list[dict[str, Any]]:
    """The words with what the contract has of their times."""
    return page.evaluate(
        "wordlight.store.doc.words.map(({ text, start, end, timing }) => ({ text, start, end, timing }))"
    )


def retype(page: Page, index: int, text: str) -> None:
    page.locator(".wl-word").nth(index).focus()
    page.keyboard.press("e")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_split_and_inserted_words_get_their_times_from_the_sound(
    page: Page, browser: Browser, server: str, tmp_path: Path
) -> None:
    reading = joined([speak(sentence, "en-us", 150) for sentence in SENTENCES], (0.4, 0.8))
    path = tmp_path / "reading.wav"
    soundfile.write(path, reading.samples, SAMPLE_RATE)
    transcribe(page, path)
    first = look(page)
    texts = [word["text"] for word in first]
    heavy, finally_ = texts.index("heavy"), texts.index("finally")
    truth = {word.text: word for word in reading.words}

    def assert_true(word: dict[str, Any]) -> None:
        spoken = truth[word["text"]]
        assert abs(word["start"] - spoken.start) <= CLOSE and abs(word["end"] - spoken.end) <= CLOSE, word

    page.locator(".wl-word").nth(heavy).focus()
    page.keyboard.press("j")
    joined_word = look(page)[heavy]
    shared = joined_word["start"] + 5 / 12 * (joined_word["end"] - joined_word["start"])
    retype(page, heavy, "heavy baskets")
    page.wait_for_function(TIMED, timeout=PATIENCE)
    split = look(page)
    assert [word["text"] for word in split] == texts
    assert abs(shared - truth["baskets"].start) > 0.02, "by its letters the time is shared in another place"
    for word in split[heavy : heavy + 2]:
        assert_true(word)
    expect(page.locator(".wl-word").nth(heavy + 1)).to_be_focused()
    expect(page.locator(".wl-page .wl-interpolated")).to_have_count(0)
    assert split[:heavy] + split[heavy + 2 :] == first[:heavy] + first[heavy + 2 :]

    page.locator(".wl-word").nth(finally_).focus()
    page.keyboard.press("Delete")
    page.locator(".wl-word").nth(finally_ - 1).focus()
    page.keyboard.press("i")
    page.keyboard.type("finally")
    page.keyboard.press("Enter")
    page.wait_for_function(TIMED, timeout=PATIENCE)
    inserted = look(page)
    assert_true(inserted[finally_])

    for _ in range(4):
        page.keyboard.press("Control+z")
    assert look(page) == first, "a correction and its times are one step"
    for _ in range(4):
        page.keyboard.press("Control+Shift+Z")
    assert look(page) == inserted

    written = Transcript.from_dict(json.loads(download(page, "json")[1])).words
    assert [(word.word, word.start, word.timing) for word in written] == [
        (word["text"], pytest.approx(word["start"], abs=0.001), "aligned") for word in inserted
    ]
    page.wait_for_function(KEPT, timeout=PATIENCE)
    other = browser.new_page()
    open_page(other, server)
    other.goto(page.url)
    other.wait_for_function("window.wordlight?.store.doc.meta", timeout=PATIENCE)
    assert look(other) == inserted
    # Somebody who has the link corrects; a word that was never said stays in its shared-out place.
    retype(other, heavy, "incomprehensibility")
    other.wait_for_function(f"{KEPT} && !wordlight.retiming.pending.size", timeout=PATIENCE)
    denied = look(other)[heavy]
    assert denied == inserted[heavy] | {"text": "incomprehensibility", "timing": "interpolated"}
    expect(other.locator(".wl-page .wl-interpolated")).to_have_text("incomprehensibility")
    other.close()


def test_a_corrected_word_is_timed_and_undo_brings_back_text_and_times(page: Page, tmp_path: Path) -> None:
    reading = joined([speak(sentence, "en-us", 150) for sentence in SENTENCES], (0.4, 0.8))
    path = tmp_path / "reading.wav"
    soundfile.write(path, reading.samples, SAMPLE_RATE)
    transcribe(page, path)
    first = look(page)
    index = [word["text"] for word in first].index("broken")
    spoken = next(word for word in reading.words if word.text == "broken")

    retype(page, index, "something")  # as if it had been misheard; the sound denies it
    page.wait_for_function("!wordlight.retiming.pending.size", timeout=PATIENCE)
    wrong = look(page)
    assert wrong[index]["text"] == "something" and wrong[index]["timing"] == "interpolated"
    retype(page, index, "broken")
    page.wait_for_function(TIMED, timeout=PATIENCE)
    right = look(page)
    assert right[index]["text"] == "broken"
    assert (
        abs(right[index]["start"] - spoken.start) <= CLOSE and abs(right[index]["end"] - spoken.end) <= CLOSE
    )
    assert right[:index] + right[index + 1 :] == first[:index] + first[index + 1 :], "no other word has moved"

    written = Transcript.from_dict(json.loads(download(page, "json")[1])).words[index]
    assert (written.word, written.timing) == ("broken", "aligned")
    assert (written.start, written.end) == pytest.approx(
        (right[index]["start"], right[index]["end"]), abs=0.001
    )
    page.keyboard.press("Control+z")
    assert look(page) == wrong, "the correction and its times are one step"
    page.keyboard.press("Control+z")
    assert look(page) == first
    page.keyboard.press("Control+Shift+Z")
    page.keyboard.press("Control+Shift+Z")
    assert look(page) == right
