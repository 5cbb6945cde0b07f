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
from engine.recognition.missed_speech import replace_words
from engine.recognition.second_look import SecondLook
from tests.support.error_rate import error_rate
from tests.support.recordings import ROOT, TALK, clip

RATE = 16_000


def said(text: str, start: float, end: float) -> DecodedWord:
    return DecodedWord(text, start, end, 0.9, -0.1, 1)


def test_what_was_found_in_a_gap_comes_between_its_neighbours() -> None:
    words = [said(" One", 0, 1), said(" two.", 1, 2), said(" Five", 2, 10), said(" six.", 10, 11)]
    filled = replace_words(words, (3, 9), [said(" three", 0, 2), said(" four.", 3, 6)])
    assert [word.text.strip() for word in filled] == ["One", "two.", "three", "four.", "Five", "six."]
    assert all(one.start <= two.start for one, two in pairwise(filled))
    assert filled[2].start == 3


def test_what_was_found_replaces_the_words_strewn_there() -> None:
    words = [said(" One", 0, 1), said(" two.", 1, 5), said(" so.", 5, 5.2), said(" Six.", 5.2, 10)]
    found = [said(" three", 0, 1), said(" four", 2, 3), said(" five.", 3, 4)]
    filled = replace_words(words, (2, 9), found)
    assert [word.text.strip() for word in filled] == ["One", "two.", "three", "four", "five.", "Six."]
    assert (filled[1].start, filled[1].end, filled[-1].start, filled[-1].end) == (1, 2, 9, 10)


def test_a_gap_at_either_end_has_neighbours_on_one_side() -> None:
    words = [said(" One", 4, 4.5), said(" two.", 4.5, 5)]
    for span, order in (((0, 3), "three one two"), ((6, 9), "one two three")):
        filled = replace_words(words, span, [said(" three.", 0, 1)])
        assert " ".join(word.text.strip(" .").lower() for word in filled) == order


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


def test_of_four_people_s_sentences_without_a_pause_none_is_lost(engine: Engine, four: Path) -> None:
    transcript = engine.transcribe(four, Options(language="en"))
    said = (
        "Hello world. Well, there isn't that much difference. And so my fellow Americans. "
        "Oh, I don't hear that in New Jersey now."
    )
    assert transcript.duration < 7
    assert error_rate(said, transcript.text, "en") < 0.25
    assert "much difference" in transcript.text
    assert transcript.coverage == () and transcript.warnings == ()


def test_a_sentence_that_stays_lost_is_told_in_every_format(
    engine: Engine, four: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SecondLook, "complete", lambda _, encoded, asks, results, **given: list(results))
    transcript = engine.transcribe(four, Options(language="en"))
    assert "difference" not in transcript.text
    (found,) = transcript.coverage
    assert found.kind == "speech_without_words"
    assert found.start < 2.9 and found.end > 1.3  # Sheila speaks from 1.14 to 3.19
    assert [notice.code for notice in transcript.notices] == ["bare"]
    for name in ("vtt", "lrc"):
        assert "Speech without words" in write(transcript, name)
