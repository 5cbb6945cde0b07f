"""The diarizer that anyone can install with pip: pyannote's pipeline over Resemblyzer's embedding.

The segmentation is the one that WhisperX carries for voice activity detection; the embedding is GE2E (Wan et al. 2018,
arXiv:1710.10467) with the weights in Resemblyzer's wheel. The wheel is fetched and read; its code is not run.
"""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from importlib.metadata import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pyannote.audio import Model
from pyannote.audio.core.plda import PLDA
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.pipelines import SpeakerDiarization
from torch import Tensor, nn
from torch.nn import functional as F
from torchaudio.transforms import MelSpectrogram

from engine.diarization.turns import Diarization, SpeakerCount, Turn
from engine.sampling import SAMPLE_RATE
from tests.benchmarks.speaker_cases import Case

WHEEL = "resemblyzer==0.1.4"
MELS, UNITS = 40, 256
PARTIAL, PARTIAL_STEP = 160, 80  # 10-ms frames that the network was trained on at a time
# Cosine distance above which clusters stay apart; not tuned.
CLUSTERING = {"method": "centroid", "min_cluster_size": 2, "threshold": 0.3}


class GE2E(Model):  # type: ignore[misc]
    """Maps 16-kHz speech to a vector of 256."""

    def __init__(self, state: dict[str, Tensor]) -> None:
        super().__init__(sample_rate=SAMPLE_RATE, num_channels=1)
        self.mel = MelSpectrogram(
            SAMPLE_RATE, n_fft=400, hop_length=160, n_mels=MELS, norm="slaney", mel_scale="slaney"
        )
        self.lstm = nn.LSTM(MELS, UNITS, 3, batch_first=True)
        self.linear = nn.Linear(UNITS, UNITS)
        wanted = ("lstm.", "linear.")
        self.load_state_dict(
            {key: value for key, value in state.items() if key.startswith(wanted)}, strict=False
        )
        self.specifications = Specifications(
            problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=5.0, classes=["person"]
        )

    @property
    def dimension(self) -> int:
        return UNITS

    def forward(self, waveforms: Tensor, weights: Tensor | None = None) -> Tensor:
        mel = self.mel(waveforms[:, 0]).transpose(1, 2)
        if weights is None:
            return torch.stack([self._embed(frames) for frames in mel])
        masks = F.interpolate(weights[:, None].float(), mel.shape[1])[:, 0] > 0.5
        return torch.stack([self._embed(frames[mask]) for frames, mask in zip(mel, masks, strict=True)])

    def _embed(self, frames: Tensor) -> Tensor:
        if len(frames) < PARTIAL // 4:
            return torch.full((UNITS,), torch.nan)
        frames = F.pad(frames, (0, 0, 0, max(0, PARTIAL - len(frames))))
        partials = frames.unfold(0, PARTIAL, PARTIAL_STEP).transpose(1, 2)
        _, (hidden, _) = self.lstm(partials)
        return F.normalize(F.normalize(self.linear(hidden[-1]).relu(), dim=1).mean(0), dim=0)


class Baseline:
    """Diarizes cases with the pipeline."""

    def __init__(self, folder: Path, threshold: float = CLUSTERING["threshold"]) -> None:  # type: ignore[assignment]
        segmentation = next(
            path for path in files("whisperx") or () if path.match("whisperx/assets/pytorch_model.bin")
        )
        network = Model.from_pretrained(str(segmentation.locate()), strict=False)
        self._pipeline = SpeakerDiarization(
            segmentation=network,
            embedding=GE2E(_weights(folder)).eval(),
            embedding_exclude_overlap=True,
            segmentation_step=0.5,
            clustering="AgglomerativeClustering",
            plda=_no_plda(folder),
        )
        self._pipeline.instantiate(
            {
                "segmentation": {"threshold": 0.5, "min_duration_off": 0.0},
                "clustering": CLUSTERING | {"threshold": threshold},
            }
        )

    def __call__(self, case: Case, count: SpeakerCount) -> Diarization:
        limits = {"num_speakers": count.exact} if count.exact else {}
        sound: Any = {"waveform": torch.from_numpy(case.samples)[None], "sample_rate": SAMPLE_RATE}
        found = self._pipeline(sound, **limits).speaker_diarization
        numbers = {label: number for number, label in enumerate(found.labels())}
        turns = [
            Turn(part.start, part.end, numbers[label])
            for part, _, label in found.itertracks(yield_label=True)
        ]
        return Diarization(tuple(turns))


def _no_plda(folder: Path) -> PLDA:
    """Returns a PLDA that changes nothing: the pipeline loads one, and this clustering does not use it."""
    zero, one = np.zeros(2), np.eye(2)
    np.savez(folder / "xvec_transform.npz", mean1=zero, mean2=zero, lda=one)
    np.savez(folder / "plda.npz", mu=zero, tr=one, psi=np.ones(2))
    return PLDA.from_pretrained(folder)


def _weights(folder: Path) -> dict[str, Tensor]:
    if not (found := sorted(folder.glob("[Rr]esemblyzer-*.whl"))):
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), WHEEL]
        subprocess.run(pip, check=True)
        found = sorted(folder.glob("[Rr]esemblyzer-*.whl"))
    with zipfile.ZipFile(found[0]) as wheel:
        content = wheel.read("resemblyzer/pretrained.pt")
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)["model_state"]
