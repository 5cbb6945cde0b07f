"""Tells one voice from a crowd: one voice repeats itself with each beat of the vocal folds, many together do not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.sampling import SAMPLE_RATE, to_samples

FRAME, HOP = to_samples(0.04), to_samples(0.02)
SHORTEST, LONGEST = SAMPLE_RATE // 400, SAMPLE_RATE // 60  # samples of a period, of voices from 60 to 400 Hz
FFT = 2048  # samples; two frames and more, so that the correlation does not wrap around


def periodicity(samples: NDArray[np.float32]) -> float:
    """Returns how far voiced sound repeats itself within a period, 0 to 1: the median of its louder frames.

    samples  (n,) at 16 kHz; 0 for fewer than a frame
    """
    if len(samples) < FRAME:
        return 0.0
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP].astype(np.float64)
    frames = frames - frames.mean(axis=1, keepdims=True)
    power = np.square(frames).mean(axis=1)
    loud = frames[power >= np.median(power)] * np.hanning(FRAME)
    found = (
        _correlation(loud)[:, SHORTEST : LONGEST + 1]
        / _correlation(np.hanning(FRAME)[None])[:, SHORTEST : LONGEST + 1]
    )
    return float(np.median(found.max(axis=1)))


def _correlation(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the autocorrelation of frames by lag, 1 at lag 0; 0 of silence."""
    spectrum = np.abs(np.fft.rfft(frames, FFT)) ** 2
    lags = np.fft.irfft(spectrum)[:, :FRAME]
    return np.asarray(lags / np.maximum(lags[:, :1], 1e-20))
