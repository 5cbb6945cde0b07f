"""Words of windows get their times in the file, and a failure costs times of one window and never text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine import Config
from engine.alignment.fallback import AlignerChain
from engine.pipeline.word_timing import time_windows
from engine.recognition.decoding import DecodedWord
from engine.weights.wav2vec2_models import WAV2VEC2_MODELS
from engine.windows import SourceSpan, Window
from tests.support.tone_model import SAMPLE_RATE, save_tone_model, say


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An operator's directory with an English aligner, small and real."""
    directory = tmp_path_factory.mktemp("models")
    save_tone_model(directory / WAV2VEC2_MODELS["en"].split("/")[-1], "group")
    return directory


def heard(window: Window, words: str) -> list[DecodedWord]:
    """Returns words as the recogniser would give them, their times even and wrong."""
    step = window.duration / len(words.split())
    return [
        DecodedWord(f" {word}", i * step, (i + 1) * step, 0.9, -0.1, 1)
        for i, word in enumerate(words.split())
    ]


def window(words: str, start: float = 0.0) -> tuple[Window, list[tuple[float, float]]]:
    wave, spoken = say(words)
    return Window(wave, (SourceSpan(start, start + len(wave) / SAMPLE_RATE, 0.0),)), spoken


def test_words_are_placed_in_the_file_by_forced_alignment(models: Path) -> None:
    aligners = AlignerChain(Config(model_dir=models, offline=True), "cpu")
    first, spoken = window("the train is late")
    second, _ = window("no one told us", start=40.0)
    timed, notices = time_windows(
        [first, second],
        [heard(first, "the train is late"), heard(second, "no one told us")],
        "en",
        aligners,
        choice="wav2vec2",
    )
    assert notices == []
    assert aligners.loaded["wav2vec2"] == ["en"]
    times = [(word.start, word.end) for word in timed[0].words]
    assert np.abs(np.array(times) - spoken).max() < 0.041
    assert all(word.timing == "aligned" and word.score for word in timed[0].words)
    assert timed[1].words[0].start > 40.0


def test_a_window_that_cannot_be_aligned_falls_alone(models: Path) -> None:
    aligners = AlignerChain(Config(model_dir=models, offline=True), "cpu")
    good, _ = window("the train is late")
    bad, _ = window("no one told us", start=60.0)
    timed, notices = time_windows(
        [good, bad],
        [heard(good, "the train is late"), heard(bad, "но один раз")],
        "en",
        aligners,
        choice="wav2vec2",
    )
    assert {word.timing for word in timed[0].words} == {"aligned"}
    assert [(word.word, word.timing) for word in timed[1].words] == [
        ("но", "attention"),
        ("один", "attention"),
        ("раз", "attention"),
    ]
    warnings = [notice.sentence for notice in notices]
    assert len(warnings) == 2 and all(warning.startswith("At 1:00–") for warning in warnings)
    assert "by phonetic, not by wav2vec2" in warnings[0] and "by attention, not by phonetic" in warnings[1]
    assert [notice.code for notice in notices] == ["timed_there", "timed_there"]


def test_an_aligner_that_is_missing_is_said_and_not_asked_for_again(tmp_path: Path) -> None:
    aligners = AlignerChain(Config(offline=True, hub_cache=tmp_path), "cpu")
    here, _ = window("the train is late")
    words = heard(here, "the train is late")
    for _ in range(2):
        timed, notices = time_windows([here, here], [words, words], "en", aligners, choice="wav2vec2")
        assert [notice.code for notice in notices] == ["timed"], "one for the whole recording"
        warnings = [notice.sentence for notice in notices]
        assert {word.timing for word in timed[0].words} == {"aligned"}, "by the rung below"
        assert "by phonetic, not by wav2vec2" in warnings[0] and "wav2vec2-base-960h" in warnings[0]
        assert str(tmp_path) not in warnings[0]
