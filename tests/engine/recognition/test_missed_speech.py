"""Speech that Whisper passes over is found by the times of its words, and heard again."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from faster_whisper.audio import decode_audio

from engine import Engine, Options
from engine.export.writers import write
from engine.recognition.decoding import DecodedWord
from engine.recognition.missed_speech import insert_words, untranscribed_spans
from tests.support.error_rate import error_rate
from tests.support.recordings import ROOT, TALK, clip

RATE = 16_000


def said(text: str, start: float, end: float) -> DecodedWord:
    return DecodedWord(text, start, end, 0.9, -0.1, 1)


@pytest.mark.parametrize(
    ("speech", "words", "expected"),
    [
        ([(0, 10)], [said(" a", 0, 1), said(" b", 1, 10)], [(2, 9)]),  # stretched over it, from either side
        ([(0, 3), (4, 20)], [said(" a", 0, 3), said(" b", 19.5, 20)], [(4, 19.5)]),
        ([(0, 3), (9, 10)], [said(" a", 0, 3), said(" b", 9, 10)], []),  # a pause, no speech
        ([(0, 6)], [said(" a", 0.9, 2), said(" b", 3.5, 5.9)], []),
        ([(2, 8)], [], [(2, 8)]),
    ],
)
def test_speech_without_words_is_a_gap(
    speech: list[tuple[float, float]], words: list[DecodedWord], expected: list[tuple[float, float]]
) -> None:
    assert untranscribed_spans(speech, words) == [pytest.approx(span) for span in expected]


def test_what_was_heard_in_a_gap_comes_between_its_neighbours() -> None:
    words = [said(" One", 0, 1), said(" two.", 1, 2), said(" Five", 2, 10), said(" six.", 10, 11)]
    filled = insert_words(words, (3, 9), [said(" three", 0, 2), said(" four.", 3, 6)])
    assert [word.text.strip() for word in filled] == ["One", "two.", "three", "four.", "Five", "six."]
    assert all(one.start <= two.start for one, two in pairwise(filled))
    assert filled[2].start == 3


def test_talk_between_two_sentences_is_not_passed_over(engine: Engine, tmp_path: Path) -> None:
    """Packed together, the first decoding leaves out the talk and writes both sentences."""
    talk = soundfile.read(TALK, dtype="float32")[0][7 * RATE : 25 * RATE]
    count, fox = (
        soundfile.read(clip(entry), dtype="float32")[0] for entry in ("en/counting", "en/quick_brown_fox")
    )
    pause = np.zeros(2 * RATE, np.float32)
    turns = [line.split(" ", 5) for line in TALK.with_suffix(".stm").read_text().splitlines()]
    truth = " ".join(turn[5] for turn in turns if float(turn[3]) > 7 and float(turn[4]) < 25)
    for name, parts in {
        "between": [count, pause, talk, pause, fox],
        "first": [talk, pause, fox, count],
    }.items():
        path = tmp_path / f"{name}.wav"
        soundfile.write(path, np.concatenate(parts), RATE)
        transcript = engine.transcribe(path, Options(language="en", vad_sensitivity="normal"))
        assert error_rate(truth, transcript.text, "en") < 0.75  # the sentences beside it are no errors here
        assert "brown fox" in transcript.text
        assert "New Jersey" in transcript.text and "Texas" in transcript.text
        assert not [entry for entry in transcript.coverage if entry.end - entry.start > 4]


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sentences of four people in 7 s, joined without a pause.

    The first decoding leaves Sheila's out and gives its time to "And", which becomes 2.3 s long.
    """
    talk = soundfile.read(TALK, dtype="float32")[0]
    kennedy = decode_audio(str(ROOT / "assets" / "examples" / "kennedy-1961.mp3"), RATE)
    hello = soundfile.read(clip("en/hello_world"), dtype="float32")[0]
    spans = (talk, 21.935, 23.978), (kennedy, 0.25, 2.3), (talk, 28.445, 29.987)
    cut = [samples[int(start * RATE) : int(end * RATE)] for samples, start, end in spans]
    path = tmp_path_factory.mktemp("four") / "four.wav"
    soundfile.write(path, np.concatenate([hello, *cut]), RATE)
    return path


def test_a_sentence_that_is_left_out_is_told_in_every_format(engine: Engine, four: Path) -> None:
    transcript = engine.transcribe(four, Options(language="en"))
    assert "difference" not in transcript.text
    (found,) = transcript.coverage
    assert found.kind == "speech_without_words"
    assert found.start < 2.9 and found.end > 1.3  # Sheila speaks from 1.14 to 3.19
    assert [notice.code for notice in transcript.notices] == ["bare"]
    for name in ("vtt", "lrc"):
        assert "Speech without words" in write(transcript, name)
