"""pyannote's network for voice activity detection, run by onnxruntime on the CPU.

The file in assets/models is made by engine/vad/conversion.py. It gives the probabilities of the network in torch to
within 0.001 and takes 0.8 of its CPU time. torch, which takes a gigabyte of disk, is not needed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import ModelMissing, WeightsDamaged
from engine.weights.pins import VAD_ONNX

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "models"
NAME = "voice-activity.onnx"


class OnnxNetwork:
    """Maps windows (n, WINDOW) to the probability that anyone speaks, (n, WINDOW_FRAMES)."""

    def __init__(self, session: Any) -> None:
        self._session = session

    @classmethod
    def load(cls, path: Path = FOLDER / NAME) -> OnnxNetwork:
        """Reads the network; another file is refused. Raises ModelMissing and WeightsDamaged."""
        import onnxruntime

        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelMissing(
                f"The VAD model {path} cannot be read: {error.strerror}.", "Reinstall Wordlight."
            ) from error
        if hashlib.sha256(content).hexdigest() != VAD_ONNX:
            raise WeightsDamaged(
                f"The VAD model {path} is not the file that Wordlight ships.", "Reinstall Wordlight."
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # recordings run beside each other
        options.enable_cpu_mem_arena = False  # so that the memory of a batch is free after it
        options.log_severity_level = 4
        try:
            return cls(onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"]))
        except Exception as error:  # onnxruntime has one class a cause, and no common one
            raise WeightsDamaged(
                f"The VAD model {path} cannot be loaded.", "Reinstall onnxruntime."
            ) from error

    def __call__(self, windows: np.ndarray) -> np.ndarray:
        """Returns probabilities; several threads may call it at once."""
        return self._session.run(None, {"waveforms": np.ascontiguousarray(windows)})[0]
