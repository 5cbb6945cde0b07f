"""PyanNet, pyannote's speech segmentation network, with the weights in whisperx.

SincNet filters, a bidirectional LSTM and two linear layers give the probability of each of three speakers for
each frame (Bredin & Laurent 2021, arXiv:2104.04045; SincNet: Ravanelli & Bengio 2018, arXiv:1808.00158). The
network is rebuilt in plain torch, since importing pyannote.audio takes six seconds and its loader unpickles
whatever the file holds.
"""

from __future__ import annotations

import math
from collections import OrderedDict, defaultdict
from io import BufferedReader
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.torch_version import TorchVersion

from engine.errors import UntrustedWeights, WeightsDamaged
from engine.sampling import SAMPLE_RATE
from engine.weights.pins import VAD_PICKLE, require_known_pickle

_KERNEL = 251  # samples, the length of a SincNet filter
_MIN_LOW_HZ = 50
_MIN_BAND_HZ = 50


class PyanNet(nn.Module):
    """Maps waveforms (batch, WINDOW) to speakers (batch, WINDOW_FRAMES, 3), 0 to 1."""

    def __init__(self, state: dict[str, Tensor]) -> None:
        super().__init__()
        bank = "sincnet.conv1d.0.filterbank."
        self.sincnet = SincNet(sinc_filters(state[bank + "low_hz_"], state[bank + "band_hz_"]))
        self.lstm = nn.LSTM(60, 128, num_layers=4, bidirectional=True, batch_first=True)
        self.linear = nn.ModuleList([nn.Linear(256, 128), nn.Linear(128, 128)])
        self.classifier = nn.Linear(128, 3)
        self.load_state_dict({name: tensor for name, tensor in state.items() if not name.startswith(bank)})
        self.eval()

    @classmethod
    def load(cls, path: Path, device: str) -> PyanNet:
        """Reads whisperx's checkpoint; another pickle is refused. Raises WeightsDamaged."""
        try:
            with path.open("rb") as file:
                require_known_pickle(file, "pyannote", (VAD_PICKLE,))
                state = _safe_load(file)["state_dict"]
            return cls({name: tensor.float() for name, tensor in state.items()}).to(device)
        except UntrustedWeights as error:
            raise WeightsDamaged(
                "The VAD model is not the file that whisperx 3.8.6 ships.",
                "Reinstall it: pip install --force-reinstall --no-deps whisperx==3.8.6",
            ) from error
        except (KeyError, RuntimeError, AttributeError, OSError, UnpicklingError) as error:
            raise WeightsDamaged("The VAD model cannot be read.", "Reinstall whisperx==3.8.6.") from error

    @torch.inference_mode()
    def forward(self, waveforms: Tensor) -> Tensor:
        """Returns speaker probabilities (batch, WINDOW_FRAMES, 3)."""
        hidden, _ = self.lstm(self.sincnet(waveforms.unsqueeze(1)).transpose(1, 2))
        for linear in self.linear:
            hidden = F.leaky_relu(linear(hidden))
        return self.classifier(hidden).sigmoid()


class SincNet(nn.Module):
    """Maps waveforms (batch, 1, samples) to features (batch, 60, frames)."""

    def __init__(self, filters: Tensor) -> None:
        super().__init__()
        self.filters: Tensor
        self.register_buffer("filters", filters, persistent=False)  # (80, 1, 251)
        self.wav_norm1d = nn.InstanceNorm1d(1, affine=True)
        # The filters replace the checkpoint's first convolution, so it has no weights to load.
        self.conv1d = nn.ModuleList([nn.Identity(), nn.Conv1d(80, 60, 5), nn.Conv1d(60, 60, 5)])
        self.norm1d = nn.ModuleList(nn.InstanceNorm1d(size, affine=True) for size in (80, 60, 60))

    def forward(self, waveforms: Tensor) -> Tensor:
        """Returns features (batch, 60, frames)."""
        hidden = F.conv1d(self.wav_norm1d(waveforms), self.filters, stride=10).abs()
        for convolve, normalise in zip(self.conv1d, self.norm1d, strict=True):
            hidden = F.leaky_relu(normalise(F.max_pool1d(convolve(hidden), 3)))
        return hidden


def sinc_filters(low_hz: Tensor, band_hz: Tensor) -> Tensor:
    """Returns band-pass filters (2n, 1, 251) from n learned band edges (n, 1).

    The first n are cosines, the others sines.
    """
    half = _KERNEL // 2
    window = torch.hamming_window(_KERNEL, periodic=False)[:half]
    time = 2 * math.pi * torch.arange(-half, 0).view(1, -1) / SAMPLE_RATE  # (1, 125) rad/Hz
    low = _MIN_LOW_HZ + low_hz.abs()
    high = torch.clamp(low + _MIN_BAND_HZ + band_hz.abs(), _MIN_LOW_HZ, SAMPLE_RATE / 2)
    at_low, at_high, band = low @ time, high @ time, high - low  # (n, 125), (n, 125), (n, 1)

    cosine = (at_high.sin() - at_low.sin()) / (time / 2) * window
    sine = (at_low.cos() - at_high.cos()) / (time / 2) * window
    even = torch.cat([cosine, 2 * band, cosine.flip(1)], dim=1)
    odd = torch.cat([sine, torch.zeros_like(band), -sine.flip(1)], dim=1)
    return torch.cat([even / (2 * band), odd / (2 * band)]).unsqueeze(1)


def _safe_load(file: BufferedReader) -> dict[str, Any]:
    """Loads only tensors: empty classes stand in for those of the training metadata."""
    names = torch.serialization.get_unsafe_globals_in_checkpoint(file)
    file.seek(0)
    safe: list[Any] = [
        (_Ignored, name) for name in names if name.startswith(("pyannote.", "omegaconf.", "typing."))
    ]
    with torch.serialization.safe_globals([*safe, list, dict, int, OrderedDict, defaultdict, TorchVersion]):
        return torch.load(file, map_location="cpu", weights_only=True)


class _Ignored(dict):
    """Accepts any arguments and state, and keeps none."""

    def __new__(cls, *args: Any, **kwargs: Any) -> _Ignored:
        return super().__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def __setstate__(self, state: Any) -> None:
        pass
