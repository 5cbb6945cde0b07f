"""The JSON contract of a transcript."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Transcript, Word
from engine.transcript import join_texts
from tests.support.transcripts import segment, sentence, transcript, transcripts

WORD = Word("Hello,", 0.5, 0.75, probability=0.9, timing="attention")


@given(transcripts())
def test_a_transcript_survives_json(original: Transcript) -> None:
    assert Transcript.from_dict(json.loads(json.dumps(original.to_dict()))) == original


@given(transcripts())
def test_word_segments_are_the_very_words_of_the_segments(original: Transcript) -> None:
    data = original.to_dict()
    nested = [word for segment in data["segments"] for word in segment["words"]]
    assert len(data["word_segments"]) == len(nested)
    assert all(a is b for a, b in zip(data["word_segments"], nested, strict=True))


@given(transcripts())
def test_only_plain_json_types_are_given(original: Transcript) -> None:
    def check(value: object) -> None:
        assert value is None or type(value) in (dict, list, str, int, float)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            check(inner)

    check(original.to_dict())


@given(st.floats(0, 400_000), st.floats(0, 100), st.floats(0, 1), st.floats(0, 1))
def test_numbers_are_rounded_to_three_decimals(
    start: float, length: float, probability: float, score: float
) -> None:
    word = Word("a", start, start + length, probability, "aligned", score)
    data = word.to_dict()
    for name in ("start", "end", "probability", "score"):
        assert data[name] == round(data[name], 3)
        assert abs(data[name] - getattr(word, name)) <= 0.000501
    assert data["start"] <= data["end"]


def test_numbers_of_numpy_become_plain_ones() -> None:
    numpy = pytest.importorskip("numpy")
    word = replace(WORD, start=numpy.float32(0.1), end=numpy.float64(0.2), probability=numpy.float32(0.3))
    assert json.loads(json.dumps(word.to_dict()))["start"] == 0.1


def test_a_checked_word_survives_json_and_others_have_no_such_key() -> None:
    checked = replace(WORD, checked=True)
    assert "checked" not in WORD.to_dict() and checked.to_dict()["checked"] is True
    assert Word.from_dict(checked.to_dict()) == checked


def test_a_bookmark_survives_json_with_a_note_and_without_one() -> None:
    for note in ("ask Anna", ""):
        bookmarked = replace(WORD, bookmark=note)
        assert bookmarked.to_dict()["bookmark"] == note
        assert Word.from_dict(bookmarked.to_dict()) == bookmarked
    assert "bookmark" not in WORD.to_dict()


def test_a_word_without_score_or_speaker_has_no_such_key() -> None:
    assert WORD.to_dict().keys() == {"word", "start", "end", "probability", "timing"}
    scored = replace(WORD, score=0.0, speaker="SPEAKER_00").to_dict()
    assert scored["score"] == 0.0
    assert scored["speaker"] == "SPEAKER_00"


def test_whisperx_output_is_read() -> None:
    data = {
        "language": "en",
        "duration": 1.0,
        "segments": [
            {
                "id": 0,
                "start": 0.5,
                "end": 0.75,
                "text": "Hello,",
                "words": [{"word": "Hello,", "start": 0.5, "end": 0.75, "score": 0.8}],
            }
        ],
    }
    assert Transcript.from_dict(data).words == (Word("Hello,", 0.5, 0.75, 0.0, "interpolated", 0.8),)


@pytest.mark.parametrize("missing", ["language", "duration", "segments"])
def test_data_without_a_needed_key_is_refused(missing: str) -> None:
    data = transcript(sentence("Hello")).to_dict()
    del data[missing]
    with pytest.raises(KeyError, match=missing):
        Transcript.from_dict(data)


def test_an_empty_transcript_has_empty_text_and_no_words() -> None:
    data = transcript(language=None, duration=3.0).to_dict()
    assert (data["text"], data["segments"], data["word_segments"]) == ("", [], [])
    assert data["language"] is None


def test_text_joins_segments_with_spaces_where_the_language_has_them() -> None:
    assert transcript(sentence("One two."), sentence("Three.", 9)).text == "One two. Three."
    japanese = [sentence(["そう", "です。"], n * 9, language="ja") for n in range(2)]
    assert transcript(*japanese, language="ja").text == "そうです。そうです。"


def test_a_translation_is_joined_as_the_english_that_it_is() -> None:
    assert transcript(sentence("One."), sentence("Two.", 9), language="ja").text == "One. Two."


@pytest.mark.parametrize("language", ["ja", "zh", "yue", "th", "lo", "my"])
def test_spaceless_languages_join_without_spaces(language: str) -> None:
    assert join_texts(["a", "b"], language) == "ab"


@pytest.mark.parametrize("language", ["en", "ko", "ar", "", None])
def test_other_languages_join_with_spaces(language: str | None) -> None:
    assert join_texts(["a", "b"], language) == "a b"


def test_words_are_those_of_all_segments_in_order() -> None:
    later = replace(WORD, start=2.0, end=3.0)
    assert transcript(segment([WORD]), segment([later], id=1)).words == (WORD, later)


def test_results_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        WORD.start = 1.0  # type: ignore[misc]
