"""Chooses the diarizer that an installation has."""

from __future__ import annotations

from collections.abc import Sequence

from engine.config import Config
from engine.diarization.embedded import EmbeddedDiarizer
from engine.diarization.pyannote import REPO, PyannoteDiarizer
from engine.diarization.turns import Diarizer
from engine.errors import WordlightError
from engine.text.notices import Notice
from engine.weights.locate import find_diarization
from engine.weights.optional_packages import PYANNOTE, has_packages, require_packages


def load_diarizer(config: Config, cuda: bool | None = None) -> tuple[Diarizer, Sequence[Notice]]:
    """Returns the diarizer that `config.diarization` names, and notices for the user.

    `auto` takes pyannote's with CUDA and either a local copy or a token, else the embedded one. If pyannote's
    cannot be loaded, the embedded one is returned and a notice says why.

    cuda  whether CUDA is usable; None asks torch, if it is installed
    """
    if config.diarization == "embedded":
        return EmbeddedDiarizer(), ()
    cuda = _has_cuda(config) if cuda is None else cuda
    wanted = config.diarization == "pyannote"
    if not wanted and not (cuda and (config.hf_token or _local(config))):
        return EmbeddedDiarizer(), ()
    try:
        require_packages("pyannote's diarizer", *PYANNOTE)
        return PyannoteDiarizer.load(find_diarization(REPO, config), "cuda" if cuda else "cpu"), ()
    except WordlightError as error:
        return EmbeddedDiarizer(), (
            Notice.of("diarizer", diarizer="embedded", instead_of="pyannote", reason=str(error)),
        )


def _local(config: Config) -> bool:
    name = REPO.split("/")[-1]
    return config.model_dir is not None and (config.model_dir / name / "config.yaml").is_file()


def _has_cuda(config: Config) -> bool:
    if not has_packages("torch"):
        return False
    import torch

    return config.device != "cpu" and torch.cuda.is_available()
