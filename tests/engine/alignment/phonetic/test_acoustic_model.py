"""Likelihoods of frames."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from engine.alignment.phonetic.acoustic_model import AcousticModel
from engine.alignment.phonetic.mfcc import CEPSTRA
from engine.weights.locate import phonetic_weights


@pytest.fixture(scope="module")
def model() -> AcousticModel:
    folder = phonetic_weights()
    assert folder is not None
    return AcousticModel.load(folder / "en-us")


def test_frames_at_the_centre_of_narrow_gaussians_have_likelihoods(model: AcousticModel) -> None:
    """Some Gaussians are so narrow that float32 does not hold their density there; nothing is said of it."""
    senones = np.arange(3)
    highest = 0.0
    for phone in range(len(model.maps)):
        maps = model.maps[phone]  # (streams, densities, factors)
        means = -0.5 * maps[..., CEPSTRA : 2 * CEPSTRA] / maps[..., :CEPSTRA]
        expanded, _ = model.expand(means.swapaxes(0, 1))
        highest = max(highest, float((maps @ expanded.swapaxes(1, 2)).max()))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert np.isfinite(model.score(expanded, phone, senones)).all()
    assert highest > np.log(np.finfo(np.float32).max)
