"""Subtitles that somebody has split, joined or moved stay so in every file."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from engine.errors import BadTranscript
from engine.export.cues import cues
from engine.export.writers import write
from engine.text.validation import validate_transcript
from engine.transcript import Transcript
from tests.support.subtitle_readers import shown
from tests.support.transcripts import segment, sentence, transcript

LONG = "Last year we started to ask ourselves a simple question about the river, and nobody knew what to say to us."
WORDS = sentence(LONG, 1.0, seconds_a_word=0.3).words


def chosen(changes: dict[int, dict], duration: float = 20.0) -> Transcript:
    words = [replace(word, **changes.get(index, {})) for index, word in enumerate(WORDS)]
    return transcript(segment(words), duration=duration)


def texts(made: Transcript) -> list[str]:
    return [cue.text.replace("\n", " ") for cue in cues(made)]


def test_a_cue_begins_where_somebody_has_chosen() -> None:
    assert texts(chosen({3: {"cue": True}}))[:2] == [
        "Last year we",
        "started to ask ourselves a simple question about the river,",
    ]


def test_words_that_somebody_has_joined_are_one_cue_whatever_the_limits_say() -> None:
    glued = {index: {"cue": False} for index in range(1, len(WORDS))}
    assert texts(chosen(glued)) == [LONG]


def test_segments_that_somebody_has_joined_are_one_cue() -> None:
    first = sentence("We began on a Monday in the spring.", 1.0)
    second = sentence("It was raining, as it always does.", 9.0, id=1)
    apart = transcript(first, second, duration=20)
    assert len(texts(apart)) == 2
    glued = replace(second, words=tuple(replace(word, cue=False) for word in second.words))
    assert len(texts(transcript(first, glued, duration=20))) == 1


def test_short_sentences_stay_apart_if_somebody_has_split_them() -> None:
    first, second = sentence("Oh no.", 1.0), sentence("Why?", 1.9, id=1)
    assert len(texts(transcript(first, second, duration=9))) == 1
    split = replace(second, words=(replace(second.words[0], cue=True),))
    assert texts(transcript(first, split, duration=9)) == ["Oh no.", "Why?"]


@pytest.mark.parametrize("format", ["srt", "vtt"])
def test_a_cue_is_shown_when_somebody_has_chosen(format: str) -> None:
    made = chosen({0: {"cue_start": 0.4}, len(WORDS) - 1: {"cue_end": 15.5}})
    read = shown(made, format)
    assert (read[0].start, read[-1].end) == (400, 15500)


def test_times_that_somebody_has_chosen_never_overlap_the_next_cue() -> None:
    made = chosen({0: {"cue_start": 5.0}, 3: {"cue": True, "cue_start": 1.5}, 2: {"cue_end": 19.0}})
    read = shown(made)
    assert all(cue.start < cue.end for cue in read)
    assert all(one.end <= two.start for one, two in pairwise(read))


def test_json_keeps_what_was_chosen_and_has_no_more() -> None:
    made = chosen({3: {"cue": True, "cue_start": 2.0}})
    data = json.loads(write(made, "json"))
    assert [word for word in data["word_segments"] if "cue" in word or "cue_start" in word] == [
        data["word_segments"][3]
    ]
    assert validate_transcript(data) == made


@pytest.mark.parametrize("time", [-1, 1e9, float("nan")])
def test_a_time_out_of_range_is_refused(time: float) -> None:
    with pytest.raises(BadTranscript):
        validate_transcript(chosen({3: {"cue_end": time}}).to_dict())
