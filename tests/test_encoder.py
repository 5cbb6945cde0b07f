"""Windows are encoded as short as they are."""

from __future__ import annotations

import numpy as np
import pytest

from engine import Config
from engine.asr import Recognizer
from engine.encoder import FRAME_RATE, FRAMES, SHORTEST, SPARE, padded
from engine.models import find_whisper

RATE = 16_000  # Hz


@pytest.mark.parametrize("step", [100, 400])
def test_sound_has_nothing_after_it_as_far_as_30_s_have_room(step: int) -> None:
    for tenths in range(1, 301):
        frames = padded(tenths / 10, step)
        assert min(tenths * FRAME_RATE // 10 + SPARE, FRAMES) <= frames <= FRAMES


@pytest.mark.parametrize(("seconds", "length"), [(0.2, SHORTEST), (11.18, 1400), (30.0, FRAMES)])
def test_a_batch_is_as_long_as_its_longest_window(seconds: float, length: int) -> None:
    recognizer = Recognizer.load("base", find_whisper("base", Config()).path, "cpu", "int8", 2)
    windows = [np.zeros(round(it * RATE), np.float32) for it in (0.1, seconds)]
    encoded = recognizer.encode(windows)
    assert encoded.features.shape[2] == recognizer.length(windows[1]) == length
    assert encoded.frames == (10, round(seconds * FRAME_RATE))
    assert encoded.whole is (length == FRAMES)
