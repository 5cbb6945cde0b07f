"""A pyannote pipeline of two networks that tell tones apart, in the layout of speaker-diarization-community-1.

Everything but the networks is pyannote's own: loading, windows, PLDA and clustering.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning
import torch
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.embedding.debug import SimpleEmbeddingModel
from pyannote.audio.models.segmentation.debug import SimpleSegmentationModel
from torch import Tensor
from torch.nn import functional as F

RATE = 16_000  # Hz
LOW, HIGH = 300.0, 3000.0  # Hz, the two voices
BANDS = 8  # of the mel spectrum, which are the embedding
SPLIT = 64  # the mel band between the voices, of 128
AUDIBLE = 1.0  # energy of a voice that speaks
WINDOW = 5.0  # seconds
FADE = 0.1  # seconds at both ends of a part

CONFIG = """\
dependencies:
  pyannote.audio: 4.0.0
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    clustering: VBxClustering
    segmentation: $model/segmentation
    segmentation_batch_size: 8
    embedding: $model/embedding
    embedding_batch_size: 8
    embedding_exclude_overlap: true
    plda: $model/plda
params:
  clustering: {threshold: 0.6, Fa: 0.07, Fb: 0.8}
  segmentation: {min_duration_off: 0.0}
"""


class ToneSegmentation(SimpleSegmentationModel):
    """Hears the low voice, the high one, both or none in each frame."""

    def build(self) -> None:
        """Needs no layers beyond the spectrum's."""

    def forward(self, waveforms: Tensor) -> Tensor:
        mel = self.mfcc.MelSpectrogram(waveforms.squeeze(1))
        low, high = mel[:, :SPLIT].sum(1) > AUDIBLE, mel[:, SPLIT:].sum(1) > AUDIBLE
        heard = low.long() + 2 * high.long()  # none, low, high, both: pyannote's order of sets
        return F.one_hot(heard, 4).float().clamp(min=1e-6).log()


class ToneEmbedding(SimpleEmbeddingModel):
    """Maps speech to its mean energy in each band."""

    def build(self) -> None:
        """Needs no layers beyond the spectrum's."""

    @property
    def dimension(self) -> int:
        return BANDS

    def forward(self, waveforms: Tensor, weights: Tensor | None = None) -> Tensor:
        mel = self.mfcc.MelSpectrogram(waveforms.squeeze(1))
        bands = mel.unflatten(1, (BANDS, -1)).sum(2).clamp(min=1e-6).sqrt()
        if weights is None:
            return bands.mean(-1)
        weights = F.interpolate(weights[:, None], bands.shape[-1])
        return (bands * weights).sum(-1) / weights.sum(-1).clamp(min=1e-6)


def write_pipeline(folder: Path) -> None:
    """Writes the pipeline's configuration, networks and PLDA into a new folder."""
    people = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=WINDOW,
        classes=["one", "other"],
        powerset_max_classes=2,
        permutation_invariant=True,
    )
    voices = Specifications(
        problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=WINDOW, classes=["one", "other"]
    )
    _save(ToneSegmentation(), people, folder / "segmentation")
    _save(ToneEmbedding(), voices, folder / "embedding")
    plda = folder / "plda"
    plda.mkdir()
    zero, one = np.zeros(BANDS), np.eye(BANDS)
    np.savez(plda / "xvec_transform.npz", mean1=zero, mean2=zero, lda=one)
    np.savez(plda / "plda.npz", mu=zero, tr=one, psi=np.linspace(8.0, 1.0, BANDS))
    (folder / "config.yaml").write_text(CONFIG)


def tones(*parts: tuple[float, tuple[float, ...]]) -> np.ndarray:
    """Returns parts, each of some seconds and of the voices at these frequencies, one after another."""
    found = []
    for seconds, voices in parts:
        time = np.arange(round(seconds * RATE)) / RATE
        fade = np.minimum(1.0, np.minimum(time, seconds - time) / FADE)  # a click would be in all bands
        found.append(sum((0.2 * np.sin(2 * np.pi * hz * time) for hz in voices), np.zeros(len(time))) * fade)
    return np.concatenate(found).astype(np.float32)


def _save(network: Any, specifications: Specifications, folder: Path) -> None:
    network.specifications = specifications
    checkpoint: dict[str, Any] = {
        "state_dict": network.state_dict(),
        "hyper_parameters": dict(network.hparams),
        "pytorch-lightning_version": pytorch_lightning.__version__,
    }
    network.on_save_checkpoint(checkpoint)
    folder.mkdir(parents=True)
    torch.save(checkpoint, folder / "pytorch_model.bin")
