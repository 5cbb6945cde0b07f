"""The two networks of the embedded diarizer: loaded at first use, shared between recordings."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.weights.shipped_networks import FOLDER, open_network

LONGEST = 1000  # 10-ms frames embedded at once, which bounds memory
FEWEST = 20  # 10-ms frames; less does not tell a voice


@dataclass(frozen=True, slots=True)
class Networks:
    """onnxruntime sessions of both networks; several threads may run them at once."""

    segmentation: Any
    embedding: Any

    def embed(self, features: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Returns the voice's vector (192,) of length 1 by log-mel features (frames, 80); None if they are too few."""
        return self.embed_all([features])[0]

    def embed_all(self, features: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32] | None]:
        """Returns the vector of each; see `embed`. Those of one length are computed together."""
        vectors: list[NDArray[np.float32] | None] = [None] * len(features)
        cut = [each[:LONGEST] for each in features]
        for length in {len(each) for each in cut}:
            if length < FEWEST:
                continue
            places = [place for place, each in enumerate(cut) if len(each) == length]
            most = max(1, LONGEST // length)
            for begin in range(0, len(places), most):
                batch = np.stack([cut[place] for place in places[begin : begin + most]])
                found = self.embedding.run(None, {"features": batch - batch.mean(1, keepdims=True)})[0]
                for place, vector in zip(places[begin:], found, strict=False):
                    vectors[place] = vector / max(float(np.linalg.norm(vector)), 1e-9)
        return vectors


class NetworkLoader:
    """Loads the networks when they are first asked for. Safe to use from several threads."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._networks: Networks | None = None

    def get(self) -> Networks:
        """Returns the networks. Raises ModelMissing or WeightsDamaged."""
        with self._lock:
            if self._networks is None:
                self._networks = Networks(
                    segmentation=open_network(self._folder / "segmentation-3.0.onnx", "diarization"),
                    embedding=open_network(self._folder / "campplus.onnx", "diarization"),
                )
            return self._networks
