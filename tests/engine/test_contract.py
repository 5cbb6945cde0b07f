"""Every transcript of every clip obeys the data contract, in JSON and in every subtitle format."""

from __future__ import annotations

import json
from functools import cache
from io import StringIO
from itertools import pairwise

import pytest
import srt
import webvtt

from engine import Engine, Transcript
from engine.export.writers import write
from engine.languages import is_spaceless
from engine.transcript import TIMINGS
from tests.support.recordings import CLIPS, TALK

RECORDINGS = [*sorted(CLIPS.glob("*/*.wav")), TALK]
MARKS = (0x202B, 0x202C)  # code points of right-to-left embedding and its end
MILLISECOND = 0.001


@pytest.fixture(scope="module")
def hear(engine: Engine):
    return cache(engine.transcribe)


@pytest.fixture(params=RECORDINGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def transcript(request: pytest.FixtureRequest, hear) -> Transcript:
    return hear(request.param)


def test_words_are_timed_in_order_within_the_recording(transcript: Transcript) -> None:
    data = transcript.to_dict()
    words = data["word_segments"]
    assert words, "a clip of speech has words"
    for word in words:
        assert 0 <= word["start"] <= word["end"] <= data["duration"]
        assert word["word"] == word["word"].strip() != ""
        assert word["timing"] in TIMINGS
        assert 0 <= word["probability"] <= 1
        assert 0 <= word.get("score", 0) <= 1
        assert all(round(word[key], 3) == word[key] for key in ("start", "end"))
    assert all(one["start"] <= two["start"] for one, two in pairwise(words))


def test_segments_are_their_words(transcript: Transcript) -> None:
    data = transcript.to_dict()
    assert [word for segment in data["segments"] for word in segment["words"]] == data["word_segments"]
    for number, segment in enumerate(data["segments"]):
        joint = "" if is_spaceless(segment["language"]) else " "
        assert segment["text"] == joint.join(word["word"] for word in segment["words"])
        assert segment["id"] == number
        assert segment["start"] == segment["words"][0]["start"]
        assert segment["end"] == max(word["end"] for word in segment["words"])
        assert segment["avg_logprob"] <= 0
        assert 0 <= segment["no_speech_prob"] <= 1
    assert (
        data["text"].split() == " ".join(segment["text"] for segment in data["segments"]).split()
        or joint == ""
    )


def test_json_is_plain_and_comes_back_the_same(transcript: Transcript) -> None:
    data = transcript.to_dict()
    assert _plain(data)
    again = json.loads(write(transcript, "json"))
    assert again == data
    assert Transcript.from_dict(again).to_dict() == data


def test_srt_parses_back(transcript: Transcript) -> None:
    cues = list(srt.parse(write(transcript, "srt")))
    spans = [(cue.start.total_seconds(), cue.end.total_seconds(), cue.content) for cue in cues]
    _check_cues(spans, transcript)


def test_vtt_parses_back(transcript: Transcript) -> None:
    cues = webvtt.from_buffer(StringIO(write(transcript, "vtt")))
    spans = [(cue.start_in_seconds, cue.end_in_seconds, cue.text) for cue in cues]
    _check_cues(spans, transcript, slack=1.0)  # this library gives whole seconds


def _check_cues(
    cues: list[tuple[float, float, str]], transcript: Transcript, slack: float = MILLISECOND
) -> None:
    assert all(start <= end for start, end, _ in cues)
    assert all(one[1] <= two[0] + slack for one, two in pairwise(cues)), "cues overlap"
    assert cues[0][0] == pytest.approx(transcript.words[0].start, abs=slack)
    # Marks of direction around lines that run to the left are no part of the text.
    written = "".join("".join(text.split()) for _, _, text in cues).translate(dict.fromkeys(MARKS))
    assert written == "".join("".join(word.word.split()) for word in transcript.words)


def _plain(value: object) -> bool:
    """Tells whether a value is of JSON's own types throughout: numpy's look alike and fail later."""
    if type(value) is dict:
        return all(type(key) is str and _plain(item) for key, item in value.items())
    if type(value) is list:
        return all(_plain(item) for item in value)
    return type(value) in (str, int, float, bool, type(None))
