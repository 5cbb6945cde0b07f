"""The translation beside a transcript: its JSON, what is refused, and which paragraph a sentence belongs to."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Transcript
from engine.errors import BadTranscript
from engine.text.translation import (
    LONGEST_SENTENCE,
    TranslatedSentence,
    Translation,
    sentences_beside,
)
from engine.text.validation import validate_transcript
from tests.support.transcripts import sentence, transcript

ENGLISH = Translation(
    "en", 12.0, (TranslatedSentence(0.0, 1.5, "Hello."), TranslatedSentence(2.0, 4.0, "Bye."))
)
TALK = replace(transcript(sentence("Hola. Adiós.", language="es"), language="es"), translation=ENGLISH)


def test_it_survives_json_and_is_left_out_of_other_transcripts() -> None:
    data = json.loads(json.dumps(TALK.to_dict()))
    assert data["translation"] == {
        "language": "en",
        "until": 12.0,
        "segments": [
            {"start": 0.0, "end": 1.5, "text": "Hello."},
            {"start": 2.0, "end": 4.0, "text": "Bye."},
        ],
    }
    assert validate_transcript(data) == TALK
    assert "translation" not in replace(TALK, translation=None).to_dict()
    assert validate_transcript(data | {"translation": None}).translation is None


def test_without_a_word_of_how_far_it_is_it_reaches_to_its_last_sentence() -> None:
    data = ENGLISH.to_dict()
    del data["until"]
    assert Translation.from_dict(data).until == 4.0
    assert Translation.from_dict({"language": "en", "segments": []}).until == 0.0


@pytest.mark.parametrize(
    "damage",
    [
        {"language": "de"},
        {"language": ["en"]},
        {"segments": None},
        {"segments": [{"start": 0, "end": 1}]},
        {"segments": [{"start": 0, "end": 1, "text": 7}]},
        {"segments": [{"start": 0, "end": 1, "text": "x" * (LONGEST_SENTENCE + 1)}]},
        {"segments": [{"start": 2, "end": 1, "text": "Hello."}]},
        {"segments": [{"start": -1, "end": 1, "text": "Hello."}]},
        {"segments": [{"start": 3, "end": 4, "text": "One."}, {"start": 1, "end": 2, "text": "Two."}]},
        {"until": float("nan")},
        {"until": -1},
    ],
)
def test_what_is_no_translation_is_refused(damage: dict[str, Any]) -> None:
    with pytest.raises(BadTranscript):
        validate_transcript(TALK.to_dict() | {"translation": ENGLISH.to_dict() | damage})


@pytest.mark.parametrize("value", [7, "English", [], True])
def test_anything_else_in_its_place_is_refused(value: Any) -> None:
    with pytest.raises(BadTranscript):
        validate_transcript(TALK.to_dict() | {"translation": value})


def starts(spans: list[tuple[float, float]], *times: tuple[float, float]) -> list[list[float]]:
    made = Translation("en", 20.0, tuple(TranslatedSentence(start, end, "One.") for start, end in times))
    return [[each.start for each in found] for found in sentences_beside(made, spans)]


def test_a_sentence_stands_with_the_paragraph_whose_sound_it_is_from() -> None:
    times = ((0.0, 2.0), (4.2, 5.0), (5.2, 6.0), (6.0, 9.0), (12.0, 13.0))
    assert starts([(1.0, 4.0), (6.0, 10.0)], *times) == [[0.0, 4.2], [5.2, 6.0, 12.0]]
    assert starts([(1.0, 10.0)], *times) == [[0.0, 4.2, 5.2, 6.0, 12.0]]
    assert starts([]) == []
    assert sentences_beside(None, [(0.0, 1.0)]) == [[]]


@given(st.lists(st.tuples(st.floats(0, 99), st.floats(0, 99)).map(lambda pair: (min(pair), max(pair)))))
def test_each_sentence_is_in_one_paragraph(times: list[tuple[float, float]]) -> None:
    found = starts([(1.0, 30.0), (20.0, 40.0), (60.0, 61.0)], *sorted(times))
    assert sorted(start for each in found for start in each) == sorted(start for start, _ in times)


def test_a_part_has_its_own_sentences() -> None:
    assert ENGLISH.between(1.9, 9.0).segments == ENGLISH.segments[1:]


def test_an_engine_s_transcript_has_none() -> None:
    assert Transcript.from_dict(transcript(sentence("Hello.")).to_dict()).translation is None
