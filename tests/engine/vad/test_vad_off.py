"""With speech detection off everything is heard, yet what is no speech gets no words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import Engine, Options
from engine.regions import SpeechRegion
from engine.vad.detector import THRESHOLDS, VoiceActivityDetector
from engine.vad.pyannote import PyannoteVad
from engine.vad.silero import SileroVad
from engine.weights.locate import silero_weights
from tests.support.noises import noises
from tests.support.recordings import CLIPS, TALK

RATE = 16_000  # Hz
NOISES = ["silence", "white noise", "pink noise", "tones", "music"]


@pytest.fixture(scope="module", params=["pyannote", "silero"])
def detector(request: pytest.FixtureRequest) -> VoiceActivityDetector:
    if request.param == "silero":
        return SileroVad.load(silero_weights())
    return PyannoteVad.load("cpu")


def regions(detector: VoiceActivityDetector, samples: np.ndarray) -> list[SpeechRegion]:
    found = detector.regions([samples.astype(np.float32)], THRESHOLDS["off"])
    return [entry for entry in found if isinstance(entry, SpeechRegion)]


@pytest.mark.parametrize("vad", ["pyannote", "silero"])
@pytest.mark.parametrize("name", ["tones", "music"])
def test_tones_and_music_get_no_words(engine: Engine, tmp_path: Path, name: str, vad: str) -> None:
    soundfile.write(tmp_path / "noise.wav", noises(70)[name].astype(np.float32), RATE)
    transcript = engine.transcribe(tmp_path / "noise.wav", Options.of({"vad_sensitivity": "off", "vad": vad}))
    assert transcript.words == ()


@pytest.mark.parametrize("name", NOISES)
def test_no_speech_is_heard_in_noise(detector: VoiceActivityDetector, name: str) -> None:
    assert not any(entry.has_speech for entry in regions(detector, noises(70)[name]))


@pytest.mark.parametrize("path", sorted(CLIPS.glob("*/*.wav")), ids=lambda path: path.stem)
def test_speech_is_heard_in_every_clip(detector: VoiceActivityDetector, path: Path) -> None:
    samples, _ = soundfile.read(path, dtype="float32")
    assert all(entry.has_speech for entry in regions(detector, samples))


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_no_word_of_real_talk_is_lost_however_faint(engine: Engine, tmp_path: Path, scale: float) -> None:
    samples, _ = soundfile.read(TALK, dtype="float32")
    soundfile.write(tmp_path / "talk.wav", scale * samples, RATE, subtype="FLOAT")
    heard = engine.transcribe(tmp_path / "talk.wav", Options(language="en", vad_sensitivity="off"))
    # Each of the turns; how many filler words are written down depends on how a processor rounds.
    turns = (
        "hello",
        "this is diane in new jersey",
        "originally from chicago",
        "call me a yankee",
        "hear that",
    )
    text = " ".join("".join(entry for entry in word.word if entry.isalnum()) for word in heard.words).lower()
    assert [turn for turn in turns if turn not in text] == [] and len(heard.words) > 60


def test_a_detector_that_is_on_leaves_its_regions_as_they_are(detector: VoiceActivityDetector) -> None:
    samples, _ = soundfile.read(TALK, dtype="float32")
    for sensitivity in ("normal", "high", "low"):
        found = [
            entry
            for entry in detector.regions([samples], THRESHOLDS[sensitivity])
            if isinstance(entry, SpeechRegion)
        ]
        assert found and all(entry.has_speech for entry in found)
