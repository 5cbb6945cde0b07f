"""What the browser has in common with Python: the fields of a word, and the limits of subtitles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from engine import Segment, Transcript
from engine.text.json_fields import json_field
from engine.transcript import Word
from page import messages
from page.constants import constants
from page.edited_transcript import parse_edited_transcript
from tests.support.chromium import receive

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@dataclass(frozen=True, slots=True)
class LoudWord(Word):
    """A word with one more field, of which no script knows."""

    loudness: float | None = json_field("number", digits=1, optional=True)


def test_a_word_keeps_its_fields_on_the_way_through_the_page(page: Page) -> None:
    words = (
        LoudWord("Loud", 0.0, 0.4, 0.91, "aligned", score=0.8, speaker="SPEAKER_00", loudness=-3.5),
        Word("fox", 0.5, 0.9, 0.4, "attention"),
    )
    segment = Segment(0, 0.0, 0.9, "Loud fox", "en", words, -0.2, 0.01, "SPEAKER_00", None, "phonetic")
    whole = Transcript("en", 0.9, 2.0, (segment,), "base", "phonetic")
    meta = messages.page_meta(whole, 1.0) | {"kept_until": 0, "snippets": None}
    receive(page, messages.transcript_message("r1", [segment], 0, done=True) | {"meta": meta})
    expect(page.locator(".wl-word")).to_have_count(2)
    sent = page.evaluate("wordlight.store.exported()")
    assert sent["segments"][0]["words"] == [word.to_dict() for word in words]
    back = parse_edited_transcript(sent)
    known = words[0].to_dict()
    del known["loudness"]
    assert [word.to_dict() for word in back.words] == [known, words[1].to_dict()]
    assert back.segments[0].to_dict().items() >= {"aligner": "phonetic", "speaker": "SPEAKER_00"}.items()


def test_the_fields_of_the_limits_are_the_server_s(page: Page) -> None:
    page.get_by_text("Length of subtitles").evaluate("node => (node.closest('details').open = true)")
    fields = page.locator(".wl-limits input[type=number]").evaluate_all(
        "nodes => nodes.map(({ name, value, min, max, step }) => ({ name, value, min, max, step }))"
    )
    assert [{name: str(value) for name, value in entry.items()} for entry in fields] == [
        {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in entry.items()}
        for entry in constants()["limits"]
    ]
