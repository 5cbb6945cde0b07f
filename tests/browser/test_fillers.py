"""Fillers, words said again and unclear speech: marked in the words, hidden by one switch, and so in files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from engine import Segment, Transcript, Word
from engine.diarization.speakers import Speaker
from engine.export.cue_limits import CueLimits
from engine.export.writers import write
from engine.text.segments import make_segment
from engine.transcript import Mismatch
from page import messages
from tests.support.axe import violations
from tests.support.chromium import download, open_page, receive, settled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

SPOKEN = [
    ("en", "Um, well, I, I uh think so.", 0.0),
    ("en", "We left", 4.0),
    ("en", "at noon, uh.", 9.0),
    ("en", "Um.", 12.0),
    ("de", "Ähm, wir, wir kommen.", 15.0),
    ("fr", "Euh, je je ne sais pas.", 18.0),
    ("es", "¿Em, el el tren llega?", 22.0),
    ("ja", "えっと、 今日は、 晴れ。", 26.0),
    ("zh", "呃， 我 我 来。", 29.0),
]
GAP = Mismatch("speech_without_words", 5.2, 8.0)
WHOLE_AT = 35.0


def _segment(language: str, text: str, start: float, number: int) -> Segment:
    words = [
        Word(word, start + 0.5 * at, start + 0.5 * at + 0.4, 0.9, "aligned")
        for at, word in enumerate(text.split())
    ]
    return make_segment(words, number, language, -0.1, 0.0)


def _whole() -> Transcript:
    segments = tuple(_segment(*each, number) for number, each in enumerate(SPOKEN))
    return Transcript("en", 0.9, WHOLE_AT, segments, "base", "phonetic", (GAP,))


def _message(whole: Transcript) -> dict[str, Any]:
    meta = messages.page_meta(whole, 1.0) | {"kept_until": 0, "snippets": None}
    return messages.transcript_message("r1", whole.segments, 0, done=True) | {"meta": meta}


@pytest.fixture
def talk(page: Page) -> Iterator[Page]:
    receive(page, _message(_whole()))
    settled(page)
    yield page
    page.evaluate("wordlight.fillers.show(true); wordlight.store.discardEdits()")


def switch(page: Page) -> Locator:
    return page.get_by_role("checkbox", name="Show fillers")


def shown(page: Page) -> str:
    """The words in sight, as a person would copy them."""
    return page.evaluate(
        "[...document.querySelectorAll('.wl-paragraph')].map((node) => node.innerText.trim())"
        ".filter(Boolean).join('\\n').replace(/ +/g, ' ')"
    )


def file_text(page: Page, format: str) -> str:
    return download(page, format)[1]


def test_fillers_are_marked_not_by_colour_alone(talk: Page) -> None:
    marked = talk.locator(".wl-word.wl-filler")
    expect(marked.first).to_have_text("Um,")
    assert marked.first.get_attribute("title") == "Filler"
    assert talk.locator(".wl-word", has_text="I,").first.get_attribute("title") == "Said again at once"
    style = marked.first.evaluate("node => getComputedStyle(node).fontStyle")
    plain = talk.locator(".wl-word", has_text="think").evaluate("node => getComputedStyle(node).fontStyle")
    assert style != plain == "normal"
    marked.first.hover()
    expect(talk.locator(".wl-about")).to_contain_text("Filler")
    assert violations(talk) == []


def test_one_switch_hides_them_and_what_is_left_is_the_file(talk: Page) -> None:
    whole = _whole()
    before = shown(talk)
    assert "Um, well, I, I uh think so." in before and "[unclear]" in before
    assert file_text(talk, "txt") == write(whole, "txt")
    switch(talk).uncheck()
    clean = shown(talk)
    assert "Well, I think so." in clean
    assert "unclear" not in clean and "Ähm" not in clean
    told = write(whole, "txt", CueLimits(fillers="drop"))
    assert file_text(talk, "txt") == told
    # In the languages with spaces the page shows what the file has; a test's words of the others are set apart.
    for line in (
        "Well, I think so. We left",
        "at noon.",
        "Wir kommen.",
        "Je ne sais pas.",
        "¿El tren llega?",
    ):
        assert line in told and line in clean
    assert "今日は、晴れ。" in told.replace("\n", "") and "えっと" not in clean and "呃" not in clean
    assert "Um" not in file_text(talk, "srt")
    assert '"disfluency": "filler"' in file_text(talk, "json")
    switch(talk).check()
    assert shown(talk) == before


def test_the_choice_is_one_with_that_of_the_files_and_is_remembered(talk: Page) -> None:
    talk.get_by_label("Fillers and repeats").select_option("drop")
    expect(switch(talk)).not_to_be_checked()
    assert talk.evaluate("localStorage.wordlight_fillers") == "hidden"
    talk.get_by_label("Speech without words").select_option("on")
    made = file_text(talk, "srt")
    assert "[unclear]" in made and "Um" not in made
    switch(talk).check()
    expect(talk.get_by_label("Fillers and repeats")).to_have_value("keep")
    talk.get_by_label("Speech without words").select_option("off")


def test_keys_review_and_edits_pass_over_what_is_hidden(talk: Page) -> None:
    switch(talk).uncheck()
    talk.locator(".wl-word", has_text="Well,").focus()
    talk.keyboard.press("ArrowRight")
    expect(talk.locator(".wl-word:focus")).to_have_text("I")
    talk.keyboard.press("ArrowRight")
    expect(talk.locator(".wl-word:focus")).to_have_text("think")
    talk.keyboard.press("Delete")
    assert "Well, I so." in shown(talk)
    talk.keyboard.press("Control+z")
    assert "Well, I think so." in shown(talk)
    switch(talk).check()
    assert "Um, well, I, I uh think so." in shown(talk), "undo has brought back every word"


def test_a_word_that_is_no_longer_said_twice_is_no_longer_hidden(talk: Page) -> None:
    again = talk.locator(".wl-word", has_text="I").nth(1)
    again.focus()
    talk.keyboard.press("Delete")
    switch(talk).uncheck()
    assert "I, think so." in shown(talk)
    talk.evaluate("wordlight.store.undo()")
    assert "Well, I think so." in shown(talk)


def test_a_typed_filler_is_one(talk: Page) -> None:
    talk.locator(".wl-word", has_text="noon,").dblclick()
    talk.keyboard.insert_text("noon um,")
    talk.keyboard.press("Enter")
    expect(talk.locator(".wl-word.wl-filler.wl-edited")).to_have_text("um,")
    talk.evaluate("wordlight.store.undo()")


def test_unclear_speech_is_heard_and_written_down(talk: Page) -> None:
    mark = talk.get_by_role("button", name="Unclear speech")
    expect(mark).to_have_text("[unclear]")
    played = "wordlight.player.playSpan = (span) => (window.span = span)"
    talk.evaluate(played)
    mark.click()
    heard = talk.evaluate("window.span")
    assert heard["start"] < GAP.start < GAP.end < heard["end"]
    field = talk.get_by_role("textbox", name="Words that you hear")
    expect(field).to_be_focused()
    talk.keyboard.press("Escape")
    expect(mark).to_be_focused()
    talk.keyboard.press("Enter")
    talk.keyboard.insert_text("the house")
    talk.keyboard.press("Enter")
    expect(mark).to_have_count(0)
    typed = talk.evaluate("wordlight.store.doc.words.filter(({ edited }) => edited)")
    assert [word["text"] for word in typed] == ["the", "house"]
    assert GAP.start <= typed[0]["start"] and typed[-1]["end"] <= GAP.end
    talk.evaluate("wordlight.store.undo()")
    expect(mark).to_have_count(1)


def test_tab_leads_to_one_of_many_marks(page: Page) -> None:
    gaps = tuple(Mismatch("speech_without_words", at, at + 1.5) for at in (5.2, 7.0, 13.0))
    receive(page, _message(replace(_whole(), coverage=gaps)))
    marks = page.locator(".wl-unclear button")
    expect(marks).to_have_count(len(gaps))
    stops = [mark.evaluate("node => node.tabIndex") for mark in marks.all()]
    assert stops == [0, -1, -1]
    page.locator(".wl-word", has_text="Um.").click()
    page.keyboard.press("Tab")
    expect(marks.last).to_be_focused()


def test_the_switch_is_there_only_if_there_is_something_to_hide(page: Page) -> None:
    plain = replace(_whole(), segments=(_segment("en", "We left.", 4.0, 0),), coverage=())
    receive(page, _message(plain) | {"run": "r2"})
    settled(page)
    expect(switch(page)).to_be_hidden()


def test_a_phone_has_room_for_it(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    open_page(page, server)
    receive(page, _message(_whole()))
    settled(page)
    box = switch(page).bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    switch(page).tap()
    assert "Um" not in shown(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_speech_of_which_no_word_was_made_out_is_marked_and_can_be_written_down(page: Page) -> None:
    receive(page, _message(replace(_whole(), segments=())))
    mark = page.get_by_role("button", name="Unclear speech")
    expect(mark).to_have_text("[unclear]")
    expect(page.locator(".wl-time")).to_have_text("0:05")
    mark.click()
    page.keyboard.insert_text("the house")
    page.keyboard.press("Enter")
    expect(page.locator(".wl-word")).to_have_text(["the", "house"])
    expect(mark).to_have_count(0)
    assert file_text(page, "txt").strip() == "the house"
    page.evaluate("wordlight.store.undo()")
    expect(mark).to_be_visible()
    expect(page.locator(".wl-word")).to_have_count(0)
    page.evaluate("wordlight.store.discardEdits()")


@pytest.mark.parametrize("locale", ["en-US", "de-DE", "fr-FR", "es-ES", "ja-JP"])
def test_a_phone_has_the_whole_help_beside_speakers_and_the_switch(
    browser: Browser, server: str, locale: str
) -> None:
    page = browser.new_page(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale=locale
    )
    open_page(page, server)
    whole = _whole()
    spoken = tuple(
        replace(segment, speaker=label, words=tuple(replace(word, speaker=label) for word in segment.words))
        for segment, label in zip(whole.segments, "ABABABABA", strict=True)
    )
    made = _message(replace(whole, segments=spoken))
    made["meta"]["transcript"]["speakers"] = [Speaker(label, label).to_dict() for label in "AB"]
    receive(page, made)
    settled(page)
    expect(page.locator(".wl-fillers")).to_be_visible()
    expect(page.locator(".wl-voices-toggle")).to_be_visible()
    assert page.locator(".wl-about").evaluate("node => node.scrollHeight <= node.clientHeight + 1")
    page.close()
