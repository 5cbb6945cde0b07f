"""Log-mel features as Kaldi computes them, which the voice embedding was trained on.

Equal to torchaudio.compliance.kaldi.fbank with 80 bins and no dither within 1e-3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.diarization.turns import Samples
from engine.sampling import SAMPLE_RATE

HOP = 160  # samples, 10 ms
FRAME = 400  # samples, 25 ms
BINS = 80

_FFT = 512
_LOW_HZ, _HIGH_HZ = 20.0, 8000.0
_PRE_EMPHASIS = 0.97
_FLOOR = np.float32(np.finfo(np.float32).eps)
_CHUNK = 3000  # frames transformed at once, which bounds memory


def frame_count(samples: int) -> int:
    """Returns how many whole frames a number of samples holds."""
    return max(0, 1 + (samples - FRAME) // HOP)


def log_mel(samples: Samples) -> NDArray[np.float32]:
    """Returns features (frames, 80); frame i covers the samples from 160 i to 160 i + 400."""
    features = np.empty((frame_count(len(samples)), BINS), np.float32)
    if not len(features):
        return features
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    for start in range(0, len(frames), _CHUNK):
        part = frames[start : start + _CHUNK]
        part = part - part.mean(axis=1, keepdims=True)
        before = np.concatenate([part[:, :1], part[:, :-1]], axis=1)
        spectrum = np.fft.rfft((part - _PRE_EMPHASIS * before) * _WINDOW, _FFT)
        power = spectrum.real**2 + spectrum.imag**2
        features[start : start + _CHUNK] = np.log(np.maximum(power.astype(np.float32) @ _BANK, _FLOOR))
    return features


def _mel(hz: NDArray[np.floating[Any]] | float) -> NDArray[np.float64]:
    return 1127.0 * np.log1p(np.asarray(hz, np.float64) / 700.0)


def _mel_bank() -> NDArray[np.float32]:
    """Returns triangular filters (frequencies, bins), equally wide in mel."""
    edges = np.linspace(_mel(_LOW_HZ), _mel(_HIGH_HZ), BINS + 2)
    bins = _mel(SAMPLE_RATE / _FFT * np.arange(_FFT // 2 + 1))[:, None]
    rising = (bins - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - bins) / np.diff(edges)[1:]
    bank = np.maximum(0.0, np.minimum(rising, falling))
    bank[-1] = 0.0  # Kaldi leaves out the Nyquist frequency
    return bank.astype(np.float32)


_BANK = _mel_bank()
_WINDOW = (np.hanning(FRAME) ** 0.85).astype(np.float32)  # Kaldi's "povey" window
