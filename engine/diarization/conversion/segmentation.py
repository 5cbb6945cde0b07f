"""pyannote's segmentation-3.0, a network that tells who speaks among three people in ten seconds.

Plaquet & Bredin 2023, arXiv:2310.13025. Its first layers are those of the network for voice activity
detection; its output is one of seven sets of speakers for each frame.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.vad.pyannet import SincNet, sinc_filters

HIDDEN = 128  # units of an LSTM in one direction
LAYERS = 4


class PowersetSegmentation(nn.Module):
    """Maps waveforms (batch, 1, 160000) to log-probabilities (batch, 589, 7) of sets of speakers."""

    def __init__(self, state: Mapping[str, Tensor]) -> None:
        super().__init__()
        bank = "sincnet.conv1d.0.filterbank."
        self.sincnet = SincNet(sinc_filters(state[f"{bank}low_hz_"], state[f"{bank}band_hz_"]))
        prefix = "sincnet."
        self.sincnet.load_state_dict(
            {
                name.removeprefix(prefix): tensor
                for name, tensor in state.items()
                if name.startswith(prefix) and bank not in name
            }
        )
        self.weights = {name: tensor for name, tensor in state.items() if not name.startswith(prefix)}
        self.eval()

    def forward(self, waveforms: Tensor) -> Tensor:
        hidden = self.sincnet(waveforms).transpose(1, 2)
        start = torch.zeros(2 * LAYERS, hidden.shape[0], HIDDEN)
        hidden, _, _ = torch.lstm(
            hidden, (start, start), self._lstm_weights(), True, LAYERS, 0.0, False, True, True
        )
        for layer in ("linear.0", "linear.1"):
            hidden = F.leaky_relu(self._linear(hidden, layer))
        return self._linear(hidden, "classifier").log_softmax(-1)

    def _linear(self, hidden: Tensor, name: str) -> Tensor:
        return F.linear(hidden, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _lstm_weights(self) -> list[Tensor]:
        return [
            self.weights[f"lstm.{kind}_l{layer}{direction}"]
            for layer in range(LAYERS)
            for direction in ("", "_reverse")
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ]
