"""A recording without a word is called silent only if the detector found no speech in it."""

from __future__ import annotations

import pytest

from engine.pipeline.segment_cutting import empty_notice
from engine.regions import SpeechRegion


@pytest.mark.parametrize(
    ("regions", "code"),
    [
        ([], "silent"),
        ([SpeechRegion(0, 30, has_speech=False)], "silent"),  # detection is off
        ([SpeechRegion(0, 30, has_speech=False), SpeechRegion(40, 42)], "no_words"),
    ],
)
def test_no_speech_is_said_where_none_was_found(regions: list[SpeechRegion], code: str) -> None:
    assert empty_notice(regions).code == code
