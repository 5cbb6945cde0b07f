"""The subtitles of an edited transcript, as the page's list has them."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import InvalidOption
from page.subtitles import subtitles_of
from tests.support.transcripts import sentence, transcript

MADE = transcript(
    sentence("Good morning, everybody, and thank you for coming.", 1.0, seconds_a_word=0.1),
    sentence("Well, let us begin now.", 8.0, id=1),
    duration=12.0,
)


def asked(limits: Any = None, **words: Any) -> dict[str, Any]:
    data = MADE.to_dict()
    segments = [{**segment, "lang": "en"} for segment in data.pop("segments")]
    segments[0]["words"][0] |= words
    return {"document": {"name": "talk", "transcript": data, "segments": segments}, "limits": limits}


def test_each_cue_says_which_words_it_has_and_how_fast_it_is() -> None:
    answer = subtitles_of(asked())
    assert [(cue["first"], cue["count"]) for cue in answer["cues"]] == [(0, 8), (8, 5)]
    assert answer["cues"][0] == {
        "start": 1.0,
        "end": 3.5,
        "first": 0,
        "count": 8,
        "text": "Good morning, everybody,\nand thank you for coming.",
        "cps": "20.0",
        "fast": False,
    }
    assert answer["issues"] == []


def test_the_findings_name_the_cue() -> None:
    answer = subtitles_of(asked(cue_start=1.0, limits={"max_width": 20, "max_lines": 1, "min_seconds": 3}))
    assert {issue["rule"] for issue in answer["issues"]} >= {"too_short"}
    assert all(1 <= issue["cue"] <= len(answer["cues"]) for issue in answer["issues"])


def test_a_time_outside_of_the_recording_is_refused() -> None:
    with pytest.raises(InvalidOption):
        subtitles_of(asked(cue_end=99.0))
