"""Log-mel features as Kaldi computes them, which the voice embedding was trained on.

Equal to torchaudio.compliance.kaldi.fbank with 80 bins and no dither within 1e-3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from engine.diarization.turns import Samples
from engine.sampling import SAMPLE_RATE

HOP = 160  # samples, 10 ms
FRAME = 400  # samples, 25 ms
BINS = 80

_FFT = 512
_LOW_HZ, _HIGH_HZ = 20.0, 8000.0
_PRE_EMPHASIS = np.float32(0.97)
_LEFT = np.float32(1) - _PRE_EMPHASIS  # share of a constant that pre-emphasis leaves
_FLOOR = np.float32(np.finfo(np.float32).eps)
_CHUNK = 3000  # frames transformed at once, which bounds memory


def frame_count(samples: int) -> int:
    """Returns how many whole frames a number of samples holds."""
    return max(0, 1 + (samples - FRAME) // HOP)


def log_mel(samples: Samples) -> NDArray[np.float32]:
    """Returns features (frames, 80); frame i covers the samples from 160 i to 160 i + 400."""
    features = np.empty((frame_count(len(samples)), BINS), np.float32)
    for start in range(0, len(features), _CHUNK):
        stop = min(start + _CHUNK, len(features))
        frames = _framed(samples[start * HOP : (stop - 1) * HOP + FRAME])
        spectrum = np.fft.rfft(frames)  # complex64, as the frames are float32
        power = spectrum.real**2 + spectrum.imag**2
        for number, (first, weights) in enumerate(_BANK):
            band = power[:, first : first + len(weights)]
            features[start:stop, number] = np.einsum(
                "ij,j->i", band, weights
            )  # numpy's product would wait for threads
    return np.log(np.maximum(features, _FLOOR, out=features), out=features)


def _framed(samples: Samples) -> NDArray[np.float32]:
    """Returns the frames of samples (frames, _FFT): without their mean, pre-emphasised, windowed, and zeros.

    Kaldi takes each frame's mean away and then emphasises it. Here the sound is emphasised once for all frames, and
    what that leaves of the mean is taken away.
    """
    mean = sliding_window_view(samples, FRAME)[::HOP].mean(axis=1)
    emphasised = samples.copy()
    emphasised[1:] -= _PRE_EMPHASIS * samples[:-1]
    frames = np.zeros((len(mean), _FFT), np.float32)
    inside = frames[:, :FRAME]
    np.subtract(sliding_window_view(emphasised, FRAME)[::HOP], _LEFT * mean[:, None], out=inside)
    # No sample precedes a frame's first one, of which Kaldi takes itself away.
    inside[:, 0] = _LEFT * (samples[: len(mean) * HOP : HOP] - mean)
    inside *= _WINDOW
    return frames


def _mel(hz: NDArray[np.floating[Any]] | float) -> NDArray[np.float64]:
    return 1127.0 * np.log1p(np.asarray(hz, np.float64) / 700.0)


def _mel_bank() -> list[tuple[int, NDArray[np.float32]]]:
    """Returns triangular filters, equally wide in mel: the first frequency of each, and the weights from there on."""
    edges = np.linspace(_mel(_LOW_HZ), _mel(_HIGH_HZ), BINS + 2)
    bins = _mel(SAMPLE_RATE / _FFT * np.arange(_FFT // 2 + 1))[:, None]
    rising = (bins - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - bins) / np.diff(edges)[1:]
    bank = np.maximum(0.0, np.minimum(rising, falling))
    bank[-1] = 0.0  # Kaldi leaves out the Nyquist frequency
    filters = []
    for weights in bank.T.astype(np.float32):
        inside = np.flatnonzero(weights)
        filters.append((int(inside[0]), weights[inside[0] : inside[-1] + 1]))
    return filters


_BANK = _mel_bank()
_WINDOW = (np.hanning(FRAME) ** 0.85).astype(np.float32)  # Kaldi's "povey" window
