"""On a GPU: the same words at the same times, and less at once, or a clear answer, where its memory is short."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
import soundfile
import torch
from transformers import Wav2Vec2Config, Wav2Vec2ForCTC

from engine import Config, Engine, Options
from engine.alignment.aligner import Utterance
from engine.alignment.wav2vec2.aligner import Wav2Vec2Aligner
from engine.alignment.wav2vec2.checkpoint import Checkpoint
from engine.alignment.wav2vec2.emissions import EmissionModel
from engine.errors import OutOfMemory
from engine.regions import SpeechRegion
from engine.vad.pyannote import PyannoteVad
from tests.support.drawn_emissions import ENGLISH
from tests.support.error_rate import error_rate
from tests.support.recordings import CLIPS, TALK
from tests.support.tone_model import VOCABULARY, say

GPU = torch.cuda.is_available() and ctranslate2.get_cuda_device_count() > 0
pytestmark = pytest.mark.skipif(not GPU, reason="no GPU here")

RATE = 16_000  # Hz
MIB = 1 << 20
FORMATS = sorted(ctranslate2.get_supported_compute_types("cuda")) if GPU else []


@contextmanager
def left(mebibytes: int) -> Iterator[None]:
    """Takes what the GPU has of memory but for so much."""
    torch.cuda.empty_cache()
    taken = []
    while (spare := torch.cuda.mem_get_info()[0] - mebibytes * MIB) > 2 * MIB:
        taken.append(torch.empty(spare - spare % (2 * MIB), dtype=torch.uint8, device="cuda"))
    try:
        yield
    finally:
        taken.clear()
        torch.cuda.empty_cache()


def engine_on(device: str, **settings: object) -> Engine:
    engine = Engine(replace(Config(), device=device, model="base", offline=True, **settings))  # type: ignore[arg-type]
    engine.start()
    return engine


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four minutes of talk and of sentences read, with pauses."""
    talk = soundfile.read(TALK, dtype="float32")[0]
    pieces = [talk, *(soundfile.read(path, dtype="float32")[0] for path in sorted(CLIPS.glob("en/*.wav")))]
    pause = np.zeros(RATE, np.float32)
    path = tmp_path_factory.mktemp("cuda") / "english.wav"
    soundfile.write(path, np.concatenate([part for piece in pieces * 6 for part in (piece, pause)]), RATE)
    return path


def test_speech_is_found_where_the_cpu_finds_it(english: Path) -> None:
    samples = soundfile.read(english, dtype="float32")[0]
    found = []
    for device in ("cuda", "cpu"):
        detector = PyannoteVad.load(device)
        blocks = (samples[first : first + 30 * RATE] for first in range(0, len(samples), 30 * RATE))
        found.append(
            [
                (entry.start, entry.end)
                for entry in detector.regions(blocks)
                if isinstance(entry, SpeechRegion)
            ]
        )
    here, there = found
    assert len(here) == len(there) > 10
    assert np.abs(np.array(here) - there).max() < 0.04  # two frames


def test_words_are_aligned_where_the_cpu_aligns_them(tone_model: Path) -> None:
    sentences = ["the train is late", "no one told us", "alan and tina had tea on the third road"]
    utterances = [Utterance(say(entry)[0], tuple(entry.split()), "en") for entry in sentences]
    here = Wav2Vec2Aligner.load(tone_model, "cuda", half=True)
    assert here.emission_model.model.dtype == torch.float16
    there = Wav2Vec2Aligner.load(tone_model)
    for one, two in zip(here.align(utterances), there.align(utterances), strict=True):
        assert isinstance(one, tuple) and isinstance(two, tuple)
        for word, same in zip(one, two, strict=True):
            assert abs(word.start - same.start) < 0.021 and abs(word.end - same.end) < 0.021  # a frame
            assert word.score == pytest.approx(same.score, abs=0.05)


def test_alignment_goes_on_in_smaller_batches_where_memory_is_short() -> None:
    torch.manual_seed(0)
    model = Wav2Vec2ForCTC(Wav2Vec2Config(vocab_size=len(VOCABULARY))).eval()
    emitter = EmissionModel(Checkpoint(model, ENGLISH, True, 320, 400), "cuda")
    rng = np.random.default_rng(0)
    waves = {key: rng.normal(0, 0.1, 15 * RATE).astype(np.float32) for key in range(24)}
    expected = dict(emitter.emissions(waves))
    most = emitter.batch_seconds
    with left(256):
        found = dict(emitter.emissions(waves))
    assert emitter.batch_seconds < most
    assert found.keys() == expected.keys()
    for key, emission in found.items():
        assert isinstance(emission, np.ndarray), emission
        np.testing.assert_allclose(np.exp(emission), np.exp(expected[key]), atol=0.01)


@pytest.mark.parametrize("compute_type", FORMATS)
def test_a_sentence_is_heard_in_each_number_format(compute_type: str, speech: Path) -> None:
    with closing(engine_on("cuda", compute_type=compute_type)) as engine:
        transcript = engine.transcribe(speech)
        assert transcript.text == "The quick brown fox jumps over the lazy dog."
        assert engine.health()["gpu"]["memory_total"] > engine.health()["gpu"]["memory_free"] > 0


def test_a_recording_is_heard_as_on_the_cpu(english: Path) -> None:
    with closing(engine_on("cpu")) as engine:
        there = engine.transcribe(english, Options(aligner="attention"))
    with closing(engine_on("cuda")) as engine:
        here = engine.transcribe(english, Options(aligner="attention"))
    assert error_rate(there.text, here.text, "en") < 0.1  # float16 is not int8
    assert [word.word for word in here.words] == here.text.split()


def test_languages_are_told_as_on_the_cpu() -> None:
    clips = sorted(CLIPS.glob("*/*.wav"))
    told = []
    for device in ("cpu", "cuda"):
        with closing(engine_on(device)) as engine:
            told.append([engine.transcribe(path, Options(aligner="attention")).language for path in clips])
    there, here = told
    assert sum(one != two for one, two in zip(there, here, strict=True)) <= 1  # of 27, not all of them clear


def test_who_finds_no_memory_is_told_so_and_the_next_is_heard(speech: Path) -> None:
    with closing(engine_on("cuda")) as engine:
        expected = engine.transcribe(speech).text
        with left(8), pytest.raises(OutOfMemory, match="smaller model"):
            engine.transcribe(TALK)
        assert engine.transcribe(speech).text == expected
