"""The list of subtitles beside the picture: what it shows, and what the reader changes there."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.support.chromium import PATIENCE, download, receive
from tests.support.page_messages import LINES, TALK, message, spoken, talk_message
from tests.support.subtitle_readers import read_srt

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from engine import Segment

pytestmark = pytest.mark.browser

TEXTS = ["The quick brown fox jumps.", "Over the lazy dog.", "Good night."]


@pytest.fixture
def cues(page: Page) -> Locator:
    """The rows of the list, for three sentences."""
    return shown(page, message(LINES))


def shown(page: Page, made: dict[str, Any]) -> Locator:
    receive(page, made)
    page.get_by_role("tab", name="Captions").click()
    rows = page.locator(".wl-cue")
    expect(rows.first).to_be_visible(timeout=PATIENCE)
    return rows


def texts_are(rows: Locator, texts: list[str]) -> None:
    expect(rows.locator(".wl-cue-text")).to_have_text(texts, timeout=PATIENCE)


def test_each_subtitle_is_a_row_with_its_times_and_its_speed(page: Page, cues: Locator) -> None:
    texts_are(cues, TEXTS)
    expect(cues.first.locator(".wl-cue-time")).to_have_text(re.compile(r"^0:00\.00 – 0:02\.\d\d$"))
    expect(cues.first.locator(".wl-cue-speed")).to_have_text(re.compile(r"^\d+\.\d characters a second$"))
    expect(page.locator(".wl-lint summary")).to_have_text("Fit to publish: nothing to mend")


def test_a_subtitle_is_split_before_the_chosen_word_and_joined_again(page: Page, cues: Locator) -> None:
    cues.first.locator(".wl-cue-time").click()
    page.locator(".wl-cue-word", has_text="fox").click()
    page.get_by_role("button", name="Split").click()
    texts_are(cues, ["The quick brown", "fox jumps.", *TEXTS[1:]])
    assert [cue.text for cue in read_srt(download(page, "srt")[1])] == [
        "The quick brown",
        "fox jumps.",
        *TEXTS[1:],
    ]
    page.get_by_role("button", name="Join with the next").click()
    texts_are(cues, TEXTS)
    page.evaluate("wordlight.store.undo(); wordlight.store.undo()")
    texts_are(cues, TEXTS)
    expect(page.get_by_role("button", name="Cut automatically again")).to_be_hidden()


def test_an_edge_is_dragged_and_moved_with_keys(page: Page, cues: Locator) -> None:
    cues.nth(1).locator(".wl-cue-time").click()
    handle = page.get_by_role("slider", name="End of the subtitle")
    before = float(handle.get_attribute("aria-valuenow") or 0)
    box = handle.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 30, box["y"] + 10, steps=4)
    page.mouse.up()
    expect(cues.nth(1).locator(".wl-cue-time")).not_to_have_text(
        re.compile(rf"– 0:0{before:.2f}$"), timeout=PATIENCE
    )
    dragged = page.evaluate(
        "wordlight.store.doc.words.filter((word) => word.cue_end).map((word) => word.cue_end)"
    )
    assert len(dragged) == 1 and dragged[0] > before + 0.1
    handle.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        f"Math.abs(wordlight.store.doc.words.find((word) => word.cue_end).cue_end - {dragged[0]} + 0.08) < 0.002",
        timeout=PATIENCE,
    )
    expect(page.get_by_role("slider", name="End of the subtitle")).to_be_focused(timeout=PATIENCE)
    last = [cue.end for cue in read_srt(download(page, "srt")[1])][1]
    assert last == round(1000 * (dragged[0] - 0.08))


def hurried(text: str, start: float, number: int) -> Segment:
    """A segment of ten words a second."""
    made = spoken(text, start, number)
    words = tuple(
        replace(word, start=round(start + 0.1 * n, 3), end=round(start + 0.1 * (n + 1), 3))
        for n, word in enumerate(made.words)
    )
    return replace(made, words=words, end=words[-1].end)


def test_a_finding_leads_to_its_subtitle(page: Page) -> None:
    hasty = "Somebody says unbelievably incomprehensible things."
    rows = shown(page, message([LINES[0], hurried(hasty, 20.0, 1)]))
    summary = page.locator(".wl-lint summary")
    expect(rows.nth(1).locator(".wl-cue-speed")).to_have_class(re.compile("wl-is-fast"))
    expect(summary).to_have_text(
        re.compile("^Too fast, short or close, with no time around: [1-9]$")
    )  # the recording ends with it
    summary.click()
    page.locator(".wl-lint-go").first.click()
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    expect(rows.nth(1).locator(".wl-cue-time")).to_be_focused()


def test_a_preset_sets_the_fields_and_the_list_follows(page: Page, cues: Locator) -> None:
    page.locator(".wl-limits summary").click()
    page.locator("select[name=preset]").select_option("youtube")
    expect(page.locator("input[name=max_width]")).to_have_value("32")
    page.locator("select[name=preset]").select_option("word")
    expect(cues).to_have_count(11, timeout=PATIENCE)


def test_a_voice_without_a_name_is_called_as_in_the_transcript(page: Page) -> None:
    rows = shown(page, talk_message(TALK))
    expect(rows.first.locator(".wl-cue-text")).to_have_text(re.compile("^Speaker 1: Good morning"))
    texts = [cue.text for cue in read_srt(download(page, "srt")[1])]
    assert texts[0].startswith("Speaker 1: ") and not any("SPEAKER" in text for text in texts)
    assert "SPEAKER_00" in download(page, "rttm")[1]
