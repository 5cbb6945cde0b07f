"""WebM and Ogg are decoded while they arrive, at the times that they state, and garbage is no sound."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import Config
from engine.errors import NotMedia
from engine.media.ffmpeg_memory import FfmpegMemory
from engine.media.live_decoder import CONTAINERS, Container, LiveDecoder
from engine.media.live_sound import LiveSound
from engine.sampling import SAMPLE_RATE
from tests.support.media_files import ffmpeg
from tests.support.recordings import TALK
from tests.support.waiting import eventually

DELAY = 0.1  # seconds that a codec may be off


def fed(decoder: LiveDecoder, data: bytes) -> None:
    """Passes all bytes on, as far as there is room."""
    while data:
        data = data[decoder.feed(data) :]


def loudness(samples: np.ndarray) -> np.ndarray:
    """Returns the level of each 50 ms."""
    return np.sqrt(np.mean(samples[: len(samples) // 800 * 800].reshape(-1, 800) ** 2, axis=1))


@pytest.mark.parametrize("container", CONTAINERS)
def test_sound_comes_before_the_rest_has_arrived(tmp_path: Path, container: Container) -> None:
    recording, plain = tmp_path / f"talk.{container}", tmp_path / "talk.wav"
    ffmpeg("-i", TALK, "-ac", "1", "-c:a", "libopus", "-f", container, recording)
    ffmpeg("-i", recording, "-ac", "1", "-ar", "16000", plain)
    sound, data = LiveSound(), recording.read_bytes()
    decoder = LiveDecoder(container, Config(), FfmpegMemory(), sound)
    fed(decoder, data[: len(data) // 2])
    assert eventually(lambda: sound.received > 12.0)
    fed(decoder, data[len(data) // 2 :])
    decoder.end()
    decoded = np.concatenate(list(sound))
    expected = soundfile.read(plain, dtype="float32")[0]
    assert decoder.fault is None
    assert abs(len(decoded) - len(expected)) < DELAY * SAMPLE_RATE
    loud, expected_loud = loudness(decoded), loudness(expected)
    shared = min(len(loud), len(expected_loud))
    assert np.corrcoef(loud[:shared], expected_loud[:shared])[0, 1] > 0.95


@pytest.mark.parametrize("data", [b"", bytes(range(256)) * 400], ids=["nothing", "garbage"])
def test_the_sound_ends_whatever_has_arrived(data: bytes) -> None:
    sound = LiveSound()
    decoder = LiveDecoder("webm", Config(), FfmpegMemory(), sound)
    fed(decoder, data)
    decoder.end()
    assert list(sound) == []
    assert isinstance(decoder.fault, NotMedia) == bool(data)


def test_closing_ends_ffmpeg_and_its_thread() -> None:
    before = {thread.name for thread in threading.enumerate()}
    decoder = LiveDecoder("ogg", Config(), FfmpegMemory(), LiveSound())
    decoder.close()
    decoder.close()
    assert eventually(lambda: "live-decoder" not in {t.name for t in threading.enumerate()} - before)
    assert decoder.feed(b"more") == 4 and decoder.fault is None
