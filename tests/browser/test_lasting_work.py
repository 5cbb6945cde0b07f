"""Work outlives the page: over a reload, without a network, in another browser; no word is lost, none comes twice."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.chromium import (
    PATIENCE,
    SECONDS,
    choose,
    choose_many,
    finished,
    open_page,
    run_of,
    words_of,
)
from tests.support.media_files import ffmpeg

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

OFFLINE = 10 * SECONDS
BACK_WITHIN = 2 * SECONDS  # of a page that has its scripts


@pytest.fixture
def two_minutes(tmp_path: Path, talk_file: Path) -> Path:
    """Work of some windows, which is over soon after a test has interrupted its page."""
    path = tmp_path / "two-minutes.wav"
    ffmpeg("-stream_loop", "3", "-i", talk_file, "-ac", "1", "-ar", "16000", path)
    return path


def begin(page: Page, file: Path) -> str:
    """Starts a transcription, and waits until a fifth of it is there; returns its token."""
    choose(page, file)
    page.locator("#start").click()
    expect(page.locator(".wl-word").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_function(
        "Number(document.querySelector('.wl-bar').getAttribute('aria-valuenow')) >= 20", timeout=PATIENCE
    )
    return str(run_of(page))


def whole(page: Page) -> list[str]:
    """Waits for the end; returns the words, having checked that they are in order and none is there twice."""
    finished(page)
    found = page.evaluate("wordlight.store.doc.words.map(({ text, start, end }) => [text, start, end])")
    assert all(before[1] <= after[1] for before, after in pairwise(found))
    assert len({tuple(word) for word in found}) == len(found)
    return [word[0] for word in found]


def stored(page: Page) -> list[str]:
    """Returns the words as the server has them."""
    message = "(await wordlight.server.ask('recall', { token: wordlight.store.doc.run })).message"
    return list(
        page.evaluate(
            f"async () => {message}.segments.flatMap(({{ words }}) => words.map(({{ word }}) => word))"
        )
    )


def test_a_reload_at_a_fifth_loses_no_word(page: Page, two_minutes: Path) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    token = begin(page, two_minutes)
    before = words_of(page)
    page.reload()
    page.wait_for_function("window.wordlight?.server.isConnected()", timeout=PATIENCE)
    page.wait_for_function(
        "count => wordlight.store.doc.words.length >= count", arg=len(before), timeout=BACK_WITHIN
    )
    expect(page.locator("#stop")).to_be_visible()
    expect(page.locator("#start")).to_be_disabled()
    assert run_of(page) == token and words_of(page)[: len(before)] == before
    words = whole(page)
    assert len(words) > len(before) and words == stored(page)
    expect(page.locator("#stop")).to_be_hidden()
    assert complaints == []


def test_ten_seconds_without_a_network_lose_no_word(page: Page, two_minutes: Path) -> None:
    begin(page, two_minutes)
    page.context.set_offline(True)
    expect(page.locator(".wl-status-detail")).to_contain_text("connection is lost", timeout=PATIENCE)
    page.wait_for_timeout(OFFLINE)
    page.context.set_offline(False)
    assert whole(page) == stored(page)
    expect(page.locator(".wl-status")).to_be_hidden()


def test_a_closed_tab_s_link_goes_on_in_another_browser(
    browser: Browser, server: str, two_minutes: Path
) -> None:
    tab = browser.new_page()
    open_page(tab, server)
    token = begin(tab, two_minutes)
    link, before = tab.url, words_of(tab)
    assert link.endswith(f"#t={token}")
    tab.close(run_before_unload=False)
    other = browser.new_context().new_page()
    other.goto(link)
    other.wait_for_function("window.wordlight?.server.isConnected()", timeout=PATIENCE)
    other.wait_for_function(
        "count => wordlight.store.doc.words.length >= count", arg=len(before), timeout=BACK_WITHIN
    )
    assert words_of(other)[: len(before)] == before
    assert whole(other) == stored(other)
    other.context.close()


def test_the_tab_s_title_shows_progress(page: Page, two_minutes: Path) -> None:
    begin(page, two_minutes)
    expect(page).to_have_title(re.compile(rf"^\d+ % · {re.escape(two_minutes.name)} – Wordlight$"))
    finished(page)
    expect(page).to_have_title(f"{two_minutes.name} – Wordlight")


def test_what_was_stopped_goes_on_from_there(page: Page, two_minutes: Path) -> None:
    begin(page, two_minutes)
    page.locator("#stop").click()
    go_on = page.locator("#go-on")
    expect(go_on).to_have_text(re.compile(r"^Go on from \d:\d\d$"), timeout=PATIENCE)
    correction = page.locator(".wl-word").first
    correction.dblclick()
    page.keyboard.type("Corrected")
    page.keyboard.press("Enter")
    before = words_of(page)
    page.evaluate("wordlight.autosave.flush()")
    page.wait_for_function("!wordlight.store.unkept().length", timeout=PATIENCE)
    page.reload()  # also later, and by the link
    expect(go_on).to_be_visible(timeout=PATIENCE)
    go_on.click()
    expect(page.locator("#stop")).to_be_visible(timeout=PATIENCE)
    words = whole(page)
    assert words[0] == "Corrected" and len(words) > len(before)
    assert words == stored(page)
    expect(go_on).to_be_hidden()


def test_two_owners_of_one_recording_delete_each_their_own(
    page: Page, browser: Browser, server: str, speech: Path
) -> None:
    other = browser.new_context().new_page()
    open_page(other, server)
    for tab in (page, other):
        choose_many(tab, [speech])
        tab.locator("#start").click()
        finished(tab)
    page.locator("#delete-now").click()
    expect(page.locator("#undo-delete")).to_be_hidden(timeout=PATIENCE)
    page.wait_for_timeout(2 * SECONDS)  # until the deletion is done
    other.reload()
    expect(other.locator(".wl-word").first).to_be_visible(timeout=PATIENCE)
    other.locator(".wl-word").first.click()
    other.wait_for_function("document.querySelector('.wl-media').currentTime > 0.3", timeout=PATIENCE)
    other.context.close()


def test_what_is_stopped_before_its_first_word_is_not_said_to_have_words(
    page: Page, two_minutes: Path
) -> None:
    choose(page, two_minutes)
    page.locator("#start").click()
    page.locator("#stop").click(timeout=PATIENCE)
    expect(page.locator("#status")).to_contain_text("Stopped before the first word", timeout=PATIENCE)
    expect(page.locator("#example")).to_be_visible()
    expect(page.locator("#recent")).to_be_hidden()
    page.locator("#start").click()
    finished(page)
