"""One voice is periodic, a crowd and noise are not."""

from __future__ import annotations

import numpy as np
import soundfile

from engine.vad.periodicity import periodicity
from tests.support.recordings import TALK, clip

RATE = 16_000  # Hz


def test_a_voice_is_more_periodic_than_a_crowd() -> None:
    talk = soundfile.read(TALK, dtype="float32")[0]
    voice = talk[round(21.935 * RATE) : round(23.978 * RATE)]
    fox = soundfile.read(clip("en/quick_brown_fox"), dtype="float32")[0]
    crowd = sum(talk[at * RATE : (at + 4) * RATE] for at in (8, 12, 16, 21, 25))
    assert min(periodicity(voice), periodicity(fox)) > 0.9
    assert periodicity(np.asarray(crowd, np.float32)) < 0.82


def test_level_changes_nothing_and_noise_has_no_period() -> None:
    at = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 150 * at).astype(np.float32)
    assert periodicity(tone) > 0.95
    assert abs(periodicity(tone) - periodicity(tone * np.float32(0.001))) < 0.01
    assert periodicity(np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32)) < 0.6
    assert periodicity(np.zeros(RATE, np.float32)) == 0.0
    assert periodicity(tone[:100]) == 0.0
