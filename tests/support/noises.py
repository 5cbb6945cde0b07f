"""Sounds without speech."""

from __future__ import annotations

import numpy as np

RATE = 16_000  # Hz


def noises(seconds: float) -> dict[str, np.ndarray]:
    """Returns sounds without speech, each (n,)."""
    count = round(seconds * RATE)
    at = np.arange(count) / RATE
    white = np.random.default_rng(0).normal(0, 0.1, count)
    spectrum = np.fft.rfft(white)
    pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), count)
    notes = 220 * 2 ** (np.array([0, 3, 7, 10, 12, 5, 8, 2])[(at * 2).astype(int) % 8] / 12)
    melody = np.sin(2 * np.pi * np.cumsum(notes) / RATE) * np.exp(-3 * (at * 2 % 1))
    return {
        "silence": np.zeros(count),
        "white noise": white,
        "pink noise": 0.1 * pink / pink.std(),
        "tones": 0.3 * np.sin(2 * np.pi * 440 * at) * (at % 2 < 1),
        "music": 0.2 * melody + 0.1 * np.sin(2 * np.pi * 110 * at) + 0.02 * white * (at * 2 % 1 < 0.1),
    }
