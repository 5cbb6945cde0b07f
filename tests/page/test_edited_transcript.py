"""Transcripts as a browser sends them back: edited, damaged or hostile."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Transcript
from engine.errors import InvalidOption
from engine.text.bookmarks import LONGEST_NOTE
from page import messages
from page.edited_transcript import parse_edited_transcript
from tests.support.transcripts import sentence, transcript, transcripts


def document(made: Transcript) -> dict[str, Any]:
    """The document as assets/shared/document.js exports it."""
    segments = [{**segment.to_dict(), "paragraph": segment.paragraph} for segment in made.segments]
    return json.loads(
        json.dumps({"transcript": messages.page_meta(made, 1.0)["transcript"], "segments": segments})
    )


@given(transcripts())
def test_what_is_not_edited_comes_back_as_it_was(made: Transcript) -> None:
    back = parse_edited_transcript(document(made))
    assert [word.to_dict() for word in back.words] == [word.to_dict() for word in made.words]
    assert (back.text, back.duration, back.coverage) == (made.text, made.duration, made.coverage)


@given(transcripts(), st.data())
def test_whatever_times_are_sent_the_contract_holds(made: Transcript, data: st.DataObject) -> None:
    sent = document(made)
    for segment in sent["segments"]:
        for word in segment["words"]:
            word["start"], word["end"] = (data.draw(st.floats(-10, 1e6)) for _ in "se")
    words = parse_edited_transcript(sent).words
    assert all(0 <= word.start <= word.end <= made.duration for word in words)
    assert all(before.start <= after.start for before, after in pairwise(words))


def test_text_times_and_numbers_of_segments_follow_from_their_words() -> None:
    sent = document(transcript(sentence("Hello world."), sentence("Good night.", 2.0, id=1)))
    sent["segments"][0]["words"] = [{**sent["segments"][0]["words"][0], "word": " Hallo "}]
    sent["segments"].insert(0, {**sent["segments"][1], "words": []})
    back = parse_edited_transcript(sent)
    assert [(s.id, s.text, s.start, s.end) for s in back.segments] == [
        (0, "Hallo", 0.0, 0.4),
        (1, "Good night.", 2.0, 2.8),
    ]


def test_bookmarks_are_kept_and_a_note_that_is_too_long_is_cut() -> None:
    sent = document(transcript(sentence("Hello dear world.")))
    for word, note in zip(sent["segments"][0]["words"], ("ask Anna", "", "x" * 999), strict=True):
        word["bookmark"] = note
    found = [word.bookmark for word in parse_edited_transcript(sent).words]
    assert found == ["ask Anna", "", "x" * LONGEST_NOTE]


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d.pop("segments"),
        lambda d: d.pop("transcript"),
        lambda d: d["segments"][0].pop("words"),
        lambda d: d["segments"][0]["words"][0].update(start="soon"),
        lambda d: d["segments"][0]["words"][0].update(start=float("nan")),
        lambda d: d["segments"][0]["words"][0].update(timing="guessed"),
        lambda d: d["segments"][0]["words"][0].update(bookmark=["x"]),
        lambda d: d.update(segments=7),
        lambda d: d.update(transcript=[]),
    ],
)
def test_a_damaged_document_is_refused_in_a_sentence(damage: Any) -> None:
    sent = document(transcript(sentence("Hello world.")))
    damage(sent)
    with pytest.raises(InvalidOption, match="cannot be read"):
        parse_edited_transcript(sent)
