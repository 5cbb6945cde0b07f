"""Extracts the features of CMU Sphinx's models: mel cepstra and differences.

The front end is SphinxTrain's, with the settings of its English model (`feat.params`): 512-point spectra
every 10 ms, 25 mel bands from 130 to 6800 Hz, tracked noise removed from each band, and 13 cepstra (MFCC,
Davis & Mermelstein 1980) less their mean over the utterance, with first and second differences. The range of
values is then brought near that of the model's training (`in_range`).
"""

from __future__ import annotations

import functools

import numpy as np

from engine.sampling import SAMPLE_RATE

HOP = 160  # samples from one frame to the next
FRAME_SECONDS = HOP / SAMPLE_RATE  # seconds
WINDOW = 410  # samples that a frame sees
CEPSTRA = 13
STREAMS = 3  # cepstra, their first differences, their second differences

_FFT = 512
_SPECTRA = 128  # frames transformed at once; their spectra fit into a core's cache
_BANDS = 25
_LOW, _HIGH = 130.0, 6800.0  # Hz
_LIFTER = 22
_PREEMPHASIS = 0.97
_FULL_SCALE = 32768.0  # the model was trained on 16-bit integers
_FLOOR = 50.0  # dB below loud frames; keeps digital silence from giving logarithms that training did not have
_FLOOR_RATES = 0.005, 0.5  # shares of the way up and down that the noise floor moves per frame
_BLOCK = 8  # frames that the noise floor is followed over at once
_MEMORY = 64  # frames after which a smoothed value has faded
_FADE = 0.85  # share of a peak that is left one frame later
_REACH = 3  # frames on either side that the second difference sees
# How far the range of values is brought to that of training: 0 is not at all, 1 is wholly.
_RANGE_POWER = 0.85
# More than 1.5 makes words of the last echoes of a hall; 2 was little better in noise.
_LEAST_SCALE, _MOST_SCALE = 0.5, 1.5


def extract_features(samples: np.ndarray) -> np.ndarray:
    """Returns the features (frames, STREAMS, CEPSTRA) float32 of (n,) float32 samples at 16 kHz, n > 0.

    Frame `t` is centred on sample `t * HOP`.
    """
    padded = np.pad(samples.astype(np.float32) * _FULL_SCALE, WINDOW // 2)
    emphasised = np.append(padded[:1], padded[1:] - _PREEMPHASIS * padded[:-1])
    frames = np.lib.stride_tricks.sliding_window_view(emphasised, WINDOW)[::HOP]
    mel = _mel_power(frames)
    power = mel.mean(axis=1)
    mel = mel + max(float(np.percentile(power, 95)) * 10 ** (-_FLOOR / 10), 1e-3)
    cepstra = np.log(_denoised(mel)) @ _transform()
    cepstra -= cepstra.mean(axis=0)
    wide = np.pad(cepstra, ((_REACH, _REACH), (0, 0)), mode="edge")
    count = len(cepstra)

    def at(shift: int) -> np.ndarray:
        return wide[_REACH + shift : _REACH + shift + count]

    first = at(2) - at(-2)
    second = (at(3) - at(-1)) - (at(1) - at(-3))
    return np.stack([cepstra, first, second], axis=1).astype(np.float32)


def in_range(features: np.ndarray, deviations: np.ndarray) -> np.ndarray:
    """Returns features (frames, STREAMS, CEPSTRA) with standard deviations near given ones (STREAMS, CEPSTRA).

    Noise fills the valleys of spectra and so narrows the range of cepstra, which Gaussians of clean speech then
    take for other phones. The method is that of Viikki & Laurila 1998.
    """
    scale = np.clip(deviations / np.maximum(features.std(axis=0), 1e-6), _LEAST_SCALE, _MOST_SCALE)
    return features * (scale**_RANGE_POWER).astype(np.float32)


def _mel_power(frames: np.ndarray) -> np.ndarray:
    """Returns the power of frames (frames, WINDOW) in each mel band, (frames, bands)."""
    mel = np.empty((len(frames), _BANDS), np.float32)
    for at in range(0, len(frames), _SPECTRA):
        some = slice(at, at + _SPECTRA)
        spectra = np.fft.rfft(frames[some] * _window(), _FFT)
        np.matmul((spectra.real**2 + spectra.imag**2).astype(np.float32), _filters(), out=mel[some])
    return mel


@functools.cache
def _window() -> np.ndarray:
    return np.hamming(WINDOW).astype(np.float32)


@functools.cache
def _filters() -> np.ndarray:
    """Returns triangles of equal area on the mel scale, (257, bands)."""
    step = SAMPLE_RATE / _FFT  # Hz a bin
    low_mel, high_mel = 2595 * np.log10(1 + np.array([_LOW, _HIGH]) / 700)
    mel = np.linspace(low_mel, high_mel, _BANDS + 2)
    corners = np.floor(700 * (10 ** (mel / 2595) - 1) / step + 0.5) * step
    hertz = np.arange(_FFT // 2 + 1)[:, None] * step
    low, middle, high = corners[:-2], corners[1:-1], corners[2:]
    rising, falling = (hertz - low) / (middle - low), (high - hertz) / (high - middle)
    return (np.maximum(np.minimum(rising, falling), 0) * 2 / (high - low)).astype(np.float32)


@functools.cache
def _transform() -> np.ndarray:
    """Returns the orthonormal cosine transform with liftering, (bands, cepstra)."""
    order = np.arange(CEPSTRA)
    basis = np.cos(np.pi * np.outer(np.arange(_BANDS) + 0.5, order) / _BANDS) * np.sqrt(2 / _BANDS)
    basis[:, 0] = np.sqrt(1 / _BANDS)
    return (basis * (1 + _LIFTER / 2 * np.sin(np.pi * order / _LIFTER))).astype(np.float32)


def _denoised(mel: np.ndarray) -> np.ndarray:
    """Removes each band's tracked noise floor from mel power (frames, bands).

    The method is Sphinx's: minimum statistics track the floor, loud sound masks the frames after it, and the
    gains are smoothed over neighbouring bands.
    """
    most, masked = 20.0, 0.2
    power = _smoothed_in_time(mel, 0.7)
    noise = _tracked(power, mel[0] / most, *_FLOOR_RATES)
    signal = np.maximum(power - noise, 1.0)
    floor = _tracked(signal, mel[0] / most, *_FLOOR_RATES)
    fade = np.log(_FADE) * np.arange(len(mel))[:, None]
    # The loudest frame so far, faded since.
    peak = np.exp(np.maximum.accumulate(np.log(signal) - fade) + fade)
    before = _FADE * np.pad(peak, ((1, 0), (0, 0)))[:-1]
    signal = np.where(signal < _FADE * before, before * masked, signal)
    gains = np.maximum(signal, floor) / np.maximum(power, 1e-10)
    return mel * _smoothed(np.clip(gains, 1 / most, most).astype(mel.dtype))


def _tracked(values: np.ndarray, first: np.ndarray, up: float, down: float) -> np.ndarray:
    """Follows values (frames, bands) by a share of each step, `up` or `down`, of which `down` is the larger.

    A step takes the held value h to the lower one of (1 - up) h + up v and (1 - down) h + down v. Several steps
    take it to the lowest one of a few lines, one for each number of steps down. So a loop goes from block to
    block, and one over the steps of a block goes through all blocks at once.
    """
    count, bands = values.shape
    blocks = -(-count // _BLOCK)
    padded = np.pad(values, ((0, blocks * _BLOCK - count), (0, 0)), mode="edge")
    steps = padded.reshape(blocks, _BLOCK, bands).swapaxes(0, 1)
    # (lines, blocks, bands): where each line meets zero
    lines = np.zeros((1, blocks, bands), values.dtype)
    for value in steps:
        longer = np.full((len(lines) + 1, blocks, bands), np.inf, values.dtype)
        np.add(lines * (1 - up), value * up, out=longer[:-1])
        np.minimum(longer[1:], lines * (1 - down) + value * down, out=longer[1:])
        lines = longer
    downs = np.arange(_BLOCK + 1)
    slopes = ((1 - up) ** (_BLOCK - downs) * (1 - down) ** downs).astype(values.dtype)[:, None]
    held = np.empty((blocks + 1, bands), values.dtype)
    held[0] = first
    for block in range(blocks):
        np.min(slopes * held[block] + lines[:, block], axis=0, out=held[block + 1])
    tracked, now = np.empty_like(steps), held[:-1]
    for value, out in zip(steps, tracked, strict=True):
        way = value - now
        now = np.add(now, np.minimum(way * up, way * down), out=out)
    return tracked.swapaxes(0, 1).reshape(-1, bands)[:count]


def _smoothed_in_time(values: np.ndarray, keep: float) -> np.ndarray:
    """Returns (frames, bands) smoothed over earlier frames, weighted by `keep`^age."""
    smooth, reach = (1 - keep) * np.concatenate([np.repeat(values[:1], _MEMORY, axis=0), values]), 1
    while reach < _MEMORY:  # a sum over twice as many frames each time
        smooth[reach:] += keep**reach * smooth[:-reach]
        reach *= 2
    return smooth[_MEMORY:]


def _smoothed(gains: np.ndarray, reach: int = 4) -> np.ndarray:
    """Averages (frames, bands) over up to `reach` bands on either side."""
    bands = gains.shape[1]
    near = np.abs(np.subtract.outer(np.arange(bands), np.arange(bands))) <= reach
    return gains @ (near / near.sum(axis=0)).astype(gains.dtype)
