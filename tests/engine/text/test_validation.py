"""Transcripts that somebody sends in: what is one, and what is said of what is none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Transcript
from engine.errors import BadTranscript
from engine.export.writers import FORMATS, encode
from engine.text.bookmarks import LONGEST_NOTE
from engine.text.validation import MAX_WORDS, validate_transcript
from tests.support.transcripts import sentence, transcript, transcripts

GOOD = transcript(sentence("Hello world.")).to_dict()

json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(transcripts())
def test_what_the_engine_wrote_is_read(written: Transcript) -> None:
    assert validate_transcript(written.to_dict()).to_dict() == written.to_dict()


@given(json_values)
def test_any_other_json_is_refused_with_a_sentence(data: Any) -> None:
    with pytest.raises(BadTranscript) as caught:
        validate_transcript(data)
    assert caught.value.message.endswith(".") and caught.value.hint.endswith(".")


@given(st.sampled_from(sorted(GOOD)), json_values)
def test_whatever_is_taken_can_be_written(key: str, value: Any) -> None:
    try:
        taken = validate_transcript(GOOD | {key: value})
    except BadTranscript:
        return
    assert all(encode(taken, format) is not None for format in FORMATS)


@given(st.sampled_from(["start", "end", "probability", "timing", "word", "speaker", "bookmark"]), json_values)
def test_whatever_word_is_taken_can_be_written(key: str, value: Any) -> None:
    segment = GOOD["segments"][0]
    words = [segment["words"][0] | {key: value}, *segment["words"][1:]]
    try:
        taken = validate_transcript(GOOD | {"segments": [segment | {"words": words}]})
    except BadTranscript:
        return
    assert all(encode(taken, format) is not None for format in FORMATS)


def test_a_transcript_of_more_words_than_are_said_in_days_is_refused() -> None:
    segment = GOOD["segments"][0]
    words = segment["words"][:1] * (MAX_WORDS // 2 + 1)
    with pytest.raises(BadTranscript, match=r"too long.*500,000"):
        validate_transcript(GOOD | {"segments": [segment | {"words": words}] * 2})


@pytest.mark.parametrize("times", [(1.0, 0.5), (-1.0, 0.5), (float("nan"), 1.0), (0.0, 1e300)])
def test_impossible_times_are_refused(times: tuple[float, float]) -> None:
    segment = GOOD["segments"][0] | {"start": times[0], "end": times[1]}
    with pytest.raises(BadTranscript):
        validate_transcript(GOOD | {"segments": [segment]})


@pytest.mark.parametrize("note", ["x" * (LONGEST_NOTE + 1), 7, True, ["x"], {}])
def test_a_note_that_is_none_or_too_long_is_refused(note: Any) -> None:
    segment = GOOD["segments"][0]
    words = [segment["words"][0] | {"bookmark": note}, *segment["words"][1:]]
    with pytest.raises(BadTranscript):
        validate_transcript(GOOD | {"segments": [segment | {"words": words}]})


ANNA = {"id": "SPEAKER_00", "name": "Anna"}


def test_renamed_speakers_are_taken() -> None:
    taken = validate_transcript(GOOD | {"speakers": [ANNA]})
    assert [(speaker.id, speaker.name) for speaker in taken.speakers] == [("SPEAKER_00", "Anna")]


@given(st.sampled_from(["id", "name", "seconds", "words", "certain", "near", "channel"]), json_values)
def test_whatever_speaker_is_taken_can_be_written(key: str, value: Any) -> None:
    segment = GOOD["segments"][0] | {"speaker": "SPEAKER_00"}
    try:
        taken = validate_transcript(GOOD | {"segments": [segment], "speakers": [ANNA | {key: value}]})
    except BadTranscript:
        return
    assert all(encode(taken, format) is not None for format in FORMATS)


@pytest.mark.parametrize(
    "change",
    [
        {"speakers": [ANNA, ANNA]},
        {"speakers": [ANNA | {"name": "a" * 201}]},
        {"speakers": ["Anna"]},
        {"segments": [GOOD["segments"][0] | {"speaker": ["Anna"]}]},
        {"segments": [GOOD["segments"][0] | {"speaker": "a" * 201}]},
        {"overlaps": [{"start": 2.0, "end": 1.0}]},
    ],
)
def test_speakers_that_cannot_be_told_apart_or_written_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadTranscript):
        validate_transcript(GOOD | change)
