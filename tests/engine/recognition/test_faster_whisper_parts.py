"""The parts of faster-whisper are the package's own, and come without the rest of it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from engine.errors import SetupError
from engine.recognition import faster_whisper_parts
from tests.support.recordings import ROOT


def test_the_parts_are_those_of_the_package(talk: np.ndarray) -> None:
    from faster_whisper.feature_extractor import FeatureExtractor
    from faster_whisper.tokenizer import Tokenizer

    assert faster_whisper_parts.Tokenizer.__module__ == Tokenizer.__module__
    features = faster_whisper_parts.FeatureExtractor()(talk)
    assert np.array_equal(features, FeatureExtractor()(talk))


def test_the_rest_of_the_package_is_not_imported() -> None:
    code = (
        "import sys, engine.recognition.recognizer; print({'av', 'faster_whisper', 'torch'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_missing_package_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faster_whisper_parts, "package_folder", lambda name: None)
    with pytest.raises(SetupError, match="pip install faster-whisper"):
        faster_whisper_parts.load_module("tokenizer")
