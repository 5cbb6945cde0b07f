"""Speakers without a name in files: as the page calls them if people read the file, else by their labels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.diarization.speakers import Speaker
from engine.export.writers import FORMATS, encode
from engine.transcript import Transcript
from page.shown_speakers import DATA_FORMATS, with_shown_speakers
from tests.support.transcripts import sentence, transcript

SHOWN = "Speaker {number}"


def talk(*names: str) -> Transcript:
    """A sentence of each speaker, who has a name unless it is empty."""
    labels = [f"SPEAKER_{number:02d}" for number in range(len(names))]
    segments = []
    for number, label in enumerate(labels):
        made = sentence("Good morning.", 3.0 * number, id=number)
        words = tuple(replace(word, speaker=label) for word in made.words)
        segments.append(replace(made, words=words, speaker=label))
    speakers = tuple(Speaker(label, name or label) for label, name in zip(labels, names, strict=True))
    return replace(transcript(*segments, duration=60.0), speakers=speakers)


def test_a_file_that_people_read_calls_a_speaker_as_the_page_does() -> None:
    written = {}
    for format in FORMATS:
        content = encode(with_shown_speakers(talk("Anna", ""), format, SHOWN), format)
        written[format] = content.decode(errors="ignore")
    for format in ("txt", "srt", "vtt", "md"):
        assert "Anna" in written[format] and "Speaker 2" in written[format]
    with_labels = {format for format, text in written.items() if "SPEAKER_01" in text}
    assert with_labels == DATA_FORMATS


def test_a_voice_that_speaks_alone_is_not_named() -> None:
    alone = talk("")
    assert with_shown_speakers(alone, "txt", SHOWN) == alone


@pytest.mark.parametrize("shown", [None, 7, "Speaker", "{number}" + "x" * 200])
def test_what_is_no_way_to_call_a_speaker_changes_nothing(shown: Any) -> None:
    assert with_shown_speakers(talk("", ""), "txt", shown) == talk("", "")
