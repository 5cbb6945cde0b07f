"""Converts pyannote's network for voice activity detection: python -m engine.vad.conversion FOLDER.

FOLDER receives voice-activity.onnx, made from the weights in whisperx's wheel. Needs torch and whisperx. The converted
file is in assets/models, so that an installation needs neither.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.vad.frames import WINDOW
from engine.vad.onnx_network import NAME
from engine.vad.pyannet import PyanNet
from engine.weights.locate import vad_weights

OPSET = 17
UNITS = 128  # of an LSTM in one direction
LAYERS = 4


class VoiceActivity(nn.Module):
    """Maps waveforms (batch, WINDOW) to the probability that anyone speaks, (batch, WINDOW_FRAMES).

    The network answers for each of three speakers; anyone speaks as surely as the surest of them.
    """

    def __init__(self, network: PyanNet) -> None:
        super().__init__()
        self.network = network
        self.eval()

    def forward(self, waveforms: Tensor) -> Tensor:
        network = self.network
        hidden = network.sincnet(waveforms.unsqueeze(1)).transpose(1, 2)
        # The state is given, so that the exported network takes batches of any size.
        start = torch.zeros(2 * LAYERS, hidden.shape[0], UNITS)
        hidden, _ = network.lstm(hidden, (start, start))
        for linear in network.linear:
            hidden = F.leaky_relu(linear(hidden))
        return network.classifier(hidden).sigmoid().amax(dim=2)


def convert(folder: Path) -> Path:
    """Writes the network into a folder; returns its path."""
    path = folder / NAME
    torch.onnx.export(
        VoiceActivity(PyanNet.load(vad_weights(), "cpu")),
        (torch.zeros(2, WINDOW),),
        str(path),
        input_names=["waveforms"],
        output_names=["speech"],
        dynamic_axes={"waveforms": {0: "batch"}, "speech": {0: "batch"}},
        opset_version=OPSET,
        dynamo=False,
    )
    return path


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    convert(Path(sys.argv[1]))
