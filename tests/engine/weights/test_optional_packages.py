"""Which packages of the full set are installed, and what is said if one is missing."""

from __future__ import annotations

import ctranslate2
import pytest

from engine import Config
from engine.errors import SetupError
from engine.installation import device_of
from engine.weights import optional_packages
from engine.weights.optional_packages import PYANNOTE, WAV2VEC2, has_packages, require_packages


def test_the_full_set_has_them_all() -> None:
    assert has_packages(*WAV2VEC2, *PYANNOTE, *optional_packages.CUDA)
    require_packages("Nothing", *WAV2VEC2)


@pytest.mark.parametrize("name", ["nowhere", "nowhere.deep", "pyannote.nowhere"])
def test_a_package_that_is_missing_is_named_with_the_way_to_get_it(name: str) -> None:
    assert not has_packages("numpy", name)
    with pytest.raises(SetupError) as caught:
        require_packages("The test", "numpy", name)
    assert str(caught.value) == (
        f"The test needs {name}, not installed here. "
        "Install it with `make run FULL=1` or `pip install -r requirements.txt`."
    )


def test_a_gpu_without_torch_is_left_alone_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    assert device_of(Config()) == "cuda"
    monkeypatch.setattr("engine.installation.CUDA", ("nowhere",))
    assert device_of(Config()) == "cpu"
    with pytest.raises(SetupError, match="WORDLIGHT_DEVICE=cuda needs nowhere"):
        device_of(Config(device="cuda"))
