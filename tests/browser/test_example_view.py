"""The empty page shows a finished transcript of a sample: it is read and heard there, and is nobody's work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from page.examples import EXAMPLES, SAMPLE
from page.texts import TEXTS
from tests.support.chromium import PATIENCE, finished, hundredths, open_page, run_of, transcribe

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

WORDS = json.loads(SAMPLE.read_text("utf-8"))["words"]
FIRST = next(iter(EXAMPLES.values())).file
TOUCH = 44  # pixels


@pytest.fixture
def asked(page: Page) -> list[str]:
    """What the page fetches from here on."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url))
    return found


def test_the_empty_page_shows_the_words_of_a_sample(page: Page) -> None:
    expect(page.locator(".wl-example-about")).to_have_text(TEXTS["en"]["sample_about"])
    assert page.locator(".wl-example-word").all_text_contents() == [word["word"] for word in WORDS]
    bands = page.locator(".wl-example-word").evaluate_all("nodes => nodes.map((it) => it.classList[1])")
    assert bands == [f"wl-{word['band']}" for word in WORDS]
    page.locator(".wl-example-word").nth(2).hover()
    told = page.locator(".wl-example-word-about")
    expect(told).to_contain_text(f"{hundredths(WORDS[2]['start'])}–{hundredths(WORDS[2]['end'])} s")
    expect(told).to_contain_text(f"{round(100 * WORDS[2]['probability'])} %")


def test_a_word_of_the_sample_plays_its_sound_and_lights_up(page: Page, asked: list[str]) -> None:
    assert not any(FIRST in url for url in asked)
    with page.expect_response(lambda response: FIRST in response.url, timeout=PATIENCE) as fetched:
        page.locator(".wl-example-word").nth(12).click()
    assert fetched.value.ok
    expect(page.locator(".wl-example-play.wl-is-playing")).to_be_visible(timeout=PATIENCE)
    lit = "[...document.querySelectorAll('.wl-example-word')].findIndex((it) => it.classList.contains('wl-lit'))"
    page.wait_for_function(f"{lit} >= 12", timeout=PATIENCE)
    page.keyboard.press(" ")
    expect(page.locator(".wl-example-play.wl-is-playing")).to_have_count(0)
    # Beside the sound there is only what page and browser ask by themselves: whether the models are ready, the
    # heartbeat, and the icon of the page.
    own = (FIRST, "/heartbeat/", "/queue/", "/run/predict", "/icon.png")
    assert [url for url in asked if not any(part in url for part in own)] == []


def test_the_sample_is_nobody_s_work(page: Page) -> None:
    page.locator(".wl-example-word").nth(3).dblclick()
    assert page.locator(".wl-field").count() == 0
    assert run_of(page) is None
    assert page.evaluate(
        "[wordlight.store.doc.words.length, wordlight.store.doc.unsaved, wordlight.store.unkept().length]"
    ) == [
        0,
        False,
        0,
    ]
    expect(page.locator(".wl-downloads")).to_be_hidden()
    assert "t=" not in page.url


def test_a_transcript_takes_the_sample_s_place_and_gives_it_back(page: Page, speech: Path) -> None:
    page.locator(".wl-example-play").click()
    expect(page.locator(".wl-example-play.wl-is-playing")).to_be_visible(timeout=PATIENCE)
    transcribe(page, speech)
    expect(page.locator(".wl-example")).to_be_hidden()
    assert (
        page.evaluate("document.querySelector('.wl-example-play').classList.contains('wl-is-playing')")
        is False
    )
    page.reload()
    page.wait_for_function("window.wordlight?.store.doc.meta", timeout=PATIENCE)
    expect(page.locator(".wl-example")).to_be_hidden()
    page.locator("#delete-now").click()
    expect(page.locator(".wl-example")).to_be_visible(timeout=PATIENCE)
    assert page.locator(".wl-word").count() == 0


def test_a_link_that_leads_nowhere_leaves_the_sample(page: Page, server: str) -> None:
    page.goto(f"{server}/?t=aaaaaaaaaaaaaaaa")
    expect(page.locator(".wl-status.wl-is-note")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".wl-example")).to_be_visible()


def test_the_sample_is_reached_and_heard_by_keys(page: Page) -> None:
    page.locator(".wl-example-play").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == WORDS[1]["word"]
    page.keyboard.press("Enter")
    expect(page.locator(".wl-example-play.wl-is-playing")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (768, 1024), (390, 844)])
def test_examples_can_be_touched_and_the_sample_has_its_height_at_once(
    browser: Browser, server: str, width: int, height: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.add_init_script(
        "window.heights = new Set(); (function look() { const it = document.querySelector('.wl-example');"
        "if (it?.offsetHeight) heights.add(it.offsetHeight); requestAnimationFrame(look); })()"
    )
    open_page(page, server)
    for button in page.locator("#examples button").all():
        box = button.bounding_box()
        assert box and box["height"] >= TOUCH and box["x"] + box["width"] <= width
    box = page.locator(".wl-example-play").bounding_box()
    assert box and min(box["width"], box["height"]) >= TOUCH
    heights = page.evaluate("[...heights]")
    assert max(heights) - min(heights) <= 2, heights
    page.close()


@pytest.mark.parametrize("locale", ["de", "ja"])
def test_the_sample_speaks_the_reader_s_language(browser: Browser, server: str, locale: str) -> None:
    page = browser.new_page(locale=locale)
    page.goto(server)
    expect(page.locator(".wl-example-about")).to_have_text(TEXTS[locale]["sample_about"], timeout=PATIENCE)
    expect(page.locator("#example-fr")).to_have_text(TEXTS[locale]["example_fr"])
    page.close()


def test_the_film_plays_as_a_picture(page: Page) -> None:
    page.locator("#example-fr").click()
    finished(page)
    page.wait_for_function(
        "document.querySelector('#player video.wl-media')?.videoWidth > 0", timeout=PATIENCE
    )
