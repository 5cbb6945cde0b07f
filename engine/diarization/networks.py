"""The two networks of the embedded diarizer: loaded at first use, shared between recordings."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.diarization.features import log_mel
from engine.diarization.turns import Samples
from engine.errors import ModelMissing, WeightsDamaged
from engine.weights.pins import DIARIZATION

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "models"
LONGEST = 1000  # 10-ms frames embedded at once, which bounds memory
FEWEST = 40  # 10-ms frames; less does not tell a voice


@dataclass(frozen=True, slots=True)
class Networks:
    """onnxruntime sessions of both networks; several threads may run them at once."""

    segmentation: Any
    embedding: Any

    def embed(self, samples: Samples) -> NDArray[np.float32] | None:
        """Returns the voice's vector (192,) of length 1; None if there is too little to embed."""
        return self.embed_features(log_mel(samples))

    def embed_features(self, features: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Returns the vector of log-mel features (frames, 80); see `embed`."""
        if len(features) < FEWEST:
            return None
        features = features[:LONGEST]
        centred = features - features.mean(0)
        vector = self.embedding.run(None, {"features": centred[None]})[0][0]
        return vector / max(float(np.linalg.norm(vector)), 1e-9)


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
                    segmentation=_open(self._folder / "segmentation-3.0.onnx"),
                    embedding=_open(self._folder / "campplus.onnx"),
                )
            return self._networks


def _open(path: Path) -> Any:
    """Opens a network for one thread: recordings run beside each other and beside recognition."""
    import onnxruntime

    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelMissing(
            f"The diarization model {path} cannot be read: {error.strerror}.", "Reinstall Wordlight."
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != DIARIZATION[path.name]:
        raise WeightsDamaged(
            f"The diarization model {path} has the SHA-256 {found}, which is not the one shipped.",
            "Reinstall Wordlight.",
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # lengths vary, so that an arena would only grow
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has one class a cause, and no common one
        raise WeightsDamaged(
            f"The diarization model {path} cannot be loaded.", "Reinstall onnxruntime."
        ) from error
