"""The page in a real Chromium, on the real model."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chromium import FOX, PATIENCE, choose, open_page, transcribe, words_of
from playwright.sync_api import Page, expect

from engine import Segment, Transcript, Word
from engine.views import transcript_message
from engine.writers import FORMATS
from page.strings import TRANSCRIPT_TEXTS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

ASSETS = Path(__file__).parents[2] / "assets"


def download(page: Page, format: str) -> tuple[str, str]:
    with page.expect_download() as waiting:
        page.locator(f"#download-{format}").click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_text("utf-8")


def test_a_recording_becomes_a_transcript_a_table_and_files(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    words = words_of(page)
    assert set(words) >= FOX
    expect(page.locator(".wl-fact-language dd")).to_have_text("English")
    expect(page.locator(".wl-fact-words dd")).to_have_text(str(len(words)))

    files = {format: download(page, format) for format in FORMATS}
    assert {name for name, _ in files.values()} == {f"{speech.stem}.{format}" for format in FORMATS}
    transcript = Transcript.from_dict(json.loads(files["json"][1]))
    assert [word.word.strip(" .,!?").lower() for word in transcript.words] == words
    assert len(list(csv.DictReader(io.StringIO(files["tsv"][1]), delimiter="\t"))) == len(words)
    assert files["vtt"][1].startswith("WEBVTT\n") and " --> " in files["srt"][1]
    assert set(files["txt"][1].lower().replace(".", " ").replace(",", " ").split()) >= FOX

    page.get_by_role("tab", name="Words").click()
    table = page.locator("#words")
    expect(table).to_contain_text(transcript.words[0].word, timeout=PATIENCE)
    expect(table).to_contain_text("by attention")


def test_a_click_on_a_word_plays_the_recording_from_there(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    _, text = download(page, "json")
    index = len(json.loads(text)["word_segments"]) // 2
    start = json.loads(text)["word_segments"][index]["start"]
    page.evaluate(
        """() => document.querySelector(".wl-media").addEventListener("seeked",
             (event) => { window.soughtTo = event.target.currentTime; }, { once: true })"""
    )
    page.locator(".wl-word").nth(index).click()
    page.wait_for_function("window.soughtTo !== undefined", timeout=PATIENCE)
    # "seeked" may come a moment into playing; the word's own start is where it began
    assert page.evaluate("window.soughtTo") == pytest.approx(start, abs=0.05)
    page.wait_for_function(
        f"document.querySelector('.wl-media').currentTime > {start} + 0.1", timeout=PATIENCE
    )
    page.wait_for_selector(".wl-word.wl-lit", timeout=PATIENCE)


def test_the_keyboard_goes_from_word_to_word_and_plays(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    words = page.locator(".wl-word")
    words.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(words.nth(2)).to_be_focused()
    expect(page.locator(".wl-word[tabindex='0']")).to_have_count(1)
    assert "confidence" in (words.nth(2).get_attribute("title") or "")
    page.keyboard.press("Enter")
    page.wait_for_function("!document.querySelector('.wl-media').paused", timeout=PATIENCE)


def test_a_bad_file_shows_its_sentence_and_costs_nothing(page: Page, speech: Path, tmp_path: Path) -> None:
    transcribe(page, speech)
    before = words_of(page)
    shopping = tmp_path / "shopping.txt"
    shopping.write_text("milk, bread, a very small lamp\n" * 20)
    choose(page, shopping)
    page.locator("#start").click()
    card = page.get_by_role("alert").filter(visible=True)
    expect(card).to_be_visible(timeout=PATIENCE)
    assert "Traceback" not in card.inner_text() and "Error" not in card.inner_text()
    expect(page.locator("#start")).to_be_enabled()
    expect(page.locator("#file")).to_contain_text("shopping")
    assert words_of(page) == before

    transcribe(page, speech)
    expect(card).to_be_hidden()
    assert words_of(page) == before


def test_a_click_without_a_recording_says_what_to_do(page: Page) -> None:
    page.locator("#start").click()
    expect(page.locator(".wl-status.wl-is-failed")).to_contain_text(
        "Choose a file or record", timeout=PATIENCE
    )
    expect(page.locator("#start")).to_be_enabled()


def test_stop_ends_the_work_and_the_next_run_is_clean(page: Page, long_speech: Path, speech: Path) -> None:
    choose(page, long_speech)
    page.locator("#start").click()
    page.locator("#stop").click(timeout=PATIENCE)
    expect(page.locator(".wl-status.wl-is-note")).to_contain_text("Stopped", timeout=PATIENCE)
    expect(page.locator("#stop")).to_be_hidden()
    transcribe(page, speech)
    assert set(words_of(page)) >= FOX


def test_text_from_a_recording_never_becomes_markup_or_code(page: Page) -> None:
    hostile = "<img src=x onerror=window.harm=1>${window.harm=2}{{constructor}}`"
    word = Word(hostile, 0.0, 1.0, 0.9, "attention")
    segment = Segment(0, 0.0, 1.0, hostile, "en", (word,), -0.1, 0.0)
    message = transcript_message("r1", [segment], 0, done=True)
    page.evaluate(
        """([script, texts, message]) => {
            const element = document.createElement("div");
            element.innerHTML = '<div class="wl-transcript" id="hostile"></div>';
            document.body.append(element);
            new Function("element", "props", "watch", script)(
                element, { texts, value: { media: null, message } }, () => {});
        }""",
        [(ASSETS / "transcript.js").read_text("utf-8"), TRANSCRIPT_TEXTS, json.dumps(message)],
    )
    assert page.locator("#hostile .wl-word").text_content() == hostile
    page.wait_for_timeout(300)  # for an image to fail to load
    assert page.evaluate("window.harm") is None


def test_nothing_is_fetched_from_elsewhere(browser: Browser, server: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, server)
    page.close()
    assert [url for url in asked if not url.startswith((server, "data:", "blob:"))] == []
