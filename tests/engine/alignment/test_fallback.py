"""Which aligner a language gets, and that a failure costs times of one window and never text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine import Config, Engine, Options
from engine.alignment.fallback import AlignerChain
from engine.languages import WAV2VEC2_MODELS
from engine.recognition.word_timestamps import DecodedWord
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


def test_what_each_language_gets_is_known_beforehand() -> None:
    cpu, cuda = AlignerChain(Config(), "cpu"), AlignerChain(Config(), "cuda")
    assert (cpu.choose("en"), cuda.choose("en")) == ("phonetic", "wav2vec2")
    assert (cpu.choose("fr"), cpu.choose("bo")) == ("phonetic", "attention"), (
        "no letters to sounds for Tibetan here"
    )
    assert cpu.choose("en", choice="wav2vec2") == "wav2vec2"
    assert cuda.choose("en", choice="attention") == "attention"
    assert cuda.choose("fr", task="translate") == "attention"
    assert AlignerChain(Config(aligner="wav2vec2"), "cpu").choose("de") == "wav2vec2"


def test_what_can_neither_be_found_nor_fetched_is_not_promised(models: Path, tmp_path: Path) -> None:
    offline = Config(model_dir=models, offline=True, hub_cache=tmp_path)
    assert AlignerChain(offline, "cuda").choose("en") == "wav2vec2"
    assert AlignerChain(offline, "cuda").choose("de") == "phonetic"
    assert AlignerChain(offline, "cuda").choose("zh") == "attention"


def test_words_are_placed_in_the_file_by_forced_alignment(models: Path) -> None:
    ladder = AlignerChain(Config(model_dir=models, offline=True), "cpu")
    first, spoken = window("the train is late")
    second, _ = window("no one told us", start=40.0)
    timed, warnings = ladder.align(
        [first, second],
        [heard(first, "the train is late"), heard(second, "no one told us")],
        "en",
        choice="wav2vec2",
    )
    assert warnings == []
    assert ladder.loaded["wav2vec2"] == ["en"]
    times = [(word.start, word.end) for word in timed[0].words]
    assert np.abs(np.array(times) - spoken).max() < 0.041
    assert all(word.timing == "aligned" and word.score for word in timed[0].words)
    assert timed[1].words[0].start > 40.0


def test_a_window_that_cannot_be_aligned_falls_alone(models: Path) -> None:
    ladder = AlignerChain(Config(model_dir=models, offline=True), "cpu")
    good, _ = window("the train is late")
    bad, _ = window("no one told us", start=60.0)
    timed, warnings = ladder.align(
        [good, bad], [heard(good, "the train is late"), heard(bad, "но один раз")], "en", choice="wav2vec2"
    )
    assert {word.timing for word in timed[0].words} == {"aligned"}
    assert [(word.word, word.timing) for word in timed[1].words] == [
        ("но", "attention"),
        ("один", "attention"),
        ("раз", "attention"),
    ]
    assert len(warnings) == 2 and all(warning.startswith("At 1:00–") for warning in warnings)
    assert "by phonetic, not by wav2vec2" in warnings[0] and "by attention, not by phonetic" in warnings[1]


def test_an_aligner_that_is_missing_is_said_and_not_asked_for_again(tmp_path: Path) -> None:
    ladder = AlignerChain(Config(offline=True, hub_cache=tmp_path), "cpu")
    here, _ = window("the train is late")
    words = heard(here, "the train is late")
    for _ in range(2):
        timed, warnings = ladder.align([here, here], [words, words], "en", choice="wav2vec2")
        assert len(warnings) == 1, "one for the whole recording"
        assert {word.timing for word in timed[0].words} == {"aligned"}, "by the rung below"
        assert "by phonetic, not by wav2vec2" in warnings[0] and "wav2vec2-base-960h" in warnings[0]
        assert str(tmp_path) not in warnings[0]


def test_the_engine_uses_the_aligner_that_its_operator_chose(models: Path, speech: Path) -> None:
    engine = Engine(Config(aligner="wav2vec2", model_dir=models, offline=True))
    transcript = engine.result(speech)
    assert transcript.text == "The quick brown fox jumps over the lazy dog."
    assert transcript.aligner == "wav2vec2"
    assert {word.timing for word in transcript.words} == {"aligned"}
    assert engine.result(speech, Options(aligner="attention")).aligner == "attention"
    assert engine.health()["aligners"]["loaded"]["wav2vec2"] == ["en"]
    assert {entry["code"]: entry["aligner"] for entry in engine.languages()}["en"] == "wav2vec2"
    engine.close()
