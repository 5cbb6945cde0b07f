"""The bar at the page's foot: it plays the recording from wherever the reader is, by buttons, keys and media keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.axe import violations
from tests.support.chromium import PATIENCE, open_page, transcribe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

LEAP = 3.0  # seconds
# Keeps what the page gives to the lock screen.
LOCK_SCREEN = """
window.lockScreen = {};
const given = MediaSession.prototype.setActionHandler;
MediaSession.prototype.setActionHandler = function (name, act) {
  window.lockScreen[name] = act;
  given.call(this, name, act);
};
"""


@pytest.fixture(scope="module")
def reader(browser: Browser, server: str, talk_file: Path) -> Iterator[Page]:
    """A page with the transcript and the sound of half a minute of talk."""
    context = browser.new_context(viewport={"width": 1280, "height": 700})
    page = context.new_page()
    page.add_init_script(LOCK_SCREEN)
    open_page(page, server)
    transcribe(page, talk_file)
    page.wait_for_function("wordlight.player.media?.readyState > 0", timeout=PATIENCE)
    yield page
    context.close()


@pytest.fixture
def heard(reader: Page) -> Page:
    """The page, still and in the middle of the recording, with the focus nowhere."""
    reader.get_by_role("tab", name="Transcript", exact=True).click()
    reader.wait_for_function("!wordlight.player.guest", timeout=PATIENCE)
    reader.evaluate(
        "() => { wordlight.player.pause(); wordlight.player.setSpeed(1); document.activeElement.blur(); }"
    )
    at(reader, 10.0)
    return reader


def at(page: Page, time: float) -> None:
    """Goes to a time, and waits until the browser has."""
    page.evaluate("time => wordlight.player.seek(time)", time)
    wait_for(page, time)


def wait_for(page: Page, time: float) -> None:
    page.wait_for_function(
        "time => !wordlight.player.media.seeking && Math.abs(wordlight.player.position() - time) < 0.05",
        arg=time,
        timeout=PATIENCE,
    )


def plays(page: Page, is_playing: bool = True) -> None:
    page.wait_for_function(
        "expected => wordlight.player.isPlaying() === expected", arg=is_playing, timeout=PATIENCE
    )


def test_the_bar_is_in_sight_on_every_tab_and_at_every_place(heard: Page) -> None:
    bar = heard.locator(".wl-play")
    for name in ("Words", "Timeline", "Captions", "Transcript"):
        heard.get_by_role("tab", name=name, exact=True).click()
        for place in (0, 10_000):
            heard.evaluate("top => window.scrollTo(0, top)", place)
            box = bar.bounding_box()
            assert box and box["y"] > 500 and box["y"] + box["height"] <= 700, (name, box)
    foot = heard.evaluate(
        "window.scrollTo(0, 1e6), document.querySelector('footer').getBoundingClientRect().bottom"
    )
    dock = heard.locator("#dock").bounding_box()
    assert dock and foot <= dock["y"] + 1, "the bar hides the end of the page"
    assert heard.locator("#player audio").evaluate("node => node.controls") is False
    assert violations(heard) == []


def test_space_plays_wherever_the_focus_is_but_in_fields_and_on_buttons(heard: Page) -> None:
    heard.keyboard.press("Space")
    plays(heard)
    expect(heard.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    heard.keyboard.press("Space")
    plays(heard, False)
    heard.get_by_role("tab", name="Words", exact=True).click()
    field = heard.get_by_label("Search the words")
    field.click()
    heard.keyboard.type("a b,f")
    expect(field).to_have_value("a b,f")
    field.fill("")
    heard.get_by_role("tab", name="Transcript", exact=True).focus()
    heard.keyboard.press("Space")
    heard.wait_for_timeout(200)
    plays(heard, False)


def test_keys_and_buttons_go_back_and_on_by_three_seconds(heard: Page) -> None:
    for key, step in (("[", -LEAP), (",", -LEAP), ("]", LEAP), (".", LEAP)):
        at(heard, 10.0)
        heard.keyboard.press(key)
        wait_for(heard, 10.0 + step)
    at(heard, 10.0)
    heard.get_by_role("button", name="Back 3 seconds", exact=True).click()
    wait_for(heard, 10.0 - LEAP)
    at(heard, 1.0)
    heard.keyboard.press("[")
    wait_for(heard, 0.0)
    expect(heard.locator(".wl-play-time")).to_have_text("0:00 / 0:30")
    heard.get_by_label("Position").fill("12.5")
    wait_for(heard, 12.5)
    expect(heard.locator(".wl-play-time")).to_have_text("0:12 / 0:30")


def test_the_speed_is_remembered(heard: Page, server: str) -> None:
    heard.keyboard.press(">")
    heard.keyboard.press(">")
    assert heard.evaluate("wordlight.player.media.playbackRate") == 1.5
    expect(heard.get_by_label("Speed")).to_have_value("1.5")
    heard.get_by_label("Speed").select_option("0.75")
    assert heard.evaluate("wordlight.player.media.playbackRate") == 0.75
    other = heard.context.new_page()
    open_page(other, server)
    assert other.evaluate("wordlight.player.speed") == 0.75
    other.close()


def test_a_reader_who_scrolls_is_left_there_until_follow_is_pressed(heard: Page) -> None:
    follow = heard.get_by_role("button", name="Follow", exact=True)
    expect(follow).to_have_attribute("aria-pressed", "true")
    heard.keyboard.press("Space")
    plays(heard)
    heard.locator(".wl-page").hover()
    heard.mouse.wheel(0, -50)
    expect(follow).to_have_attribute("aria-pressed", "false")
    heard.keyboard.press("f")
    expect(follow).to_have_attribute("aria-pressed", "true")
    heard.keyboard.press("f")
    expect(follow).to_have_attribute("aria-pressed", "false")
    heard.locator(".wl-word").first.click()
    expect(follow).to_have_attribute("aria-pressed", "false")  # the reader wants none
    follow.click()
    expect(follow).to_have_attribute("aria-pressed", "true")


def test_the_lock_screen_names_the_recording_and_controls_it(heard: Page, talk_file: Path) -> None:
    assert heard.evaluate("navigator.mediaSession.metadata.title") == talk_file.name
    heard.evaluate("lockScreen.seekbackward({})")
    wait_for(heard, 10.0 - LEAP)
    heard.evaluate("lockScreen.seekto({ seekTime: 5 })")
    wait_for(heard, 5.0)
    heard.evaluate("lockScreen.play()")
    plays(heard)
    heard.wait_for_function("navigator.mediaSession.playbackState === 'playing'", timeout=PATIENCE)
    heard.evaluate("lockScreen.pause()")
    plays(heard, False)


def test_beside_the_captions_the_bar_plays_their_picture_from_the_same_place(heard: Page) -> None:
    heard.get_by_role("tab", name="Captions", exact=True).click()
    expect(heard.locator("video.wl-captioned")).to_be_visible(timeout=PATIENCE)
    heard.wait_for_function(
        "wordlight.player.guest?.readyState > 0 && Math.abs(wordlight.player.position() - 10) < 0.1",
        timeout=PATIENCE,
    )
    heard.locator("#title").click()
    heard.keyboard.press("Space")
    heard.wait_for_function("!document.querySelector('.wl-captioned').paused", timeout=PATIENCE)
    assert heard.evaluate("document.querySelector('#player .wl-media').paused")
    heard.keyboard.press("Space")
    at(heard, 20.0)
    heard.get_by_role("tab", name="Transcript", exact=True).click()
    heard.wait_for_function(
        "!wordlight.player.guest && Math.abs(wordlight.player.position() - 20) < 0.2", timeout=PATIENCE
    )


MARK = """doubtful => {
  const { store, events } = wordlight;
  const inserted = store.doc.segments.map((segment) => ({ ...segment, words: segment.words.map((word) => ({
    ...word, band: word.index === doubtful ? "doubtful" : "sure", checked: undefined })) }));
  store.edit({ at: 0, count: inserted.length, inserted, focus: doubtful });
  store.doc.meta.sound.speech = [[0, 10], [20, 30]];
  events.emit("finished", store.doc.meta);
}"""


def test_the_slider_marks_what_is_to_be_checked_and_where_nobody_speaks(heard: Page) -> None:
    slider, checks = heard.get_by_label("Position"), heard.locator(".wl-mark-checks")
    word = heard.evaluate(
        "wordlight.store.doc.words.find(({ start }) => start > 12)"
    )  # in sight of no other mark
    heard.evaluate(MARK, word["index"])
    expect(checks).to_have_attribute("d", re.compile(r"^M\d+ [^M]*z$"), timeout=PATIENCE)
    box, mark = slider.bounding_box(), checks.bounding_box()
    assert box and mark
    duration = heard.evaluate("wordlight.player.media.duration")
    track = box["width"] - 16  # a thumb is as wide
    assert mark["x"] - box["x"] - 8 == pytest.approx(track * word["start"] / duration, abs=track / 400 + 2)
    silence = heard.locator(".wl-mark-silences").bounding_box()
    assert silence and silence["y"] > mark["y"] + mark["height"]  # they differ in place too
    assert silence["width"] == pytest.approx(track * 10 / duration, abs=track / 200 + 1)
    expect(slider).to_have_attribute("title", re.compile("words to check"))
    heard.mouse.click(mark["x"] + 1, mark["y"] + 4)  # a mark is no obstacle
    heard.wait_for_function(
        "time => Math.abs(wordlight.player.position() - time) < 1", arg=word["start"], timeout=PATIENCE
    )
    heard.locator(".wl-word").nth(word["index"]).focus()
    heard.keyboard.press("y")
    expect(checks).to_have_attribute("d", "")


# What a browser does to an element whose connection or sound device is gone.
BREAK_OFF = """
() => {
  const { media } = wordlight.player;
  media.pause();
  Object.defineProperty(media, "error", { value: { code: MediaError.MEDIA_ERR_NETWORK } });
  media.dispatchEvent(new Event("error"));
}
"""


def test_a_player_that_breaks_off_can_be_started_again_from_there(heard: Page) -> None:
    """The server's copy is tried first, and the same address again after that."""
    play = heard.get_by_role("button", name="Play", exact=True)
    for _ in ("recording", "copy"):
        play.click()
        heard.wait_for_function("wordlight.player.media.played.length", timeout=PATIENCE)
        heard.evaluate(BREAK_OFF)
    expect(heard.locator(".wl-unplayable")).to_contain_text("Playing broke off")
    heard.wait_for_function("wordlight.player.media.readyState > 0", timeout=PATIENCE)
    assert heard.evaluate("wordlight.player.position()") >= 10.0
    play.click()
    plays(heard)
    expect(heard.locator(".wl-unplayable")).to_have_count(0)
