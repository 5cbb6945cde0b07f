"""Error cards and notes: which file they are about, when they go, and what stays where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.chromium import PATIENCE, choose, choose_many, finished, run_of, transcribe

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

FACTS = "document.querySelector('.wl-facts').getBoundingClientRect().top + scrollY"


@pytest.fixture
def shopping(tmp_path: Path) -> Path:
    path = tmp_path / "shopping.txt"
    path.write_text("milk, bread, a very small lamp\n" * 20)
    return path


def test_an_error_names_its_file_and_goes_when_another_arrives(
    page: Page, speech: Path, shopping: Path
) -> None:
    page.locator("#start").click()
    card = page.locator(".wl-status.wl-is-failed")
    expect(card).to_contain_text("nothing to transcribe", timeout=PATIENCE)
    choose(page, speech)
    expect(card).to_have_count(0)
    page.locator("#start").click()
    finished(page)
    expect(page.locator(".wl-name")).to_have_text(speech.name)

    choose(page, shopping)
    page.locator("#start").click()
    expect(card.locator(".wl-status-name")).to_have_text(shopping.name, timeout=PATIENCE)
    # What is below belongs to another file, and says so.
    expect(page.locator(".wl-name")).to_have_text(f"Still shown: {speech.name}")
    choose(page, speech)
    expect(page.locator(".wl-status")).to_be_hidden()
    expect(page.locator(".wl-name")).to_have_text(speech.name)
    # The same error comes back when it is made again.
    choose(page, shopping)
    page.locator("#start").click()
    expect(card.locator(".wl-status-name")).to_have_text(shopping.name, timeout=PATIENCE)


def test_a_failed_file_among_the_recent_ones_says_why_it_failed(
    page: Page, server: str, shopping: Path
) -> None:
    choose(page, shopping)
    page.locator("#start").click()
    card = page.locator(".wl-status.wl-is-failed")
    expect(card).to_be_visible(timeout=PATIENCE)
    said = card.locator(".wl-status-text").text_content()
    assert said
    page.goto("about:blank")
    page.goto(server)
    page.locator(".wl-recent-box summary").click()
    item = page.locator(".wl-recent-item")
    expect(item.locator(".wl-recent-facts")).to_contain_text("failed")
    expect(item.get_by_role("button", name="Rename")).to_have_count(0)  # there is no transcript
    expect(card).to_have_count(0)
    item.get_by_role("button", name=shopping.name, exact=True).click()
    expect(card.locator(".wl-status-name")).to_have_text(shopping.name, timeout=PATIENCE)
    expect(card.locator(".wl-status-text")).to_have_text(said)
    item.get_by_role("button", name="Delete").click()
    expect(item).to_have_count(0, timeout=PATIENCE)


def test_facts_stand_above_the_words_after_a_batch_too(page: Page, speech: Path, shopping: Path) -> None:
    transcribe(page, speech)
    place, words = page.evaluate(FACTS), page.locator(".wl-page").bounding_box()
    before = run_of(page)
    choose_many(page, [shopping, speech])
    page.locator("#start").click()
    finished(page, before)
    note = page.locator(".wl-status.wl-is-note")
    expect(note).to_contain_text("1 transcribed, 1 not", timeout=PATIENCE)
    queue = page.locator("#queue").bounding_box()
    assert words and queue
    facts = page.locator(".wl-facts").bounding_box()
    shown = page.locator(".wl-page").bounding_box()
    assert facts and shown and queue["y"] + queue["height"] <= facts["y"] < shown["y"]
    assert place < words["y"]
    opening = page.locator(".wl-queue-item").nth(1).get_by_role("button")
    expect(opening).to_have_text("Open")
    expect(opening).to_have_accessible_name(f"Open: {speech.name}")
    assert note.locator("p:visible").count() == 1  # no empty line


def test_while_an_example_is_the_source_no_file_is_named_as_if_it_were(page: Page, speech: Path) -> None:
    choose(page, speech)
    page.locator("#example-es").click()
    expect(page.locator("#file a[href]")).to_have_count(0, timeout=PATIENCE)
    finished(page)


def test_without_words_there_is_nothing_to_correct_or_to_click(page: Page) -> None:
    page.evaluate("wordlight.events.emit('note', { state: 'working', key: 'stage_reading' })")
    page.evaluate(
        "wordlight.store.receive({ media: null, message: JSON.stringify({ run: 'r', from: 0, segments: [] }) })"
    )
    expect(page.locator(".wl-tools")).to_be_hidden()
    expect(page.locator(".wl-about")).to_be_empty()


def test_what_is_missing_follows_the_corrections_over_a_reload(page: Page, talk_file: Path) -> None:
    transcribe(page, talk_file)
    gone = "{ at: 0, count: wordlight.store.doc.segments.length - 1, inserted: [], focus: -1 }"  # most words
    page.evaluate(f"wordlight.store.edit({gone})")
    lead = page.locator(".wl-fact-again dd")
    expect(lead).to_have_count(1)
    told = lead.inner_text()
    page.evaluate("wordlight.autosave.flush()")
    page.reload()
    expect(lead).to_have_text(told, timeout=PATIENCE)
    token = "(await wordlight.server.ask('recall', { token: wordlight.store.doc.run }))"
    kept = page.evaluate(f"async () => {token}.message.meta.transcript.coverage")
    assert told.split()[0] == str(len(kept)) and {entry["kind"] for entry in kept} >= {"speech_without_words"}
