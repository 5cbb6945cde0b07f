"""Two people correct one transcript by its link: both corrections stay, or both are shown to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.chromium import PATIENCE, open_page, transcribe
from tests.support.media_files import ffmpeg

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

# Saves at once; resolves when the server has answered, also to what a merge has brought.
SAVE = "async () => { await wordlight.autosave.flush(); await wordlight.autosave.flush(); }"


@pytest.fixture
def editors(
    page: Page, browser: Browser, server: str, speech: Path, tmp_path: Path
) -> Iterator[tuple[Page, Page]]:
    """Two browsers that show one transcript of several segments."""
    path = tmp_path / "twice.wav"
    ffmpeg("-stream_loop", "2", "-i", speech, path)
    transcribe(page, path)
    assert page.evaluate("wordlight.store.doc.segments.length") > 1
    other = browser.new_context().new_page()
    open_page(other, server)
    other.goto(page.url)
    other.wait_for_function("window.wordlight?.store.doc.meta", timeout=PATIENCE)
    for each in (page, other):  # neither sees by itself what the other one has corrected
        each.evaluate("wordlight.others.asked = Infinity")
    yield page, other
    other.context.close()


def correct(page: Page, word: int, text: str) -> None:
    # A slow machine may take so long between the two clicks that they are no double one.
    for _ in range(5):
        page.locator(".wl-word").nth(word).dblclick()
        if page.locator(".wl-field").count():
            break
    page.locator(".wl-field").fill(text)
    page.keyboard.press("Enter")


def texts(page: Page) -> list[str]:
    return list(page.locator(".wl-word").all_text_contents())


def test_corrections_of_two_places_both_stay(editors: tuple[Page, Page]) -> None:
    one, two = editors
    last = one.locator(".wl-word").count() - 1
    correct(one, 0, "First")
    correct(two, last, "Last")
    one.evaluate(SAVE)
    two.evaluate(SAVE)
    for page in editors:
        page.wait_for_function("!wordlight.store.unkept().length", timeout=PATIENCE)
    assert (texts(two)[0], texts(two)[-1]) == ("First", "Last")
    two.keyboard.press("Control+z")  # takes back this page's own correction alone
    assert texts(two)[0] == "First" and texts(two)[-1] != "Last"
    two.keyboard.press("Control+Shift+Z")
    two.evaluate(SAVE)
    one.reload()
    one.wait_for_function("window.wordlight?.store.doc.meta", timeout=PATIENCE)
    expect(one.locator(".wl-word").last).to_have_text("Last")
    assert texts(one) == texts(two)
    assert one.evaluate("wordlight.store.doc.words.filter(({ edited }) => edited).length") == 2


@pytest.mark.parametrize(("button", "stays"), [("Keep mine", "Mine"), ("Take the other", "Theirs")])
def test_of_one_place_both_versions_are_shown(editors: tuple[Page, Page], button: str, stays: str) -> None:
    one, two = editors
    correct(one, 0, "Theirs")
    correct(two, 0, "Mine")
    one.evaluate(SAVE)
    two.evaluate("() => void wordlight.autosave.flush()")
    dialog = two.get_by_role("dialog")
    expect(dialog).to_contain_text("Theirs", timeout=PATIENCE)
    expect(dialog).to_contain_text("Mine")
    dialog.get_by_role("button", name=button).click()
    expect(two.locator(".wl-word").first).to_have_text(stays)
    two.wait_for_function("!wordlight.store.unkept().length", timeout=PATIENCE)
    one.reload()
    expect(one.locator(".wl-word").first).to_have_text(stays, timeout=PATIENCE)


def test_a_choice_that_is_put_off_loses_nothing(editors: tuple[Page, Page]) -> None:
    one, two = editors
    correct(one, 0, "Theirs")
    correct(two, 0, "Mine")
    one.evaluate(SAVE)
    two.evaluate("() => void wordlight.autosave.flush()")
    expect(two.get_by_role("dialog")).to_be_visible(timeout=PATIENCE)
    two.keyboard.press("Escape")
    expect(two.locator(".wl-word").first).to_have_text("Mine")
    assert two.evaluate("wordlight.store.hasUnkept()")
    one.reload()
    expect(one.locator(".wl-word").first).to_have_text("Theirs", timeout=PATIENCE)
