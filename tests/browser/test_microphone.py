"""The microphone, in a Chromium of its own that hears a file in place of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Playwright, expect

from page.texts import TEXTS
from tests.support.chromium import (
    FOX,
    PATIENCE,
    SECONDS,
    choose,
    chromium,
    finished,
    open_page,
    run_of,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

EN = TEXTS["en"]
LIVE = ".wl-live-text"
SAID = """([place, words]) => {
  const text = document.querySelector(place).textContent.toLowerCase();
  return words.filter((word) => text.includes(word)).length >= 3;
}"""
SPOKEN = 6.0  # seconds after which the clip has been heard


@pytest.fixture(scope="module")
def listening(playwright: Playwright, microphone_speech: Path) -> Iterator[Browser]:
    """A browser each of whose pages hears the clip when it begins to record."""
    with chromium(playwright, microphone_speech) as browser:
        yield browser


def opened(browser: Browser, server: str) -> Page:
    """Opens the page, and fails with whatever its scripts raise."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    open_page(page, server)
    return page


def record(page: Page) -> None:
    page.get_by_role("tab", name="Microphone").click()
    page.get_by_role("button", name=EN["live_record"], exact=True).click()
    expect(page.get_by_role("button", name=EN["live_stop"])).to_be_enabled(timeout=PATIENCE)


def heard(page: Page, seconds: float) -> None:
    """Waits until so many seconds are recorded and kept."""
    page.wait_for_function("seconds => wordlight.live.seconds >= seconds", arg=seconds, timeout=PATIENCE)


def test_words_come_while_one_speaks_and_stay_with_their_sound(listening: Browser, server: str) -> None:
    page = opened(listening, server)
    record(page)
    expect(page.locator(LIVE)).to_have_attribute("data-waiting", EN["live_waiting"])
    page.wait_for_function(SAID, arg=[LIVE, sorted(FOX)], timeout=PATIENCE)
    assert page.evaluate("wordlight.live.state") == "recording", "the words did not wait for the end"
    heard(page, SPOKEN)
    page.get_by_role("button", name=EN["live_stop"]).click()
    finished(page)
    expect(page.locator(".wl-spoken")).to_be_hidden()
    assert len(set(words_of(page)) & FOX) >= 3
    assert page.evaluate("wordlight.store.doc.name").startswith(EN["live_name"])
    length = page.evaluate("wordlight.store.doc.meta.transcript.duration")
    assert length >= SPOKEN
    page.locator(".wl-word").nth(2).click()
    page.wait_for_function(
        "wordlight.player.position() > wordlight.store.doc.words[2].start", timeout=PATIENCE
    )
    page.wait_for_function("document.querySelector('.wl-word.wl-lit')", timeout=PATIENCE)
    page.wait_for_function(
        "wordlight.live.sound.recordings().then((found) => !found.length)", timeout=PATIENCE
    )


def test_a_reload_loses_nothing_and_the_recording_goes_on(listening: Browser, server: str) -> None:
    page = opened(listening, server)
    page.on("dialog", lambda dialog: dialog.accept())
    record(page)
    heard(page, SPOKEN)
    page.reload()
    offer = page.locator(".wl-left-recording")
    expect(offer).to_have_count(1, timeout=PATIENCE)
    offer.get_by_role("button", name=EN["left_go_on"]).click()
    expect(page.locator(f"{LIVE} p > span > span").first).to_be_visible(timeout=PATIENCE)  # of what was kept
    heard(page, SPOKEN + 2)
    expect(offer).to_have_count(0)
    page.get_by_role("tab", name="Microphone").click()
    page.get_by_role("button", name=EN["live_pause"]).click()
    paused = page.evaluate("wordlight.live.seconds")
    page.wait_for_timeout(SECONDS)
    assert page.evaluate("wordlight.live.seconds") == paused
    page.locator("#start").click()  # ends the recording and transcribes it
    finished(page)
    assert len(set(words_of(page)) & FOX) >= 3
    assert page.evaluate("wordlight.store.doc.meta.transcript.duration") == pytest.approx(paused, abs=0.3)


def test_a_recording_is_transcribed_without_web_sockets_too(
    listening: Browser, server: str, speech: Path
) -> None:
    """The proxy closes them. The recording takes the place of the file that was chosen before."""
    page = listening.new_page(viewport={"width": 1280, "height": 900})
    page.route_web_socket("**/v1/live", lambda socket: socket.close())
    open_page(page, server)
    choose(page, speech)
    before = run_of(page)
    record(page)
    expect(page.locator("#live [role=status]")).to_have_text(EN["live_offline"], timeout=PATIENCE)
    heard(page, SPOKEN)
    page.get_by_role("button", name=EN["live_stop"]).click()
    finished(page, before)
    assert len(set(words_of(page)) & FOX) >= 3
    assert page.evaluate("wordlight.store.doc.name").startswith(EN["live_name"])


def test_a_browser_that_cannot_stream_has_the_plain_recorder(listening: Browser, server: str) -> None:
    page = listening.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script("delete window.AudioWorkletNode")
    open_page(page, server)
    page.get_by_role("tab", name="Microphone").click()
    page.locator("#microphone").get_by_role("button", name="Record").click()
    expect(page.get_by_role("button", name="Stop").filter(visible=True).first).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(SPOKEN * SECONDS)  # it is heard at the pace at which it was spoken
    page.locator("#start").click()
    expect(page.locator(".wl-status.wl-is-failed")).to_have_count(0)
    finished(page)
    assert len(set(words_of(page)) & FOX) >= 3
