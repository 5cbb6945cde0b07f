"""Where the recordings of the tests are."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import soundfile


def _inside(package: str, *path: str) -> Path:
    return Path(next(iter(find_spec(package).submodule_search_locations))).joinpath(*path)


RATE = 16_000  # Hz, of the clips
ROOT = Path(__file__).resolve().parents[2]
CLIPS = _inside("pytest_audioeval", "samples", "audio")
TALK = _inside("pyannote", "audio", "sample", "sample.wav")


def clip(name: str) -> Path:
    """Returns the path of a clip of pytest-audioeval, such as "en/hello_world"."""
    return CLIPS / f"{name}.wav"


def join_clips(path: Path, names: Sequence[str], pause: float) -> Path:
    """Writes clips one after the other, with so many seconds of silence after each; returns the path."""
    gap = np.zeros(round(pause * RATE), np.float32)
    parts = [part for name in names for part in (soundfile.read(clip(name), dtype="float32")[0], gap)]
    soundfile.write(path, np.concatenate(parts), RATE)
    return path
