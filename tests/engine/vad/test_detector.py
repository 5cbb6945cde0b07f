"""Speech is found where pyannote finds it, in blocks of any size."""

from __future__ import annotations

import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from engine.errors import ModelMissing, WeightsDamaged
from engine.regions import SpeechRegion
from engine.sampling import SAMPLE_RATE
from engine.vad.conversion import convert
from engine.vad.detector import THRESHOLDS, Hysteresis, VoiceActivityDetector
from engine.vad.frames import WINDOW, WINDOW_FRAMES
from engine.vad.onnx_network import NAME, OnnxNetwork
from engine.vad.pyannet import PyanNet
from engine.vad.pyannote import PyannoteVad
from engine.vad.silence import silent
from engine.vad.torch_network import TorchNetwork
from engine.weights.locate import vad_weights
from engine.weights.shipped_networks import FOLDER


@pytest.fixture(scope="module")
def network() -> PyanNet:
    return PyanNet.load(vad_weights(), "cpu")


@pytest.fixture(scope="module")
def detector() -> VoiceActivityDetector:
    return PyannoteVad.load("cpu")


def regions(
    detector: VoiceActivityDetector, samples: np.ndarray, block: int, rule: Hysteresis = Hysteresis()
) -> list[SpeechRegion]:
    blocks = (samples[at : at + block] for at in range(0, len(samples), block))
    return [item for item in detector.regions(blocks, rule) if isinstance(item, SpeechRegion)]


@pytest.mark.parametrize("faint", [0.0, 2.6e-5])  # the latter is what Opus makes of nothing
def test_digital_silence_is_judged_once_and_speech_around_it_as_ever(
    talk: np.ndarray, faint: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    silence = np.full(60 * SAMPLE_RATE, faint, np.float32)
    recording = np.concatenate([silence, talk, silence])
    seen: list[int] = []
    network = OnnxNetwork.load()

    def counting(windows: np.ndarray) -> np.ndarray:
        seen.append(len(windows))
        return network(windows)

    found = regions(PyannoteVad(counting), recording, block=30 * SAMPLE_RATE)
    few = sum(seen)
    seen.clear()
    monkeypatch.setattr("engine.vad.pyannote.silent", lambda windows: np.zeros(len(windows), bool))
    expected = regions(PyannoteVad(counting), recording, block=30 * SAMPLE_RATE)
    assert found == expected and len(found) >= 3
    assert few < 20 < 55 < sum(seen)  # windows


def test_what_is_fainter_than_16_bits_can_hold_is_silence_and_nothing_louder_is() -> None:
    step = 2.0**-15
    rows = np.zeros((5, 100), np.float32)
    rows[:, 50] = 0.0, 0.9 * step, -0.9 * step, step, -step
    assert silent(rows).tolist() == [True, True, True, False, False]
    assert silent(np.zeros((2, 0), np.float32)).all()


def test_the_network_answers_as_pyannotes_own_code_does(network: PyanNet) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyannote.audio import Model

        peer = Model.from_pretrained(str(vad_weights())).eval()
    waveforms = torch.randn(2, WINDOW, generator=torch.Generator().manual_seed(1)) / 10
    with torch.inference_mode():
        expected = peer(waveforms.unsqueeze(1))
    answer = network(waveforms)
    assert answer.shape == (2, WINDOW_FRAMES, 3)
    assert torch.allclose(answer, expected, atol=1e-4)


def test_the_converted_network_answers_as_the_one_in_torch(network: PyanNet, talk: np.ndarray) -> None:
    windows = np.lib.stride_tricks.sliding_window_view(talk, WINDOW)[::WINDOW].copy()
    found = OnnxNetwork.load()(windows)
    assert found.shape == (len(windows), WINDOW_FRAMES)
    assert np.abs(found - TorchNetwork(network, "cpu")(windows)).max() < 1e-3


def test_converting_again_gives_the_shipped_network(tmp_path: Path, talk: np.ndarray) -> None:
    import onnxruntime

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        converted = onnxruntime.InferenceSession(str(convert(tmp_path)))
    windows = np.lib.stride_tricks.sliding_window_view(talk, WINDOW)[:: 2 * WINDOW].copy()
    (again,) = converted.run(None, {"waveforms": windows})
    assert np.abs(again - OnnxNetwork.load()(windows)).max() < 1e-4


def test_another_network_than_the_shipped_one_is_refused(tmp_path: Path) -> None:
    changed = bytearray((FOLDER / NAME).read_bytes())
    changed[-1] ^= 1
    (tmp_path / NAME).write_bytes(changed)
    with pytest.raises(WeightsDamaged, match="not the file that Wordlight ships"):
        OnnxNetwork.load(tmp_path / NAME)
    with pytest.raises(ModelMissing, match="No such file"):
        OnnxNetwork.load(tmp_path / "missing.onnx")


def test_a_checkpoint_that_carries_code_is_refused_and_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple:
            return Path.touch, (tmp_path / "ran",)

    torch.save({"state_dict": {"x": torch.zeros(1)}, "hyper_parameters": Trap()}, tmp_path / "trap.bin")
    with pytest.raises(WeightsDamaged, match="VAD"):
        PyanNet.load(tmp_path / "trap.bin", "cpu")
    assert not (tmp_path / "ran").exists()


def test_speech_is_found_where_it_was_put(detector: VoiceActivityDetector, speech: Path) -> None:
    words, _ = soundfile.read(speech, dtype="float32")
    samples = np.concatenate(
        [np.zeros(4 * SAMPLE_RATE, np.float32), words, np.zeros(6 * SAMPLE_RATE, np.float32)]
    )
    found = regions(detector, samples, len(samples))
    assert found[0].start == pytest.approx(4.0, abs=0.3)
    assert found[-1].end == pytest.approx(4 + len(words) / SAMPLE_RATE, abs=0.7)


def test_the_size_of_the_blocks_changes_nothing(detector: VoiceActivityDetector, talk: np.ndarray) -> None:
    whole = regions(detector, talk, len(talk))
    assert len(whole) > 1
    assert regions(detector, talk, 4_321) == whole


def test_most_frames_are_judged_as_whisperx_judges_them(
    detector: VoiceActivityDetector, talk: np.ndarray
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from whisperx.vads.pyannote import Binarize, load_vad_model

        peer = load_vad_model("cpu")
        scores = peer({"waveform": torch.from_numpy(talk).unsqueeze(0), "sample_rate": SAMPLE_RATE})
    theirs = Binarize(max_duration=30, onset=0.5, offset=0.363)(scores).get_timeline()
    grid = np.arange(0, len(talk) / SAMPLE_RATE, 0.02)
    agreed = _inside(grid, [(entry.start, entry.end) for entry in theirs]) == _inside(
        grid, [(entry.start, entry.end) for entry in regions(detector, talk, len(talk))]
    )
    assert agreed.mean() > 0.95


def _inside(grid: np.ndarray, spans: list[tuple[float, float]]) -> np.ndarray:
    return np.any([(grid >= start) & (grid < end) for start, end in spans], axis=0)


@pytest.mark.parametrize("seconds", [0.01, 1.0, 5.0, 12.3])
def test_silence_holds_no_speech(detector: VoiceActivityDetector, seconds: float) -> None:
    assert regions(detector, np.zeros(round(seconds * SAMPLE_RATE), np.float32), 16_000) == []


def test_no_audio_gives_no_region(detector: VoiceActivityDetector) -> None:
    assert regions(detector, np.zeros(0, np.float32), 16_000) == []


def test_long_speech_is_cut(detector: VoiceActivityDetector, talk: np.ndarray) -> None:
    rule = Hysteresis(longest=3.0)
    found = regions(detector, talk, len(talk), rule)
    assert max(entry.end - entry.start for entry in found) <= 3.1
    assert all(one.end <= two.start for one, two in pairwise(found))


def test_sensitivity_orders_what_is_taken_for_speech(
    detector: VoiceActivityDetector, talk: np.ndarray
) -> None:
    noisy = talk + np.random.default_rng(0).normal(0, 0.02, len(talk)).astype(np.float32)
    spoken = [
        sum(region.end - region.start for region in regions(detector, noisy, len(noisy), THRESHOLDS[entry]))
        for entry in ("low", "normal", "high", "off")
    ]
    assert spoken[0] < spoken[1] < spoken[2] < spoken[3]
    assert spoken[3] == pytest.approx(len(talk) / SAMPLE_RATE)
