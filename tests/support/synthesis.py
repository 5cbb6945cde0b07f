"""Speech whose word times are known exactly: espeak-ng, asked through its C library for its events.

espeak-ng reports the moment at which each word begins. A word ends where the next begins, or before
that where its sound stops: the synthesiser's pauses are digital silence, so energy finds both edges
to within 5 ms.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import gcd

import numpy as np
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

SAMPLE_RATE = 16_000  # Hz
_HOP = SAMPLE_RATE // 200  # 5 ms
_SILENT = 10 ** (-50 / 20)  # of the peak; espeak-ng's pauses are digital silence

# From espeak-ng's speak_lib.h.
_SYNCHRONOUS, _UTF8, _END_PAUSE = 2, 1, 0x1000
_WORD, _LAST = 1, 0
_RATE = 1


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class SynthesisMissing(Exception):
    """espeak-ng's library is not installed; says how to install it."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word and where its sound lies, in seconds; not exact where it was said as one with another."""

    text: str
    start: float
    end: float
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Recording:
    """Samples (n,) float32 at 16 kHz, and the words in them."""

    samples: np.ndarray
    words: tuple[Spoken, ...]
    language: str

    @property
    def duration(self) -> float:
        return len(self.samples) / SAMPLE_RATE


def speak(text: str, voice: str, rate: int = 165) -> Recording:
    """Says a text of words without digits or dashes.

    voice  espeak-ng's name, with a variant or not: "en-us", "en+f3"
    rate   words a minute
    """
    library, native = _espeak()
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise SynthesisMissing(f"espeak-ng has no voice {voice}.")
    library.espeak_SetParameter(_RATE, rate, 0)
    blocks: list[np.ndarray] = []
    begun: dict[int, int] = {}  # text position from 1 -> milliseconds

    @_Callback
    def hear(wave, count, events) -> int:
        if wave and count > 0:
            blocks.append(np.ctypeslib.as_array(wave, (count,)).copy())
        index = 0
        while events[index].type != _LAST:
            if events[index].type == _WORD:
                begun.setdefault(events[index].text_position, events[index].audio_position)
            index += 1
        return 0

    library.espeak_SetSynthCallback(hear)
    data = text.encode()
    library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8 | _END_PAUSE, None, None)
    common = gcd(SAMPLE_RATE, native)
    sound = np.concatenate(blocks).astype(np.float32) / 32768
    samples = resample_poly(sound, SAMPLE_RATE // common, native // common).astype(np.float32)
    return Recording(samples, _words(text, begun, samples), voice[:2])


def joined(recordings: Sequence[Recording], pauses: Sequence[float]) -> Recording:
    """Puts recordings one after another, each after its pause in seconds, and half a second at the end."""
    blocks, words, at = [], [], 0
    for recording, pause in zip(recordings, pauses, strict=True):
        silence = np.zeros(round(pause * SAMPLE_RATE), np.float32)
        at += len(silence)
        offset = at / SAMPLE_RATE
        words += [replace(w, start=w.start + offset, end=w.end + offset) for w in recording.words]
        blocks += [silence, recording.samples]
        at += len(recording.samples)
    blocks.append(np.zeros(SAMPLE_RATE // 2, np.float32))
    return Recording(np.concatenate(blocks), tuple(words), recordings[0].language)


def noisy(recording: Recording, snr: float, seed: int = 1) -> Recording:
    """Adds pink noise, `snr` dB below the speech where there is speech."""
    noise = np.fft.rfft(np.random.default_rng(seed).standard_normal(len(recording.samples)))
    noise /= np.sqrt(np.maximum(np.arange(len(noise)), 20))
    pink = np.fft.irfft(noise, len(recording.samples))
    loud = np.abs(recording.samples) > _SILENT * np.abs(recording.samples).max()
    wanted = np.sqrt(np.mean(recording.samples[loud] ** 2)) * 10 ** (-snr / 20)
    return replace(recording, samples=_safe(recording.samples + pink * wanted / pink.std()))


def telephoned(recording: Recording) -> Recording:
    """Keeps the band of a telephone, 300 to 3400 Hz."""
    band = butter(4, (300, 3400), "bandpass", fs=SAMPLE_RATE, output="sos")
    return replace(recording, samples=_safe(sosfilt(band, recording.samples)))


def echoing(recording: Recording, seconds: float = 0.4, seed: int = 1) -> Recording:
    """Puts the speech in a room that takes `seconds` to fall by 60 dB."""
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    room = np.random.default_rng(seed).standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    room *= 0.5 / np.sqrt(np.sum(room**2))
    room[0] = 1.0
    return replace(recording, samples=_safe(fftconvolve(recording.samples, room)[: len(recording.samples)]))


def _safe(samples: np.ndarray) -> np.ndarray:
    return (samples / max(1.0, float(np.abs(samples).max()))).astype(np.float32)


@functools.cache
def _espeak() -> tuple[ctypes.CDLL, int]:
    """Returns the library, ready, and the rate of its samples in Hz."""
    name = ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1"
    try:
        library = ctypes.CDLL(name)
    except OSError as error:
        raise SynthesisMissing("libespeak-ng is missing; run tests/install-debian.sh.") from error
    native = library.espeak_Initialize(_SYNCHRONOUS, 200, None, 0)
    if native <= 0:
        raise SynthesisMissing("espeak-ng finds no voices; run tests/install-debian.sh.")
    library.espeak_Synth.argtypes = (
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
        ctypes.c_void_p, ctypes.c_void_p,
    )  # fmt: skip
    return library, native


def _words(text: str, begun: dict[int, int], samples: np.ndarray) -> tuple[Spoken, ...]:
    """Gives each written word its span.

    espeak-ng says some pairs as one word ("in the") and reports only its beginning: both halves get
    the whole span, and are not exact.
    """
    groups: list[tuple[float, list[str]]] = []
    at = 0
    for word in text.split():
        at = text.index(word, at)
        if at + 1 in begun:
            groups.append((begun[at + 1] / 1000, []))
        groups[-1][1].append(word)
        at += len(word)
    edges = [*(start for start, _ in groups), len(samples) / SAMPLE_RATE]
    sounding = _sounding(samples)
    words = []
    for index, (_, together) in enumerate(groups):
        span = _clip(sounding, edges[index], edges[index + 1])
        words += [Spoken(word, *span, exact=len(together) == 1) for word in together]
    return tuple(words)


def _sounding(samples: np.ndarray) -> np.ndarray:
    """Tells of each 5 ms whether there is sound in it."""
    frames = samples[: len(samples) // _HOP * _HOP].reshape(-1, _HOP)
    return np.sqrt(np.mean(frames**2, axis=1)) > _SILENT * np.abs(samples).max()


def _clip(sounding: np.ndarray, start: float, end: float) -> tuple[float, float]:
    step = _HOP / SAMPLE_RATE
    first = round(start / step)
    inside = np.flatnonzero(sounding[first : round(end / step)])
    if not len(inside):
        return start, end
    return max(start, float(first + inside[0]) * step), min(end, float(first + inside[-1] + 1) * step)
