"""Silero finds speech by the same rules, in blocks of any size, as faster-whisper's own code hears it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from faster_whisper.vad import SileroVADModel

from engine import Engine, Options
from engine.errors import InvalidOption, WeightsDamaged
from engine.regions import SpeechRegion
from engine.vad.detector import THRESHOLDS, Hysteresis
from engine.vad.packing import pack_windows
from engine.vad.silero import FRAME_SAMPLES, SETTLE_FRAMES, SileroVad
from engine.weights.locate import silero_weights
from engine.windows import Window
from tests.support.recordings import CLIPS, TALK

RATE = 16_000  # Hz


@pytest.fixture(scope="module")
def detector() -> SileroVad:
    return SileroVad.load(silero_weights())


def blocks_of(samples: np.ndarray, size: int) -> list[np.ndarray]:
    return [samples[at : at + size] for at in range(0, len(samples), size)]


def regions(
    detector: SileroVad, samples: np.ndarray, size: int, rule: Hysteresis = Hysteresis()
) -> list[SpeechRegion]:
    found = detector.regions(blocks_of(samples, size), rule)
    return [item for item in found if isinstance(item, SpeechRegion)]


def judged(detector: SileroVad, samples: np.ndarray, size: int) -> np.ndarray:
    return np.concatenate([frames for frames, _ in detector.probabilities(blocks_of(samples, size))])


def test_the_network_answers_as_in_faster_whisper_s_own_code(detector: SileroVad, talk: np.ndarray) -> None:
    whole = talk[: len(talk) // FRAME_SAMPLES * FRAME_SAMPLES].copy()
    theirs = SileroVADModel(str(silero_weights()))(whole.copy()).reshape(-1)
    # Theirs lets the last frame stand before the first, with nothing at its end: at 0 s, silence too.
    assert np.abs(judged(detector, whole, len(whole)) - theirs).max() < 0.02


@pytest.mark.parametrize("size", [480_000, 48_000, 4_321, 100])
def test_the_size_of_the_blocks_changes_nothing(detector: SileroVad, talk: np.ndarray, size: int) -> None:
    talk = talk[: 5 * RATE] if size < 1000 else talk
    assert np.allclose(judged(detector, talk, size), judged(detector, talk, len(talk)), atol=1e-4)


@pytest.mark.parametrize("size", [480_000, 8_000, 4_321, 512])
def test_the_size_of_the_blocks_changes_no_margin(detector: SileroVad, speech: Path, size: int) -> None:
    words = soundfile.read(speech, dtype="float32")[0]
    pause = np.zeros(3 * RATE, np.float32)
    samples = np.concatenate([pause, words, pause, words, pause])

    def pieces(size: int) -> list[tuple[float, float]]:
        packed = pack_windows(blocks_of(samples, size), detector, [])
        return [
            (entry.start, entry.end)
            for window in packed
            if isinstance(window, Window)
            for entry in window.pieces
        ]

    assert pieces(size) == pieces(len(samples))


def test_one_recording_leaves_nothing_behind_for_the_next(detector: SileroVad, talk: np.ndarray) -> None:
    first = regions(detector, talk, 48_000)
    regions(detector, np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32), 480)
    assert regions(detector, talk, 48_000) == first


def test_speech_is_found_where_it_was_put(detector: SileroVad, speech: Path) -> None:
    words, _ = soundfile.read(speech, dtype="float32")
    gaps = np.zeros(4 * RATE, np.float32), np.zeros(6 * RATE, np.float32)
    found = regions(detector, np.concatenate([gaps[0], words, gaps[1]]), 8_000)
    assert found[0].start == pytest.approx(4.0, abs=0.3)
    assert found[-1].end == pytest.approx(4 + len(words) / RATE, abs=0.7)
    assert all(one.end <= two.start for one, two in pairwise(found))


@pytest.mark.parametrize("path", sorted(CLIPS.glob("*/*.wav")), ids=lambda path: path.stem)
def test_every_clip_of_speech_is_heard_for_the_most_part(detector: SileroVad, path: Path) -> None:
    samples, _ = soundfile.read(path, dtype="float32")
    found = sum(entry.end - entry.start for entry in regions(detector, samples, RATE))
    assert found > 0.5 * len(samples) / RATE


@pytest.mark.parametrize("seconds", [0.01, 1.0, 5.0, 12.3])
def test_silence_holds_no_speech(detector: SileroVad, seconds: float) -> None:
    assert regions(detector, np.zeros(round(seconds * RATE), np.float32), 16_000) == []


class Counting:
    """onnxruntime's session, with a count of the frames that it is asked about."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.frames = 0

    def run(self, names: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        self.frames += len(inputs["input"])
        return self.session.run(names, inputs)


@pytest.fixture
def counting() -> Counting:
    import onnxruntime

    return Counting(onnxruntime.InferenceSession(str(silero_weights()), providers=["CPUExecutionProvider"]))


@pytest.mark.parametrize("size", [480_000, 4_321])
@pytest.mark.parametrize("faint", [0.0, 2e-5])
def test_a_long_digital_silence_is_not_judged_frame_by_frame(
    counting: Counting, speech: Path, size: int, faint: float
) -> None:
    samples, _ = soundfile.read(speech, dtype="float32")
    silence = np.full(600 * RATE, faint, np.float32)
    recording = np.concatenate([silence, samples, silence])
    found = regions(SileroVad(counting), recording, size)
    assert counting.frames < len(samples) / FRAME_SAMPLES + 2 * SETTLE_FRAMES + 5
    assert len(judged(SileroVad(counting), recording, size)) == -(-len(recording) // FRAME_SAMPLES)
    assert found and all(
        600 - 0.5 < entry.start < entry.end < 600 + len(samples) / RATE + 0.5 for entry in found
    )


def test_speech_after_a_long_digital_silence_is_found_as_after_a_short_one(
    detector: SileroVad, talk: np.ndarray
) -> None:
    def spoken(frames: int) -> list[tuple[int, int]]:
        """Returns the regions of the second talk, in samples from its start."""
        start = len(talk) // FRAME_SAMPLES * FRAME_SAMPLES + frames * FRAME_SAMPLES
        recording = np.concatenate([talk, np.zeros(start - len(talk), np.float32), talk])
        found = regions(detector, recording, 480_000)
        spans = [(round(entry.start * RATE) - start, round(entry.end * RATE) - start) for entry in found]
        return [span for span in spans if span[0] > 0]

    assert spoken(2 * SETTLE_FRAMES) == spoken(300 * RATE // FRAME_SAMPLES)


def test_no_audio_gives_no_region(detector: SileroVad) -> None:
    assert regions(detector, np.zeros(0, np.float32), 16_000) == []


def test_sensitivity_orders_what_is_taken_for_speech(detector: SileroVad, talk: np.ndarray) -> None:
    spoken = [
        sum(region.end - region.start for region in regions(detector, talk, RATE, THRESHOLDS[entry]))
        for entry in ("low", "normal", "high", "off")
    ]
    assert spoken[0] < spoken[1] < spoken[2] < spoken[3]
    assert spoken[3] == pytest.approx(len(talk) / RATE)


def test_long_speech_is_cut(detector: SileroVad, talk: np.ndarray) -> None:
    assert (
        max(entry.end - entry.start for entry in regions(detector, talk, RATE, Hysteresis(longest=3.0)))
        <= 3.1
    )


def test_other_weights_than_the_wheels_are_refused(tmp_path: Path) -> None:
    shipped = silero_weights()
    content = bytearray(shipped.read_bytes())
    content[len(content) // 2] ^= 1  # within a weight, so that onnxruntime would run it
    changed = tmp_path / shipped.name
    changed.write_bytes(content)
    with pytest.raises(WeightsDamaged, match="faster-whisper"):
        SileroVad.load(changed)


def test_a_request_may_choose_it(engine: Engine) -> None:
    usual = engine.transcribe(TALK, Options(language="en"))
    other = engine.transcribe(TALK, Options(language="en", vad="silero"))
    assert len(other.words) > 0.8 * len(usual.words)
    assert "originally from Chicago" in other.text
    assert other.coverage != usual.coverage or other.words != usual.words, "it has been another detector"
    with pytest.raises(InvalidOption, match="pyannote, silero"):
        Options(vad="webrtc")  # type: ignore[arg-type]
