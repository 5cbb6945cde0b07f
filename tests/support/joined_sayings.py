"""Sentences of several people, joined at levels of one's choice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import soundfile
from faster_whisper.audio import decode_audio
from numpy.typing import NDArray

from engine.regions import Span
from tests.support.recordings import ROOT, TALK, clip

RATE = 16_000  # Hz
LEVEL = 0.08  # standard deviation of the samples at 0 dB
TURNS = {"sheila": (21.935, 23.978), "yankee": (28.445, 29.987)}  # seconds of TALK
CLIPS = {"fox": "en/quick_brown_fox", "hello": "en/hello_world", "count": "en/counting"}


def saying(name: str, level: float = 0.0) -> NDArray[np.float32]:
    """Returns a saying of TURNS or CLIPS, or "kennedy", at a level in dB."""
    if name in TURNS:
        first, last = (round(time * RATE) for time in TURNS[name])
        samples = soundfile.read(TALK, dtype="float32")[0][first:last]
    elif name == "kennedy":
        samples = decode_audio(str(ROOT / "assets" / "examples" / "kennedy-1961.mp3"), RATE)[4_000:37_000]
    else:
        samples = soundfile.read(clip(CLIPS[name]), dtype="float32")[0]
    return np.asarray(samples * (LEVEL / samples.std() * 10 ** (level / 20)), np.float32)


def joined(
    parts: Sequence[NDArray[np.float32]], pause: float = 0.0
) -> tuple[NDArray[np.float32], list[Span]]:
    """Returns parts with pauses in seconds between them and silence around, and where each one is, in seconds."""
    samples, spans, at = [np.zeros(round(0.4 * RATE), np.float32)], [], 0.4
    for part in parts:
        spans.append((at, at + len(part) / RATE))
        samples += [part, np.zeros(round(pause * RATE), np.float32)]
        at = spans[-1][1] + pause
    return np.concatenate([*samples, np.zeros(round(0.4 * RATE), np.float32)]), spans
