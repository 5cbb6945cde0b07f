"""Bookmarks as a reader makes them: marked, noted, found again, downloaded, undone, and shared with another reader."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import docx
import pytest
from playwright.sync_api import expect

from tests.support.axe import violations
from tests.support.chromium import PATIENCE, download, on, open_page, receive, settled, transcribe
from tests.support.page_messages import LINES, TEXT, message, speech_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SAVE = "async () => { await wordlight.autosave.flush(); await wordlight.autosave.flush(); }"
PASSAGES = """() => wordlight.store.doc.words.filter(({ bookmark }) => bookmark !== undefined)
  .map(({ text, bookmark }) => [text, bookmark])"""
SIGN = ".wl-bookmark-sign button"
HEARD = "index => Math.abs(wordlight.player.position() - wordlight.store.doc.words[index].start) < 0.7"
# Of a property of two words, by their selectors, whether they differ.
DIFFER = """([one, other, name]) =>
  getComputedStyle(document.querySelector(one))[name] !== getComputedStyle(document.querySelector(other))[name]"""

# The outline of a triangle at a word.
TRIANGLE = """index => {
  const { words } = wordlight.store.doc;
  const column = Math.floor((words[index].start / wordlight.player.media.duration) * 400);
  return `M${column - 3} 24h6l-3 -5z`;
}"""


def select(page: Page, first: str, steps: int) -> None:
    """Puts the keyboard on a word and selects so many further ones."""
    on(page, first)
    for _ in range(steps):
        page.keyboard.press("Shift+ArrowRight")


def test_a_passage_is_marked_noted_downloaded_undone_and_there_after_a_reload(
    page: Page, speech: Path
) -> None:
    transcribe(page, speech)
    count = page.locator(".wl-bookmarks-toggle")
    expect(count).to_be_hidden()
    page.locator(".wl-word").nth(1).focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("b")
    expect(page.locator(".wl-word.wl-bookmark")).to_have_count(3)
    expect(count).to_have_accessible_name("1 bookmark")
    expect(page.locator(".wl-line [role=status]").filter(has_text="Bookmarked")).to_have_count(1)

    page.keyboard.press("Shift+B")
    field = page.get_by_label("Note at the bookmark")
    expect(field).to_be_focused()
    page.keyboard.type("ask  Anna ")
    page.keyboard.press("Enter")
    expect(page.locator(SIGN)).to_have_accessible_name("Bookmark: ask Anna")
    expect(page.locator(SIGN)).to_have_text("ask Anna")
    expect(page.locator(".wl-about")).to_contain_text("Bookmark: ask Anna")

    noted = page.evaluate(PASSAGES)
    assert [note for _, note in noted] == ["ask Anna"] * 3
    said = json.loads(download(page, "json")[1])["word_segments"]
    assert [at for at, word in enumerate(said) if word.get("bookmark") == "ask Anna"] == [1, 2, 3]
    quoted = " ".join(text for text, _ in noted)
    assert f"<mark>{quoted}</mark> \\[ask Anna\\]" in download(page, "md")[1]
    assert "ask Anna" not in download(page, "txt")[1] + download(page, "srt")[1]
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.locator("#download-docx").click()
    document = docx.Document(str(waiting.value.path()))
    assert [comment.text for comment in document.comments] == ["ask Anna"]

    page.wait_for_function("!wordlight.store.unkept().length", timeout=PATIENCE)
    page.reload()
    expect(page.locator(SIGN)).to_have_text("ask Anna", timeout=PATIENCE)
    assert page.evaluate(PASSAGES) == noted
    page.locator(".wl-word").nth(2).focus()
    page.keyboard.press("b")
    expect(page.locator(".wl-bookmark-sign")).to_have_count(0)
    expect(count).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(page.locator(SIGN)).to_have_text("ask Anna")
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator(".wl-word.wl-bookmark")).to_have_count(0)


def test_escape_keeps_a_note_that_was_typed_and_undo_takes_it_back(words: Page) -> None:
    on(words, "quick")
    words.keyboard.press("Shift+B")
    field = words.get_by_label("Note at the bookmark")
    expect(field).to_have_attribute("placeholder", "Write a note")
    assert field.evaluate("node => node.offsetWidth") > 300  # room for a sentence
    words.keyboard.type("ask Anna who has said this")
    words.keyboard.press("Escape")
    expect(words.locator(SIGN)).to_have_text("ask Anna who has said this")
    kept = words.locator(".wl-line [role=status]").filter(has_text="The note is kept. Undo takes it back.")
    expect(kept).to_have_count(1)
    expect(words.locator(".wl-about")).to_have_text("The note is kept. Undo takes it back.")
    expect(words.locator(".wl-word", has_text="quick")).to_be_focused()

    words.keyboard.press("Shift+B")
    words.keyboard.press("Escape")  # nothing was changed
    words.keyboard.press("Shift+B")
    words.keyboard.press("Delete")
    words.keyboard.press("Escape")  # emptied: it comes back
    expect(words.locator(SIGN)).to_have_text("ask Anna who has said this")
    words.keyboard.press("Shift+B")
    words.keyboard.type("something else")
    words.keyboard.press("Escape")
    expect(words.locator(SIGN)).to_have_text("something else")
    words.keyboard.press("Control+z")
    expect(words.locator(SIGN)).to_have_text("ask Anna who has said this")
    words.keyboard.press("Control+z")
    assert words.evaluate(PASSAGES) == [["quick", ""]]

    words.keyboard.press("e")  # of a word that is typed again, little is lost
    words.keyboard.type("slow")
    words.keyboard.press("Escape")
    expect(words.locator(".wl-word", has_text="quick")).to_be_focused()


def test_keys_and_the_list_lead_to_each_bookmark_and_play_it(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    last = page.locator(".wl-word").count() - 1
    for index in (2, last):
        page.locator(".wl-word").nth(index).focus()
        page.keyboard.press("b")
    page.locator("#title").click()  # the keys are the page's
    for key, index in (("m", 2), ("m", last), ("m", 2), ("M", last)):
        page.keyboard.press(key)
        expect(page.locator(".wl-word").nth(index)).to_be_focused()
        page.wait_for_function("wordlight.player.isPlaying()", timeout=PATIENCE)
        page.wait_for_function(HEARD, arg=index, timeout=PATIENCE)
        page.keyboard.press(" ")

    page.get_by_role("tab", name="Words", exact=True).click()
    page.keyboard.press("m")  # also if another tab lies over the words
    expect(page.locator(".wl-word").nth(2)).to_be_focused(timeout=PATIENCE)
    page.keyboard.press(" ")
    page.get_by_role("button", name="2 bookmarks").click()
    rows = page.get_by_role("list", name="Bookmarks").get_by_role("listitem")
    expect(rows).to_have_count(2)
    text = page.locator(".wl-word").nth(last).text_content()
    expect(rows.nth(1)).to_contain_text(str(text))
    rows.nth(1).get_by_role("button").first.click()
    expect(page.locator(".wl-word").nth(last)).to_be_focused()
    page.wait_for_function(HEARD, arg=last, timeout=PATIENCE)
    rows.nth(0).get_by_role("button", name="Write a note").click()
    page.keyboard.type("why?")
    page.keyboard.press("Enter")
    expect(rows.nth(0)).to_contain_text("why?")
    rows.nth(1).get_by_role("button", name="Take the bookmark away").click()
    expect(page.get_by_role("button", name="1 bookmark")).to_be_visible()
    assert page.evaluate(PASSAGES)[0][1] == "why?"


def test_what_is_heard_is_marked_while_the_keyboard_is_elsewhere(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    page.locator(".wl-follow").focus()
    page.evaluate("wordlight.player.playSpan({ start: wordlight.store.doc.words[4].start + 0.02, end: 99 })")
    page.wait_for_function("document.querySelector('.wl-lit')?.word.index >= 4", timeout=PATIENCE)
    page.keyboard.press("b")
    page.evaluate("wordlight.player.pause()")
    assert page.evaluate("wordlight.store.doc.words.findIndex(({ bookmark }) => bookmark === '')") >= 4


def test_a_passage_over_sentences_has_one_sign_and_the_tool_takes_it_away(words: Page) -> None:
    select(words, "jumps.", 2)
    tool = words.get_by_role("button", name="Bookmark the word or the selection")
    expect(tool).to_have_attribute("aria-pressed", "false")
    tool.click()
    expect(words.locator(".wl-word.wl-bookmark")).to_have_text(["jumps.", "Over", "the"])
    expect(words.locator(SIGN)).to_have_count(1)
    expect(words.locator(".wl-word.wl-bookmark-last")).to_have_text("the")
    expect(tool).to_have_attribute("aria-pressed", "true")
    words.locator(SIGN).click()
    words.keyboard.type("why?")
    words.keyboard.press("Enter")
    expect(words.locator(SIGN)).to_have_text("why?")
    # A selection of a part takes that part away; the rest keeps the note.
    select(words, "Over", 1)
    tool.click()
    assert words.evaluate(PASSAGES) == [["jumps.", "why?"]]
    words.locator(".wl-word", has_text="jumps.").click()
    tool.click()
    expect(words.locator(SIGN)).to_have_count(0)
    for _ in range(3):
        words.keyboard.press("u")
    expect(words.locator(".wl-word.wl-bookmark")).to_have_count(3)
    assert " ".join(words.locator(".wl-word").all_text_contents()) == TEXT.replace("\n\n", " ")


def test_corrections_leave_the_mark_where_it_is(words: Page) -> None:
    select(words, "quick", 1)
    words.keyboard.press("b")
    on(words, "quick")
    words.keyboard.press("e")
    words.keyboard.type("very slow")
    words.keyboard.press("Enter")
    expect(words.locator(".wl-word.wl-bookmark")).to_have_text(["very", "slow", "brown"])
    on(words, "slow")
    words.keyboard.press("j")
    expect(words.locator(".wl-word.wl-bookmark")).to_have_text(["very", "slowbrown"])
    on(words, "very")
    words.keyboard.press("Delete")
    expect(words.locator(".wl-word.wl-bookmark")).to_have_text(["slowbrown"])
    expect(words.locator(SIGN)).to_have_count(1)


def test_two_readers_get_each_other_s_bookmarks(
    page: Page, browser: Browser, server: str, speech: Path
) -> None:
    transcribe(page, speech)
    other = browser.new_context().new_page()
    open_page(other, server)
    other.goto(page.url)
    other.wait_for_function("window.wordlight?.store.doc.meta", timeout=PATIENCE)
    page.locator(".wl-word").nth(1).focus()
    page.keyboard.press("Shift+B")
    page.keyboard.type("mine")
    page.keyboard.press("Enter")
    other.locator(".wl-word").nth(1).focus()
    other.keyboard.press("e")
    other.keyboard.type("Corrected")
    other.keyboard.press("Enter")
    other.locator(".wl-word").nth(3).focus()
    other.keyboard.press("b")
    for each in (page, other, page):
        each.evaluate(SAVE)
    page.wait_for_function("!wordlight.store.unkept().length", timeout=PATIENCE)
    last = page.locator(".wl-word").nth(3).text_content()
    for each in (other, page):
        each.reload()
        expect(each.locator(".wl-word.wl-bookmark")).to_have_text(["Corrected", str(last)], timeout=PATIENCE)
        assert [note for _, note in each.evaluate(PASSAGES)] == ["mine", ""]
    other.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_mark_is_more_than_a_colour_and_axe_finds_nothing(
    browser: Browser, server: str, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    open_page(page, server)
    made = speech_of(100, texts=tuple(f"word{number}" for number in range(100)))  # in no loop
    first = replace(made[0], words=tuple(replace(word, bookmark="ask Anna") for word in made[0].words))
    receive(page, message([first, *made[1:]]))
    settled(page)
    expect(page.locator(SIGN)).to_have_text("ask Anna")
    for band in ("sure", "likely", "doubtful", "unsure"):
        pair = [f".wl-{band}.wl-bookmark", f".wl-{band}.wl-word:not(.wl-bookmark)"]
        for name in ("borderTopWidth", "backgroundColor"):
            assert page.evaluate(DIFFER, [*pair, name]), (band, name)
        for name in ("color", "textDecorationLine", "textDecorationStyle"):  # what the band says stays
            assert not page.evaluate(DIFFER, [*pair, name]), (band, name)
    page.locator(".wl-bookmarks-toggle").click()
    assert violations(page) == []
    page.locator(SIGN).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Note at the bookmark")).to_be_focused()
    assert violations(page) == []
    page.close(run_before_unload=False)


def test_the_slider_has_a_triangle_at_each_bookmark(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    outline = page.locator(".wl-mark-bookmarks")
    expect(outline).to_have_attribute("d", "")
    page.locator(".wl-word").nth(2).focus()
    page.keyboard.press("b")
    expect(outline).to_have_attribute("d", page.evaluate(TRIANGLE, 2))


def test_a_finger_marks_notes_and_finds_a_bookmark(phone: Callable[..., Page]) -> None:
    page = phone()
    receive(page, message(LINES))
    page.locator(".wl-word", has_text="fox").tap()
    page.get_by_role("button", name="More tools").tap()
    page.get_by_role("button", name="Bookmark the word or the selection").tap()
    expect(page.locator(".wl-word.wl-bookmark")).to_have_text("fox")
    page.locator(SIGN).tap()
    page.keyboard.type("ask Anna")
    page.keyboard.press("Enter")
    toggle = page.get_by_role("button", name="1 bookmark")
    assert toggle.evaluate("node => node.offsetWidth < 80")  # the number alone
    toggle.tap()
    row = page.get_by_role("listitem").filter(has_text="ask Anna")
    expect(row).to_be_visible()
    small = page.locator(".wl-bookmarks button, .wl-bookmarks-toggle").evaluate_all(
        """nodes => nodes.map((node) => node.getBoundingClientRect())
          .filter(({ width, height }) => width < 43.5 || height < 43.5).length"""
    )
    assert small == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_long_passage_and_note_stay_within_a_phone(phone: Callable[..., Page]) -> None:
    page = phone("de-DE")
    made = speech_of(200)
    noted = [
        replace(each, words=tuple(replace(word, bookmark="x" * 400) for word in each.words)) for each in made
    ]
    receive(page, message(noted))
    settled(page)
    page.locator(".wl-bookmarks-toggle").tap()
    expect(page.locator(".wl-bookmark-row")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_notes_are_printed_with_their_passages(words: Page) -> None:
    select(words, "quick", 1)
    words.keyboard.press("Shift+B")
    words.keyboard.type("ask Anna")
    words.keyboard.press("Enter")
    words.locator(".wl-bookmarks-toggle").click()
    on(words, "dog.")
    words.keyboard.press("b")
    words.emulate_media(media="print")
    signs = words.locator(SIGN)
    expect(signs.first).to_be_visible()
    expect(signs.last).to_be_hidden()  # without a note, the line above the words is all
    expect(words.locator(".wl-bookmarks")).to_be_hidden()
    line = "node => getComputedStyle(node).borderTopWidth"
    assert words.locator(".wl-word.wl-bookmark").first.evaluate(line) == "2px"
