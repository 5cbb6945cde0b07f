"""pyannote's network for voice activity detection, run by onnxruntime on the CPU.

The file in assets/models is made by engine/vad/conversion.py. It gives the probabilities of the network in torch to
within 0.001, and needs no torch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engine.weights.shipped_networks import FOLDER, open_network

NAME = "voice-activity.onnx"


class OnnxNetwork:
    """Maps windows (n, WINDOW) to the probability that anyone speaks, (n, WINDOW_FRAMES)."""

    def __init__(self, session: Any) -> None:
        self._session = session

    @classmethod
    def load(cls, path: Path = FOLDER / NAME) -> OnnxNetwork:
        """Reads the network; another file is refused. Raises ModelMissing and WeightsDamaged."""
        return cls(open_network(path, "VAD"))

    def __call__(self, windows: np.ndarray) -> np.ndarray:
        """Returns probabilities; several threads may call it at once."""
        return self._session.run(None, {"waveforms": np.ascontiguousarray(windows)})[0]
