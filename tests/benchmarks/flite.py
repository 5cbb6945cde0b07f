"""Speech with known word times from flite's recorded voices, asked through its C library.

Beside espeak-ng's formants, these sound like people: statistical models of an American woman (slt), an
American man (rms) and a Scotsman (awb), and an American's diphones (kal16). flite lays every sound
out before it makes a wave of it, so its word times are those of the wave to a frame of 5 ms.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from collections.abc import Iterator
from math import gcd

import numpy as np
from scipy.signal import resample_poly

from tests.support.synthesis import SAMPLE_RATE, Recording, Spoken, SynthesisMissing

VOICES = ("slt", "rms", "awb", "kal16")
_FIRST = b"R:SylStructure.daughter1.daughter1.R:Segment.p.end"  # the end of the sound before the word
_LAST = b"R:SylStructure.daughtern.daughtern.R:Segment.end"


class _Wave(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


class _Voice(ctypes.Structure):
    _fields_ = (("name", ctypes.c_char_p), ("features", ctypes.c_void_p))


def speak(text: str, voice: str, stretch: float = 1.0) -> Recording:
    """Says a text of words without digits or dashes.

    voice    one of VOICES
    stretch  how many times as long as usual everything takes
    """
    library = _library()
    handle = _voice(voice)
    features = _Voice.from_address(handle).features
    library.feat_set_float(features, b"duration_stretch", stretch)
    utterance = library.flite_synth_text(text.encode(), handle)
    if not utterance:
        raise SynthesisMissing(f"flite could not say {text!r}.")
    try:
        wave = library.utt_wave(utterance).contents
        sound = np.ctypeslib.as_array(wave.samples, (wave.num_samples,)).astype(np.float32) / 32768
        common = gcd(SAMPLE_RATE, wave.sample_rate)
        samples = resample_poly(sound, SAMPLE_RATE // common, wave.sample_rate // common)
        words = tuple(_words(library, utterance, text.split()))
    finally:
        library.delete_utterance(utterance)
    return Recording(samples.astype(np.float32), words, "en")


def _words(library: ctypes.CDLL, utterance: int, written: list[str]) -> Iterator[Spoken]:
    item = library.relation_head(library.utt_relation(utterance, b"Word"))
    for word in written:
        letters = "".join(filter(str.isalpha, word.lower()))
        said, start, end = "", None, 0.0
        while item and len(said) < len(letters):  # "it's" is two words to flite: "it", "'s"
            said += library.ffeature_string(item, b"name").decode().replace("'", "")
            if start is None:
                start = library.ffeature_float(item, _FIRST)
            end = library.ffeature_float(item, _LAST)
            item = library.item_next(item)
        if said != letters or start is None:
            raise SynthesisMissing(f"flite says {said!r} for {word!r}: write it out.")
        yield Spoken(word, float(start), float(end))


@functools.cache
def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL("libflite.so.1", mode=ctypes.RTLD_GLOBAL)
        for part in ("usenglish", "cmulex"):
            ctypes.CDLL(f"libflite_{part}.so.1", mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        raise SynthesisMissing("libflite is missing; run tests/install-debian.sh.") from error
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    signatures = {
        "feat_set_float": (None, [pointer, text, ctypes.c_float]),
        "flite_synth_text": (pointer, [text, pointer]),
        "utt_wave": (ctypes.POINTER(_Wave), [pointer]),
        "utt_relation": (pointer, [pointer, text]),
        "relation_head": (pointer, [pointer]),
        "item_next": (pointer, [pointer]),
        "ffeature_string": (text, [pointer, text]),
        "ffeature_float": (ctypes.c_float, [pointer, text]),
        "delete_utterance": (None, [pointer]),
    }
    for name, (gives, takes) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = gives, takes
    library.flite_init()
    return library


@functools.cache
def _voice(name: str) -> int:
    _library()
    try:
        library = ctypes.CDLL(f"libflite_cmu_us_{name}.so.1", mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        raise SynthesisMissing(f"flite has no voice {name}.") from error
    register = getattr(library, f"register_cmu_us_{name}")
    register.restype, register.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    return register(None)
