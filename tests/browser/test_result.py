"""The head of a result: its name, its facts, the form that folds away, links to a moment, text to take along."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.axe import violations
from tests.support.chromium import PATIENCE, choose, open_page, receive, run_of, settled, transcribe
from tests.support.page_messages import TALK, message, speech_of, talk_message
from tests.support.word_documents import text_of

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

NARROW = [(390, 844, 1), (768, 1024, 1), (720, 450, 2)]  # width, height, pixels each: the last is 200 % zoom
FIRST_WORD = "document.querySelector('.wl-page .wl-word').getBoundingClientRect().top + scrollY"
HIGHEST = 420  # pixels above the first word


def shows(page: Page, run: str | None) -> None:
    shown = "run => window.wordlight?.store.doc.run === run && wordlight.store.doc.meta"
    page.wait_for_function(shown, arg=run, timeout=PATIENCE)
    settled(page)


@pytest.fixture(scope="module")
def link(browser: Browser, server: str, speech: Path) -> str:
    """The link to a finished transcript."""
    page = browser.new_page()
    open_page(page, server)
    transcribe(page, speech)
    address = page.url
    page.close()
    return address


@pytest.mark.parametrize(("width", "height", "scale"), NARROW)
def test_words_come_first_in_a_narrow_window(
    browser: Browser, link: str, width: int, height: int, scale: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale)
    page = context.new_page()
    page.goto(link)
    shows(page, link.partition("t=")[2])
    assert page.evaluate(FIRST_WORD) < HIGHEST
    expect(page.locator("#start")).to_be_hidden()
    assert violations(page) == []
    page.get_by_role("button", name="New transcript").click()
    expect(page.locator("#start")).to_be_visible()
    page.get_by_role("button", name="Hide the form").click()
    expect(page.locator("#start")).to_be_hidden()
    context.close()


def test_the_form_folds_at_the_click_that_starts_and_stop_stays(
    browser: Browser, server: str, long_speech: Path
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    open_page(page, server)
    expect(page.locator("#fold-form")).to_be_hidden()  # there is nothing to fold it away for
    choose(page, long_speech)
    page.locator("#start").click()
    expect(page.locator("#source")).to_be_hidden()
    expect(page.locator(".wl-word").first).to_be_visible(timeout=PATIENCE)
    assert page.evaluate(FIRST_WORD) < HIGHEST + 60  # the button that stops stands above them
    page.locator("#stop").click()
    expect(page.locator(".wl-status")).to_contain_text("Stopped", timeout=PATIENCE)
    expect(page.locator("#stop")).to_be_hidden()
    page.locator("#delete-now").click()
    expect(page.locator("#start")).to_be_visible(timeout=PATIENCE)
    page.close()


def test_in_a_wide_window_the_reader_folds_the_form_and_the_browser_remembers(page: Page, link: str) -> None:
    page.goto(link)
    shows(page, link.partition("t=")[2])
    expect(page.locator("#start")).to_be_visible()
    page.get_by_role("button", name="Hide the form").click()
    expect(page.locator("#start")).to_be_hidden()
    page.reload()
    shows(page, link.partition("t=")[2])
    expect(page.locator("#start")).to_be_hidden()
    page.get_by_role("button", name="New transcript").click()
    expect(page.locator("#start")).to_be_visible()


def test_the_name_is_the_heading_and_the_title_and_is_changed_there(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    run = run_of(page)
    heading = page.get_by_role("heading", name=speech.name, exact=True)
    expect(heading).to_be_visible()
    expect(page).to_have_title(f"{speech.name} – Wordlight")
    page.get_by_role("button", name="Rename this transcript").click()
    page.keyboard.insert_text("A fox, first take")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="A fox, first take")).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_title("A fox, first take – Wordlight")
    expect(page.locator(".wl-recent-open")).to_have_text("A fox, first take")
    page.reload()
    shows(page, run)
    expect(page.locator(".wl-name")).to_have_text("A fox, first take")
    page.locator(".wl-name").dblclick()
    page.keyboard.press("Escape")
    expect(page.locator(".wl-name")).to_have_text("A fox, first take")


def test_facts_are_in_one_line_and_the_rest_is_behind_a_sign(page: Page) -> None:
    receive(page, message(speech_of(40)))
    facts = page.locator(".wl-facts > .wl-fact")
    expect(facts.first).to_be_visible()
    tops = facts.evaluate_all("nodes => nodes.map((node) => Math.round(node.getBoundingClientRect().top))")
    assert len(tops) >= 3 and len(set(tops)) == 1
    more = page.locator(".wl-more-facts")
    expect(more).to_be_hidden()
    page.locator(".wl-more summary").click()
    expect(more).to_contain_text("base")
    assert violations(page) == []


def test_a_link_opens_at_its_moment_and_plays_from_there(page: Page, link: str) -> None:
    run = link.partition("t=")[2]
    page.goto(link)
    shows(page, run)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".wl-word", has_text="jumps").click()
    page.evaluate("wordlight.player.pause()")
    start = page.evaluate("wordlight.store.doc.words.find(({ text }) => text === 'jumps').start")
    page.locator("#copy-link-at").click()
    expect(page.locator("#copy-link-at")).to_have_text("Copied")
    at = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(rf"{re.escape(link)}&at=[\d.]+", at)
    assert float(at.rpartition("=")[2]) == pytest.approx(start, abs=0.01)

    page.goto("about:blank")
    page.goto(at)
    shows(page, run)
    expect(page.locator(".wl-word[tabindex='0']")).to_have_text("jumps")
    page.wait_for_function("start => Math.abs(wordlight.player.position() - start) < 0.02", arg=start)
    page.evaluate("wordlight.player.toggle()")
    page.wait_for_function("start => wordlight.player.position() > start", arg=start)
    page.evaluate("wordlight.player.pause()")
    page.evaluate("link => (location.href = link)", at.replace(f"at={at.rpartition('=')[2]}", "at=0"))
    expect(page.locator(".wl-word[tabindex='0']")).to_have_text("The")


def test_text_is_copied_and_saved_with_names_and_times_as_chosen(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    receive(page, talk_message(TALK))
    said = "Good morning everybody. It is late."
    copied = "navigator.clipboard.readText()"
    copy = page.locator("#copy-text")
    copy.click()
    expect(copy).to_have_text("Copied", timeout=PATIENCE)
    assert page.evaluate(copied).startswith(f"Speaker 1: {said}\n\nSpeaker 2: ")

    page.get_by_label("Names of speakers").select_option("off")
    page.get_by_label("Times of paragraphs").select_option("on")
    expect(copy).to_have_text("Copy text")
    copy.click()
    expect(copy).to_have_text("Copied", timeout=PATIENCE)
    assert page.evaluate(copied).startswith(f"[0:00] {said}\n\n[0:0")

    with page.expect_download(timeout=PATIENCE) as waiting:
        page.locator("#download-docx").click()
    assert waiting.value.suggested_filename.endswith(".docx")
    text = text_of(waiting.value.path().read_bytes())
    assert f"0:00  {said}" in text and "SPEAKER" not in text


@pytest.mark.parametrize("size", [(1280, 900), (390, 844), (844, 390)])
def test_warnings_push_down_neither_words_nor_files(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    made = message(speech_of(40))
    top = "(part) => document.querySelector(part).getBoundingClientRect().top + scrollY"
    places = f"['.wl-word', '#copy-text'].map({top})"
    receive(page, made)
    settled(page)
    before = page.evaluate(places)
    warned = {"code": "uncertain", "values": {"language": "en", "percent": 31}}
    made["meta"]["transcript"] |= {"warnings": ["It is uncertain."] * 9, "notices": [warned] * 9}
    page.evaluate("meta => wordlight.events.emit('finished', meta)", made["meta"])
    expect(page.locator(".wl-warnings li")).to_have_count(9)
    assert page.evaluate(places) == before
    files, told = page.locator(".wl-download-row").bounding_box(), page.locator(".wl-warnings").bounding_box()
    assert files and told and told["y"] >= files["y"] + files["height"]


def test_the_facts_lead_to_what_the_engine_warns_of(page: Page) -> None:
    made = message(speech_of(400))
    warned = {"code": "uncertain", "values": {"language": "en", "percent": 31}}
    made["meta"]["transcript"] |= {"warnings": ["It is uncertain."], "notices": [warned]}
    receive(page, made)
    settled(page)
    told = page.locator(".wl-warnings")
    expect(told).not_to_be_in_viewport()
    page.get_by_role("button", name="1 warning", exact=True).click()
    expect(told).to_be_in_viewport(ratio=1)
    expect(told).to_be_focused()
    expect(told).to_contain_text("uncertain")


def test_what_the_engine_warns_of_is_heard_at_its_place(page: Page) -> None:
    made = message(speech_of(400))
    warned = {"code": "fast", "values": {"when": [72.1, 80.5]}}
    made["meta"]["transcript"] |= {"warnings": ["More than can be said."], "notices": [warned]}
    receive(page, made)
    settled(page)
    page.evaluate("() => (wordlight.player.playFrom = (time) => (window.heard = time))")
    page.locator(".wl-warnings").get_by_role("button", name="Hear").click()
    assert page.evaluate("window.heard") == 72.1
    word = page.locator(".wl-word[tabindex='0']")
    assert word.evaluate("node => node.word.index") == 200
    expect(word).to_be_in_viewport()
