"""Several words at once: selected by keys or by the pointer, they are corrected or deleted in one step of undo."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.axe import violations
from tests.support.chromium import PATIENCE, on, receive, shown
from tests.support.page_messages import LINES, TEXT, message

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SELECTED = "String(getSelection())"


def starts(page: Page) -> list[float]:
    found = page.evaluate("wordlight.store.doc.words.map(({ start }) => start)")
    assert all(before <= after for before, after in pairwise(found))
    return list(found)


def drag(page: Page, first: str, last: str) -> None:
    """Draws the pointer over words, from the left of the first to the right of the last."""
    boxes = [page.locator(".wl-word", has_text=text).first.bounding_box() for text in (first, last)]
    (start, end) = boxes
    assert start and end
    page.mouse.move(start["x"] + 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] - 1, end["y"] + end["height"] / 2, steps=6)
    page.mouse.up()


@pytest.mark.parametrize("step", [3, 10, 40])  # pixels of one move
@pytest.mark.parametrize("inside", [0.15, 0.5, 0.85])  # place in the first word, as a share of its width
def test_the_mouse_selects_to_the_word_under_it(words: Page, inside: float, step: int) -> None:
    words.locator(".wl-word").first.evaluate("node => (node.textContent = 'I')")
    boxes = [words.locator(".wl-word").nth(at).bounding_box() for at in (0, 4)]
    start, end = boxes
    assert start and end
    row = start["y"] + start["height"] / 2
    at, goal = start["x"] + inside * start["width"], end["x"] + end["width"] - 1
    words.mouse.move(at, row)
    words.mouse.down()
    while at < goal:
        at = min(goal, at + step)
        words.mouse.move(at, row)
    words.mouse.up()
    assert len(words.evaluate(SELECTED).split()) == 5


@pytest.mark.parametrize("inside", [0.1, 0.9])
def test_shift_and_a_click_select_from_the_active_word(words: Page, inside: float) -> None:
    first, last = words.locator(".wl-word").nth(1), words.locator(".wl-word").nth(5)
    box = first.bounding_box()
    assert box
    first.click(position={"x": inside * box["width"], "y": box["height"] / 2})
    last.click(modifiers=["Shift"])
    texts = words.evaluate("wordlight.store.doc.words.slice(1, 6).map(({ text }) => text)")
    assert words.evaluate(SELECTED).split() == texts


def test_words_that_keys_select_are_corrected_together(words: Page) -> None:
    before = starts(words)
    on(words, "jumps.")
    words.keyboard.press("Shift+ArrowRight")
    words.keyboard.press("Shift+ArrowRight")
    words.keyboard.press("Shift+ArrowRight")
    words.keyboard.press("Shift+ArrowLeft")  # the last one is left out again
    assert words.evaluate(SELECTED).split() == ["jumps.", "Over", "the"]
    words.keyboard.press("e")
    field = words.locator(".wl-field")
    expect(field).to_have_value("jumps. Over the")
    expect(words.locator(".wl-word:visible")).to_have_count(8)
    words.keyboard.press("Escape")
    assert shown(words) == TEXT
    on(words, "jumps.")
    for _ in range(2):
        words.keyboard.press("Shift+ArrowRight")
    words.keyboard.press("e")
    words.keyboard.type("leaps over every")
    words.keyboard.press("Enter")
    # As many words as before keep their times, also over the border of a sentence.
    assert shown(words) == "The quick brown fox leaps over every lazy dog.\n\nGood night."
    assert starts(words) == before
    words.keyboard.press("Control+z")
    assert shown(words) == TEXT


def test_other_words_share_the_time_of_those_that_go(words: Page) -> None:
    drag(words, "quick", "fox")
    words.keyboard.press("e")
    words.keyboard.type("slow old fox that")
    words.keyboard.press("Enter")
    assert shown(words).startswith("The slow old fox that jumps.")
    assert starts(words)[1] == 0.5 and len(starts(words)) == 12
    words.keyboard.press("Control+z")
    assert shown(words) == TEXT


def test_selected_words_are_deleted_together_and_others_never(words: Page) -> None:
    drag(words, "brown", "Over")
    words.keyboard.press("Delete")
    assert shown(words) == "The quick the lazy dog.\n\nGood night."
    words.keyboard.press("Control+z")
    assert shown(words) == TEXT
    on(words, "quick")
    words.keyboard.press("Shift+ArrowRight")
    words.keyboard.press("ArrowRight")  # nothing is selected any more
    words.keyboard.press("Delete")
    assert shown(words) == "The quick brown jumps. Over the lazy dog.\n\nGood night."


def test_the_pencil_corrects_what_is_selected_and_a_name_is_offered(words: Page) -> None:
    drag(words, "lazy", "dog.")
    words.get_by_role("button", name="Correct this word", exact=True).click()
    words.keyboard.type("dog Rex.")
    words.keyboard.press("Enter")
    assert shown(words).startswith("The quick brown fox jumps. Over the dog Rex.")
    assert words.evaluate("wordlight.vocabulary.entries().map(({ text }) => text)") == ["Rex"]


def test_all_words_are_selected_without_the_page_around_them(words: Page) -> None:
    on(words, "fox")
    words.keyboard.press("Control+a")
    assert words.evaluate(SELECTED).split() == TEXT.split()


def test_a_click_on_a_paragraph_s_time_plays_it(words: Page) -> None:
    words.evaluate("() => (wordlight.player.playFrom = (time) => (window.heard = time))")
    words.locator(".wl-time").last.click()
    assert words.evaluate("window.heard") == 9
    expect(words.locator(".wl-word[tabindex='0']")).to_have_text("Good")


def test_selected_words_are_copied_and_downloaded_with_their_times(words: Page) -> None:
    words.context.grant_permissions(["clipboard-read", "clipboard-write"])
    drag(words, "brown", "Over")
    words.get_by_role("button", name="Copy or download the selection").click()
    dialog = words.get_by_role("dialog", name="Take these words with you")
    expect(dialog.locator(".wl-said")).to_have_text("brown fox jumps. Over")
    assert violations(words) == []
    copy = dialog.locator(".wl-primary")
    expect(copy).to_have_text("Copy with times and speakers")
    copy.click()
    expect(copy).to_have_text("Copied", timeout=PATIENCE)
    assert words.evaluate("navigator.clipboard.readText()") == "[0:01] brown fox jumps. Over\n"
    files = {}
    for name in ("Text", "SRT"):
        with words.expect_download(timeout=PATIENCE) as waiting:
            dialog.get_by_role("button", name=name, exact=True).click()
        files[name] = waiting.value.path().read_text("utf-8")
        assert waiting.value.suggested_filename.startswith("transcript 0.01–0.03.")
    assert files["Text"] == "brown fox jumps. Over\n"
    assert files["SRT"].startswith("1\n00:00:01,000 --> ") and "Over" in files["SRT"]
    assert "quick" not in files["SRT"] and "lazy" not in files["SRT"]
    words.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert shown(words) == TEXT


def test_without_a_selection_the_sentence_of_the_word_is_taken(words: Page) -> None:
    on(words, "lazy")
    words.keyboard.press("x")
    dialog = words.get_by_role("dialog", name="Take these words with you")
    expect(dialog.locator(".wl-said")).to_have_text("Over the lazy dog.")
    dialog.get_by_role("button", name="Close").click()
    expect(words.locator(".wl-word", has_text="lazy")).to_be_focused()


def test_while_a_recording_is_at_work_there_is_nothing_to_take(words: Page) -> None:
    receive(words, message(LINES, run="other", done=False))
    expect(words.locator(".wl-word")).to_have_count(11)
    on(words, "lazy")
    words.keyboard.press("x")
    expect(words.get_by_role("dialog")).to_have_count(0)
    tool = words.get_by_role("button", name="Copy or download", exact=False)
    expect(tool).to_be_disabled()
    receive(words, message(LINES, run="other"))
    expect(tool).to_be_enabled()
