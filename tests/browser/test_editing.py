"""Correcting words where they stand: what changes, what can be undone, and that every file follows."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import srt
import webvtt
from playwright.sync_api import expect

from engine import Transcript
from tests.support.chromium import (
    LEAVES,
    PATIENCE,
    choose,
    download,
    on,
    receive,
    shown,
    transcribe,
)
from tests.support.page_messages import LINES, TEXT, message, spoken

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


# An edit that the server does not have yet.
AGAIN = """wordlight.store.edit(
  { at: 0, count: 1, inserted: [wordlight.store.doc.segments[0]], focus: 0 }
)"""


def times(page: Page) -> list[tuple[float, float]]:
    """The words' times, having checked that they keep the contract."""
    found = page.evaluate("wordlight.store.doc.words.map(({ start, end }) => [start, end])")
    assert all(start <= end for start, end in found)
    assert all(before[0] <= after[0] for before, after in pairwise(found))
    return [(start, end) for start, end in found]


def test_a_double_click_corrects_a_word(words: Page) -> None:
    words.locator(".wl-word", has_text="brown").dblclick()
    words.keyboard.type("red")
    words.keyboard.press("Enter")
    assert shown(words) == TEXT.replace("brown", "red")
    assert times(words)[2] == (1.0, 1.4)
    expect(words.locator(".wl-word", has_text="red")).to_be_focused()


def test_escape_leaves_the_word_as_it_was(words: Page) -> None:
    on(words, "brown")
    words.keyboard.press("e")
    words.keyboard.type("red")
    words.keyboard.press("Escape")
    assert shown(words) == TEXT
    expect(words.locator(".wl-tool[aria-label^=Undo]")).to_be_disabled()


def test_a_space_splits_a_word_and_shares_its_time_by_letters(words: Page) -> None:
    on(words, "brown")
    words.keyboard.press("e")
    words.keyboard.type("dark red")
    words.keyboard.press("Enter")
    assert shown(words) == TEXT.replace("brown", "dark red")
    assert times(words)[2:4] == [
        (1.0, pytest.approx(1.229, abs=0.001)),
        (pytest.approx(1.229, abs=0.001), 1.4),
    ]
    expect(words.locator(".wl-interpolated").first).to_have_text("dark")


def test_an_inserted_word_takes_the_pause_after_its_neighbour(words: Page) -> None:
    on(words, "jumps.")
    words.keyboard.press("i")
    words.keyboard.type("High!")
    words.keyboard.press("Enter")
    assert shown(words) == TEXT.replace("jumps. ", "jumps. High! ")
    assert times(words)[5] == (2.4, 2.8)


def test_without_a_pause_it_takes_part_of_its_neighbour_s_time(words: Page) -> None:
    words.evaluate("wordlight.store.doc.words[1].end = wordlight.store.doc.words[2].start")
    on(words, "quick")
    words.keyboard.press("i")
    words.keyboard.type("dark")
    words.keyboard.press("Enter")
    quick, dark, brown = times(words)[1:4]
    assert quick[1] == dark[0] and dark[1] == brown[0] == 1.0


def test_join_delete_and_paragraphs(words: Page) -> None:
    on(words, "jumps.")
    words.keyboard.press("j")
    assert shown(words) == TEXT.replace("jumps. Over", "jumps.Over")
    assert times(words)[4] == (2.0, 3.4)
    on(words, "lazy")
    words.keyboard.press("Delete")
    assert shown(words) == TEXT.replace("jumps. Over", "jumps.Over").replace("lazy ", "")
    on(words, "dog.")
    words.keyboard.press("Shift+Enter")
    assert shown(words) == "The quick brown fox jumps.Over the\n\ndog.\n\nGood night."
    on(words, "night.")
    words.keyboard.press("Shift+Backspace")
    assert shown(words) == "The quick brown fox jumps.Over the\n\ndog. Good night."


def test_everything_can_be_undone_and_done_again(words: Page) -> None:
    before = times(words)
    on(words, "fox")
    for key in ("Delete", "j", "Shift+Enter", "Shift+Backspace", "Delete"):
        words.keyboard.press(key)
    after, later = shown(words), times(words)
    for _ in range(5):
        words.keyboard.press("Control+z")
    assert (shown(words), times(words)) == (TEXT, before)
    for _ in range(5):
        words.keyboard.press("Control+Shift+Z")
    assert (shown(words), times(words)) == (after, later)


def test_undo_works_wherever_the_focus_is_but_in_text_fields(words: Page) -> None:
    for _ in range(11):
        words.locator(".wl-word").first.focus()
        words.keyboard.press("Delete")
    expect(words.locator(".wl-page")).to_be_focused()
    for _ in range(11):
        words.keyboard.press("Control+z")
    assert shown(words) == TEXT

    on(words, "fox")
    words.keyboard.press("Delete")
    words.locator("#title").click()  # the focus is nowhere
    words.keyboard.press("Control+z")
    assert shown(words) == TEXT
    words.get_by_role("tab", name="Words").click()
    words.keyboard.press("Control+Shift+Z")
    assert "fox" not in shown(words)
    field = words.get_by_label("Search the words")
    field.fill("lamp")
    words.keyboard.press("Control+z")
    assert "fox" not in shown(words)
    expect(field).to_have_value("")


def test_words_that_stream_in_meanwhile_survive_an_undo(words: Page) -> None:
    on(words, "fox")
    words.keyboard.press("Delete")
    receive(words, message([*LINES, spoken("Sleep well.", 12.0, 3)], 3, done=False))
    expect(words.locator(".wl-word")).to_have_count(12)
    words.keyboard.press("Control+z")
    assert shown(words).endswith("Good night.\n\nSleep well.") and "fox" in shown(words)


def test_a_paragraph_s_only_words_can_go(words: Page) -> None:
    for text in ("Good", "night."):
        on(words, text)
        words.keyboard.press("Delete")
    assert shown(words) == TEXT.split("\n")[0]
    words.locator(".wl-tool[aria-label^=Undo]").click()
    words.locator(".wl-tool[aria-label^=Undo]").click()
    assert shown(words) == TEXT


def test_every_file_follows_the_edit_and_its_undoing(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    fox = page.locator(".wl-word", has_text="fox")
    fox.dblclick()
    page.keyboard.type("red lamp")
    page.keyboard.press("Enter")
    word = page.locator(".wl-word").last
    word.focus()
    page.keyboard.press("i")
    page.keyboard.type("Amen.")
    page.keyboard.press("Enter")
    on_page = " ".join(page.locator(".wl-word").all_text_contents())
    assert "red lamp" in on_page and on_page.endswith("Amen.")

    name, text = download(page, "json")
    assert name == f"{speech.stem}.json"
    transcript = Transcript.from_dict(json.loads(text))
    assert " ".join(word.word for word in transcript.words) == on_page
    assert json.loads(text)["text"].split() == on_page.split()
    for before, after in pairwise(transcript.words):
        assert 0 <= before.start <= before.end <= transcript.duration and before.start <= after.start
    cues = list(srt.parse(download(page, "srt")[1]))
    assert " ".join(cue.content.replace("\n", " ") for cue in cues) == on_page
    assert all(cue.start < cue.end for cue in cues)
    captions = webvtt.from_string(download(page, "vtt")[1])
    assert " ".join(cue.raw_text.replace("\n", " ") for cue in captions) == on_page

    page.locator(".wl-word").last.focus()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert "red lamp" not in download(page, "txt")[1] and "Amen." not in download(page, "txt")[1]


def test_the_summary_names_the_recording_and_counts_the_words_as_they_stand(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    expect(page.locator(".wl-name")).to_have_text(speech.name)
    count = page.locator(".wl-word").count()
    doubts = page.locator(".wl-doubtful.wl-word, .wl-unsure.wl-word").count()
    page.evaluate(
        """() => {
             const [first, ...words] = wordlight.store.doc.segments[0].words;
             const doubtful = words.map((word) => ({ ...word, band: "doubtful" }));
             const inserted = [{ ...wordlight.store.doc.segments[0], words: doubtful }];
             wordlight.store.edit({ at: 0, count: 1, inserted, focus: 0 });
           }"""
    )
    expect(page.locator(".wl-fact-words dd")).to_have_text(str(count - 1))
    expect(page.locator(".wl-fact-doubtful dd")).to_have_text(f"{count - 1} to check")
    page.locator(".wl-word").first.dblclick()
    page.keyboard.type("Sure")
    page.keyboard.press("Enter")
    expect(page.locator(".wl-fact-doubtful dd")).to_have_text(f"{count - 2} of {count - 1} to check")
    for _ in range(2):
        page.locator(".wl-tool[aria-label^=Undo]").click()
    expect(page.locator(".wl-fact-words dd")).to_have_text(str(count))
    expect(page.locator(".wl-fact-doubtful dd")).to_have_text([f"{doubts} to check"] if doubts else [])


def test_nothing_typed_is_lost_without_a_warning(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    page.locator(".wl-word").first.dblclick()
    page.keyboard.type("My")
    page.keyboard.press("Enter")
    choose(page, speech)
    run = page.evaluate("wordlight.store.doc.run")
    page.locator("#start").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Your corrections are saved: the link to this transcript shows them until")
    page.wait_for_function("!wordlight.store.unkept().length", timeout=PATIENCE)  # and so they are, at once
    page.get_by_role("button", name="Stay here").click()
    page.context.set_offline(True)
    page.evaluate(AGAIN)
    page.locator("#start").click()
    expect(dialog).to_contain_text("have not reached the server", timeout=PATIENCE)
    page.get_by_role("button", name="Stay here").click()
    page.context.set_offline(False)
    page.wait_for_timeout(500)
    assert page.evaluate("wordlight.store.doc.run") == run
    expect(page.locator(".wl-word").first).to_have_text("My")
    assert page.evaluate(f"({AGAIN}, {LEAVES})") is False

    page.locator("#start").click()
    page.get_by_role("button", name="Start the new one").click()
    page.wait_for_function(
        "run => wordlight.store.doc.run !== run && wordlight.store.doc.meta", arg=run, timeout=PATIENCE
    )
    expect(page.locator(".wl-word").first).not_to_have_text("My")
    assert page.evaluate(LEAVES)


def test_a_reload_and_the_link_show_the_corrections(
    browser: Browser, server: str, page: Page, speech: Path
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    transcribe(page, speech)
    on(page, "quick")
    page.keyboard.press("Shift+Enter")
    page.locator(".wl-word").first.dblclick()
    page.keyboard.type("My")
    page.keyboard.press("Enter")
    after = shown(page)
    assert after.startswith("My\n\n") or after.startswith("My \n\n")
    page.locator("#copy-link").click()
    expect(page.locator("#copy-link")).to_have_text("Copied", timeout=PATIENCE)
    page.wait_for_function(LEAVES, timeout=PATIENCE)  # its times may follow a moment later

    other = browser.new_page()
    other.goto(page.evaluate("navigator.clipboard.readText()"))
    expect(other.locator(".wl-word").first).to_have_text("My", timeout=PATIENCE)

    download(page, "txt")
    page.locator(".wl-word").last.dblclick()
    page.keyboard.type("lamp.")
    page.keyboard.press("Enter")
    after = shown(page)
    page.wait_for_function(LEAVES, timeout=PATIENCE)
    other.evaluate("window.dispatchEvent(new Event('focus'))")  # its reader comes back to it
    expect(other.locator(".wl-word").last).to_have_text("lamp.", timeout=PATIENCE)
    other.close()
    page.reload()
    expect(page.locator(".wl-word").last).to_have_text("lamp.", timeout=PATIENCE)
    assert shown(page) == after
    edited = page.locator(".wl-edited")
    expect(edited).to_have_text(["My", "lamp."])
