"""The table of a word's fields: one more field there is one more everywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from engine.text.json_fields import json_field, json_fields
from engine.transcript import Segment, Word
from page import messages
from page.old_messages import current_form
from server.openapi import schemas


@dataclass(frozen=True, slots=True)
class LoudWord(Word):
    """A word with one more field, which nothing else in the code knows."""

    loudness: float | None = json_field(
        "number", digits=1, optional=True, schema={"maximum": 0}, description="Decibels."
    )


LOUD = LoudWord("fox", 1.0, 1.4567, 0.91234, "aligned", loudness=-12.34)
SEGMENT = Segment(0, 1.0, 1.4567, "fox", "en", (LOUD,), -0.2, 0.0)


def test_one_more_field_is_in_json_in_the_schema_and_in_the_page_s_message() -> None:
    data = LOUD.to_dict()
    assert data == Word.to_dict(replace(LOUD, loudness=None)) | {"loudness": -12.3}
    assert LoudWord.from_dict(data) == replace(LOUD, end=1.457, probability=0.912, loudness=-12.3)
    schema = schemas.fields_schema(LoudWord)
    assert schema["properties"]["loudness"] == {"type": "number", "maximum": 0, "description": "Decibels."}
    assert "loudness" not in schema["required"]
    message = messages.transcript_message("r1", [SEGMENT], 0, done=True)
    assert message["segments"][0]["words"] == [data | {"band": "sure"}]
    assert current_form(message) == message


def test_the_table_of_a_word_is_the_contract_s() -> None:
    assert [each.name for each in json_fields(Word)] == [
        "word", "start", "end", "probability", "timing", "score", "speaker", "said", "phones", "cue", "cue_start",
        "cue_end", "checked", "disfluency", "bookmark",
    ]  # fmt: skip
    optional = {
        "score", "speaker", "said", "phones", "cue", "cue_start", "cue_end", "checked", "disfluency", "bookmark",
    }  # fmt: skip
    assert {each.name for each in json_fields(Word) if each.optional} == optional
    assert schemas.SEGMENT["properties"].keys() == {each.name for each in json_fields(Segment)} | {"words"}
    assert (
        set(schemas.SEGMENT["required"])
        == Segment.from_dict({"id": 0, "start": 0, "end": 1, "text": "", "words": []}).to_dict().keys()
    )


def test_what_others_may_leave_out_has_its_value_and_what_they_must_send_is_missed() -> None:
    word = Word.from_dict({"word": "fox", "start": 1, "end": "2.5"})
    assert word == Word("fox", 1.0, 2.5, 0.0, "interpolated")
    for wrong in ({"start": 1, "end": 2}, {"word": "fox", "start": None, "end": 2}):
        with pytest.raises((KeyError, TypeError)):
            Word.from_dict(wrong)
    with pytest.raises(ValueError, match="soon"):
        Word.from_dict({"word": "fox", "start": "soon", "end": 2})
