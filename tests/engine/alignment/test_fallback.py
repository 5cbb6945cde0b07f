"""Which aligner a language gets, and that a failure costs times of one window and never text."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import Config, Engine, Options
from engine.alignment.fallback import AlignerChain
from engine.weights.wav2vec2_models import WAV2VEC2_MODELS
from tests.support.tone_model import save_tone_model


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An operator's directory with an English aligner, small and real."""
    directory = tmp_path_factory.mktemp("models")
    save_tone_model(directory / WAV2VEC2_MODELS["en"].split("/")[-1], "group")
    return directory


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


def test_the_engine_uses_the_aligner_that_its_operator_chose(models: Path, speech: Path) -> None:
    engine = Engine(Config(aligner="wav2vec2", model_dir=models, offline=True))
    transcript = engine.transcribe(speech)
    assert transcript.text == "The quick brown fox jumps over the lazy dog."
    assert transcript.aligner == "wav2vec2"
    assert {word.timing for word in transcript.words} == {"aligned"}
    assert engine.transcribe(speech, Options(aligner="attention")).aligner == "attention"
    assert engine.health()["aligners"]["loaded"]["wav2vec2"] == ["en"]
    assert {entry["code"]: entry["aligner"] for entry in engine.languages()}["en"] == "wav2vec2"
    engine.close()
