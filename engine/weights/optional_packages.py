"""Tells which packages of the full set are installed; the light set has no torch.

requirements-cpu.txt lists the light set; requirements.txt brings the full one.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

from engine.errors import SetupError

HOW_TO_GET = "Install it with `make run FULL=1` or `pip install -r requirements.txt`."

# What needs more than the light set, with its packages.
CUDA = ("torch", "whisperx")
WAV2VEC2 = ("torch", "torchaudio", "transformers", "safetensors")
PYANNOTE = ("torch", "pyannote.audio")


def has_packages(*packages: str) -> bool:
    """Returns whether all of these packages can be imported; imports none of them."""
    return not _missing(packages)


def require_packages(feature: str, *packages: str) -> None:
    """Raises SetupError, which names the missing packages, unless all are installed.

    feature  what needs them, as the subject of a sentence
    """
    if missing := _missing(packages):
        raise SetupError(f"{feature} needs {' and '.join(missing)}, not installed here.", HOW_TO_GET)


def _missing(packages: tuple[str, ...]) -> list[str]:
    return [name for name in packages if not _is_here(name)]


@cache
def _is_here(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # of a.b, if there is no a
        return False
