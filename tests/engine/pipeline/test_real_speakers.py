"""Speakers of a real telephone talk, by the real diarizer; what WhisperX's users read of the result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from whisperx.utils import get_writer

from engine import Engine, Options, Transcript
from tests.support.recordings import TALK


@pytest.fixture(scope="module")
def transcript(engine: Engine) -> Transcript:
    return engine.transcribe(TALK, Options(language="en", speakers="auto"))


def test_two_people_on_the_telephone_are_told_apart(transcript: Transcript) -> None:
    lines = (line.split(" ", 5) for line in TALK.with_suffix(".stm").read_text().splitlines())
    turns = [(float(start), float(end), who) for _, _, who, start, end, _ in lines]
    assert [speaker.id for speaker in transcript.speakers] == ["SPEAKER_00", "SPEAKER_01"]
    assert transcript.warnings == ()
    pairs = [
        (word.speaker, who)
        for word in transcript.words
        for start, end, who in turns
        if start <= (word.start + word.end) / 2 <= end
    ]
    right = max(
        sum({"SPEAKER_00": one, "SPEAKER_01": two}[label or ""] == who for label, who in pairs)
        for one, two in (("Diane", "Sheila"), ("Sheila", "Diane"))
    )
    assert right >= 0.9 * len(pairs) > 50


def test_a_whisperx_user_s_script_reads_speakers_as_before(transcript: Transcript, tmp_path: Path) -> None:
    result = json.loads(json.dumps(transcript.to_dict()))
    seen = {segment["speaker"] for segment in result["segments"]}
    seen |= {word["speaker"] for segment in result["segments"] for word in segment["words"]}
    assert seen == {"SPEAKER_00", "SPEAKER_01"}
    options = {"max_line_width": None, "max_line_count": None, "highlight_words": False}
    get_writer("all", str(tmp_path))(result, "talk.wav", options)
    assert "[SPEAKER_00]: " in (tmp_path / "talk.srt").read_text()
    assert "[SPEAKER_01]: " in (tmp_path / "talk.vtt").read_text()


def test_one_person_is_one_speaker(engine: Engine, speech: Path) -> None:
    transcript = engine.transcribe(speech, Options(language="en", speakers="auto"))
    assert [speaker.id for speaker in transcript.speakers] == ["SPEAKER_00"]
    assert {word.speaker for word in transcript.words} == {"SPEAKER_00"}
