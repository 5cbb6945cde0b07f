"""pyannote's network for voice activity detection, run by torch on a GPU."""

from __future__ import annotations

import numpy as np
import torch

from engine.vad.pyannet import PyanNet
from engine.weights.locate import vad_weights


class TorchNetwork:
    """Maps windows (n, WINDOW) to the probability that anyone speaks, (n, WINDOW_FRAMES)."""

    def __init__(self, network: PyanNet, device: str) -> None:
        self._network = network
        self._device = device

    @classmethod
    def load(cls, device: str) -> TorchNetwork:
        """Reads the weights in whisperx's wheel. Raises ModelMissing and WeightsDamaged."""
        return cls(PyanNet.load(vad_weights(), device), device)

    def __call__(self, windows: np.ndarray) -> np.ndarray:
        """Returns probabilities."""
        batch = torch.from_numpy(windows.copy()).to(self._device)
        return self._network(batch).amax(dim=2).cpu().numpy()
