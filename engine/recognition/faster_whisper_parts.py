"""Loads faster-whisper's tokenizer and feature extractor without the rest of that package.

The package imports PyAV, 107 MB with its own copy of ffmpeg's libraries, to read media files. Wordlight reads them with
the program ffmpeg. The two modules need numpy and tokenizers alone.
"""

from __future__ import annotations

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from engine.errors import SetupError
from engine.weights.pip_packages import package_folder

if TYPE_CHECKING:
    from faster_whisper.feature_extractor import FeatureExtractor
    from faster_whisper.tokenizer import Tokenizer

__all__ = ["FeatureExtractor", "Tokenizer", "load_feature_extractor"]

SETTINGS = ("feature_size", "sampling_rate", "hop_length", "chunk_length", "n_fft")


def load_module(name: str) -> ModuleType:
    """Returns a module of faster-whisper. Raises SetupError if the package is missing."""
    whole = f"faster_whisper.{name}"
    folder = package_folder("faster_whisper")
    path = folder / f"{name}.py" if folder else None
    if path is None or not path.is_file():
        raise SetupError(
            f"{whole} is not installed here.", "Install it with: pip install faster-whisper==1.2.1"
        )
    spec = spec_from_file_location(whole, path)
    assert spec is not None and spec.loader is not None, "a file that ends in .py has a loader"
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if not TYPE_CHECKING:
    FeatureExtractor = load_module("feature_extractor").FeatureExtractor
    Tokenizer = load_module("tokenizer").Tokenizer


def load_feature_extractor(path: Path, n_mels: int) -> FeatureExtractor:
    """Returns the extractor with the settings in a model's folder; without any, only n_mels varies."""
    file = path / "preprocessor_config.json"
    found = json.loads(file.read_text()) if file.is_file() else {}
    given = {key: value for key, value in found.items() if key in SETTINGS}
    return FeatureExtractor(**({"feature_size": n_mels} | given))
