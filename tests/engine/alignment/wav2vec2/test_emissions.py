"""Emissions in batches and in windows are those of the model on each wave alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC

from engine.alignment.aligner import Utterance
from engine.alignment.failure import AlignmentFailed
from engine.alignment.wav2vec2.aligner import Wav2Vec2Aligner
from engine.alignment.wav2vec2.checkpoint import Checkpoint
from engine.alignment.wav2vec2.emissions import OVERLAP_SECONDS, EmissionModel
from engine.sampling import SAMPLE_RATE
from tests.support.tone_model import say

SENTENCES = (
    "the train is late", "no one told us", "add a little salt", "it isn't dead", "oh",
    "alan and tina had tea on the third road",
)  # fmt: skip


@pytest.fixture(scope="module")
def checkpoint(tone_model: Path) -> Checkpoint:
    return Checkpoint.read(tone_model, "tones", torch.float32)


def waves(seed: int = 4) -> dict[int, np.ndarray]:
    return {index: say(sentence, seed)[0] for index, sentence in enumerate(SENTENCES)}


def shapes(checkpoint: Checkpoint) -> list[tuple[int, int]]:
    """Collects the (rows, frames) of each of the model's forwards, until the test ends."""
    seen: list[tuple[int, int]] = []
    checkpoint.model.lm_head.register_forward_pre_hook(lambda _, args: seen.append(args[0].shape[:2]))
    return seen


@pytest.mark.parametrize("normalize", [True, False])
def test_emissions_are_those_of_the_model_on_each_wave_alone(tone_model: Path, normalize: bool) -> None:
    extractor = Wav2Vec2FeatureExtractor(do_normalize=normalize)
    model = Wav2Vec2ForCTC.from_pretrained(tone_model).eval()
    read = Checkpoint.read(tone_model, "tones", torch.float32)
    emitter = EmissionModel(Checkpoint(read.model, read.alphabet, normalize, read.stride, read.reach))
    skewed = {key: 0.1 * wave + 0.05 for key, wave in waves().items()}  # neither zero mean nor unit variance
    for key, emission in emitter.emissions(skewed):
        inputs = extractor(skewed[key], sampling_rate=SAMPLE_RATE, return_tensors="pt").input_values
        with torch.no_grad():
            expected = model(inputs).logits[0].log_softmax(-1).numpy()
        np.testing.assert_allclose(emission, expected, atol=2e-3)


@pytest.mark.parametrize("batch_seconds", [0.1, 4.0, 1000.0])
def test_batches_do_not_change_emissions(checkpoint: Checkpoint, batch_seconds: float) -> None:
    alone = {
        key: dict(EmissionModel(checkpoint).emissions({key: wave}))[key] for key, wave in waves().items()
    }
    batched = dict(EmissionModel(checkpoint, batch_seconds=batch_seconds).emissions(waves()))
    assert batched.keys() == alone.keys()
    for key, emission in batched.items():
        np.testing.assert_allclose(np.exp(emission), np.exp(alone[key]), atol=1e-3)


@pytest.mark.parametrize(
    ("seconds", "budget", "batches"),
    [
        ([2.0, 2.0, 9.0, 2.0, 8.0, 3.0, 2.0], 6.0, [(1, 449), (1, 399), (2, 149), (3, 99)]),
        ([1.0, 9.0, 1.1, 1.2, 8.6], 240.0, [(2, 449), (3, 59)]),  # no more than a second of padding
    ],
)
def test_a_batch_holds_waves_of_like_length_and_no_more_audio_than_allowed(
    tone_model: Path, seconds: list[float], budget: float, batches: list[tuple[int, int]]
) -> None:
    checkpoint = Checkpoint.read(tone_model, "tones", torch.float32)
    seen = shapes(checkpoint)
    waves = {index: np.zeros(int(length * SAMPLE_RATE), np.float32) for index, length in enumerate(seconds)}
    assert len(dict(EmissionModel(checkpoint, batch_seconds=budget).emissions(waves))) == len(waves)
    assert seen == batches


@given(samples=st.integers(400, 4_000_000), window=st.floats(8.1, 60))
def test_windows_cover_every_frame_once_and_overlap(samples: int, window: float) -> None:
    emitter = object.__new__(EmissionModel)
    emitter.stride, emitter.reach = 320, 400
    emitter.window, emitter.overlap = round(window * 50), round(OVERLAP_SECONDS * 50)
    stretches = list(emitter.chunks(0, samples))
    frames = (samples - 400) // 320 + 1
    kept = [frame for part in stretches for frame in range(part.keep, part.until)]
    assert kept == list(range(frames))
    assert len({part.end - part.start for part in stretches}) == 1
    for part in stretches:
        assert 0 <= part.start <= part.keep < part.until <= part.end <= frames
        assert part.end - part.start <= emitter.window
        assert part.keep == 0 or part.keep - part.start >= emitter.overlap // 2
        assert part.until == frames or part.end - part.until >= emitter.overlap // 2


def long_speech() -> tuple[np.ndarray, list[str]]:
    """Returns a minute and more of the tones of many sentences, and the words."""
    sentences = SENTENCES * 8
    said = [say(sentence, seed, silence=12)[0] for seed, sentence in enumerate(sentences)]
    return np.concatenate(said), " ".join(sentences).split()


def test_a_long_wave_in_windows_is_read_as_in_one(checkpoint: Checkpoint) -> None:
    wave, words = long_speech()
    assert len(wave) > 60 * SAMPLE_RATE
    whole, windowed = (
        EmissionModel(checkpoint, window_seconds=1000.0),
        EmissionModel(checkpoint, window_seconds=15.0),
    )
    ((_, expected),) = whole.emissions({0: wave})
    ((_, found),) = windowed.emissions({0: wave})
    assert found.shape == expected.shape
    # The model attends to all it hears, so the numbers differ a little everywhere and no more at the seams.
    difference = np.abs(np.exp(found) - np.exp(expected)).max(axis=1)
    seams = [part.keep for part in windowed.chunks(0, len(wave))][1:]
    assert len(seams) > 3
    near = np.min([np.abs(np.arange(len(found)) - seam) for seam in seams], axis=0) <= 5
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.98
    assert np.median(difference) < 0.01
    assert difference[near].mean() < 2 * difference.mean() + 0.01
    utterance = [Utterance(wave, tuple(words), "en")]
    (one,) = Wav2Vec2Aligner(checkpoint, whole).align(utterance)
    (other,) = Wav2Vec2Aligner(checkpoint, windowed).align(utterance)
    assert isinstance(one, tuple) and isinstance(other, tuple)
    for word, same in zip(one, other, strict=True):
        assert abs(word.start - same.start) < 0.0201 and abs(word.end - same.end) < 0.0201  # a frame


# The peak comes from /proc: getrusage would begin with that of the process that started this one.
PEAK = """
import re, sys
import numpy as np
from pathlib import Path
import torch
from engine.alignment.wav2vec2.checkpoint import Checkpoint
from engine.alignment.wav2vec2.emissions import EmissionModel
emitter = EmissionModel(Checkpoint.read(Path(sys.argv[1]), "tones", torch.float32), window_seconds=float(sys.argv[2]))
wave = np.random.default_rng(0).normal(0, 0.1, 300 * 16_000).astype(np.float32)
list(emitter.emissions({0: wave[: 15 * 16_000]}))
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = peak()
list(emitter.emissions({0: wave}))
print(peak() - before)
"""


def test_five_minutes_take_little_more_memory_than_their_windows(tone_model: Path) -> None:
    def peak(window: float) -> float:
        command = [sys.executable, "-c", PEAK, str(tone_model), str(window)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1024  # MiB

    assert peak(15.0) < 0.5 * peak(1000.0)


@pytest.fixture
def small(tone_model: Path) -> Checkpoint:
    """A model on a device where more than two rows, or one of over three seconds, find no memory."""
    checkpoint = Checkpoint.read(tone_model, "tones", torch.float32)

    def refuse(_: torch.nn.Module, args: tuple[torch.Tensor]) -> None:
        rows, frames = args[0].shape[:2]
        if rows > 2 or frames > 150:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    checkpoint.model.wav2vec2.feature_projection.register_forward_pre_hook(refuse)
    return checkpoint


def test_out_of_memory_halves_the_batch_and_goes_on(small: Checkpoint, checkpoint: Checkpoint) -> None:
    short = {key: wave[: 2 * SAMPLE_RATE] for key, wave in waves().items()}
    emitter = EmissionModel(small)
    found, expected = dict(emitter.emissions(short)), dict(EmissionModel(checkpoint).emissions(short))
    for key, emission in found.items():
        np.testing.assert_allclose(np.exp(emission), np.exp(expected[key]), atol=1e-3)
    assert emitter.batch_seconds <= 6.0  # three rows of two seconds were too many


def test_what_does_not_fit_alone_fails_alone(small: Checkpoint) -> None:
    found = dict(
        EmissionModel(small).emissions({0: np.zeros(16_000, np.float32), 1: np.zeros(64_000, np.float32)})
    )
    assert isinstance(found[0], np.ndarray)
    assert isinstance(found[1], AlignmentFailed) and "memory" in str(found[1])


def test_a_fault_of_the_model_costs_one_wave(tone_model: Path) -> None:
    checkpoint = Checkpoint.read(tone_model, "tones", torch.float32)

    def refuse(_: torch.nn.Module, args: tuple[torch.Tensor]) -> None:
        if args[0].abs().max() < 1e-6:
            raise RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED")

    checkpoint.model.wav2vec2.feature_extractor.register_forward_pre_hook(refuse)
    found = dict(EmissionModel(checkpoint).emissions(waves() | {9: np.zeros(16_000, np.float32)}))
    assert isinstance(found.pop(9), AlignmentFailed)
    assert all(isinstance(emission, np.ndarray) for emission in found.values())
