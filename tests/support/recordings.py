"""Where the recordings of the tests are."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def _inside(package: str, *path: str) -> Path:
    return Path(next(iter(find_spec(package).submodule_search_locations))).joinpath(*path)


ROOT = Path(__file__).resolve().parents[2]
CLIPS = _inside("pytest_audioeval", "samples", "audio")
TALK = _inside("pyannote", "audio", "sample", "sample.wav")


def clip(name: str) -> Path:
    """Returns the path of a clip of pytest-audioeval, such as "en/hello_world"."""
    return CLIPS / f"{name}.wav"
