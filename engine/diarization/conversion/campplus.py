"""CAM++, a network that maps speech to a vector of its speaker's voice.

Wang et al. 2023, arXiv:2303.00332. The network is built from the state dict that 3D-Speaker published, with
each batch normalisation that follows a convolution folded into the latter.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.diarization.conversion.storage import Precision, StoredWeights

EPSILON = 1e-5  # of the batch normalisations
# Layers and dilation of the three dense blocks.
BLOCKS = ((12, 1), (24, 2), (16, 2))
# Layers outside of the dense blocks: a quarter of the weights, and most of what int8 would cost in accuracy.
FINE = r"head|xvector\.(tdnn|transit|dense)"
CONTEXT = 100  # frames whose mean each of them sees beside the mean of all


class CamPlus(nn.Module):
    """Maps log-mel features (batch, frames, 80), their mean subtracted, to vectors (batch, 192)."""

    def __init__(self, state: Mapping[str, Tensor], precision: Precision) -> None:
        super().__init__()
        self.weights = StoredWeights(_folded(state), precision, FINE)
        self.eval()

    def forward(self, features: Tensor) -> Tensor:
        hidden = self._head(features.transpose(1, 2).unsqueeze(1))
        hidden = self._convolve1d(hidden, "xvector.tdnn.linear", stride=2).relu()
        for block, (layers, dilation) in enumerate(BLOCKS, 1):
            for layer in range(1, layers + 1):
                added = self._dense_layer(hidden, f"xvector.block{block}.tdnnd{layer}", dilation)
                hidden = torch.cat([hidden, added], dim=1)
            hidden = self._normalise(hidden, f"xvector.transit{block}.nonlinear.batchnorm").relu()
            hidden = self._convolve1d(hidden, f"xvector.transit{block}.linear")
        hidden = self._normalise(hidden, "xvector.out_nonlinear.batchnorm").relu()
        moments = torch.cat([hidden.mean(-1), hidden.std(-1, unbiased=True)], dim=-1)
        return self._convolve1d(moments.unsqueeze(-1), "xvector.dense.linear").squeeze(-1)

    def _head(self, picture: Tensor) -> Tensor:
        """Halves the mel axis three times by residual two-dimensional convolutions."""
        hidden = self._convolve2d(picture, "head.conv1").relu()
        for layer in ("head.layer1", "head.layer2"):
            for part, stride in ((f"{layer}.0", 2), (f"{layer}.1", 1)):
                inner = self._convolve2d(hidden, f"{part}.conv1", stride).relu()
                inner = self._convolve2d(inner, f"{part}.conv2")
                if f"{part}.shortcut.0.weight" in self.weights:
                    hidden = self._convolve2d(hidden, f"{part}.shortcut.0", stride)
                hidden = (inner + hidden).relu()
        return self._convolve2d(hidden, "head.conv2", 2).relu().flatten(1, 2)

    def _dense_layer(self, hidden: Tensor, name: str, dilation: int) -> Tensor:
        """Returns the 32 channels that a dense layer adds, masked by the context around each frame."""
        hidden = self._normalise(hidden, f"{name}.nonlinear1.batchnorm").relu()
        hidden = self._convolve1d(hidden, f"{name}.linear1").relu()
        near = F.avg_pool1d(hidden, CONTEXT, CONTEXT, ceil_mode=True).unsqueeze(-1)
        near = near.expand(-1, -1, -1, CONTEXT).flatten(2)[..., : hidden.shape[-1]]
        context = self._convolve1d(hidden.mean(-1, keepdim=True) + near, f"{name}.cam_layer.linear1").relu()
        mask = self._convolve1d(context, f"{name}.cam_layer.linear2").sigmoid()
        return mask * self._convolve1d(hidden, f"{name}.cam_layer.linear_local", dilation=dilation)

    def _convolve1d(self, hidden: Tensor, name: str, stride: int = 1, dilation: int = 1) -> Tensor:
        padding = self.weights.length(f"{name}.weight") // 2 * dilation
        weight = self.weights[f"{name}.weight"]
        return F.conv1d(hidden, weight, self._bias(name), stride, padding, dilation)

    def _convolve2d(self, hidden: Tensor, name: str, stride: int = 1) -> Tensor:
        padding = self.weights.length(f"{name}.weight") // 2
        weight = self.weights[f"{name}.weight"]
        return F.conv2d(hidden, weight, self._bias(name), (stride, 1), padding)

    def _bias(self, name: str) -> Tensor | None:
        if f"{name}.bias" not in self.weights:
            return None
        return self.weights[f"{name}.bias"]

    def _normalise(self, hidden: Tensor, name: str) -> Tensor:
        return hidden * self.weights[f"{name}.scale"] + self.weights[f"{name}.shift"]


def _folded(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Returns the weights with every batch normalisation as scale and shift, folded if possible."""
    tensors = {name: it for name, it in state.items() if name.endswith((".weight", ".bias")) and it.ndim}
    for name in state:
        if not name.endswith(".running_mean"):
            continue
        norm = name.removesuffix(".running_mean")
        gain = tensors.pop(f"{norm}.weight", torch.ones(1)).double()
        offset = tensors.pop(f"{norm}.bias", torch.zeros(1)).double()
        scale = gain / (state[f"{norm}.running_var"].double() + EPSILON).sqrt()
        shift = offset - state[name].double() * scale
        if before := _convolution_before(norm, state):
            weight = state[f"{before}.weight"].double()
            tensors[f"{before}.weight"] = (weight * scale.view(-1, *[1] * (weight.ndim - 1))).float()
            tensors[f"{before}.bias"] = shift.float()
        else:
            tensors[f"{norm}.scale"] = scale.view(-1, 1).float()
            tensors[f"{norm}.shift"] = shift.view(-1, 1).float()
    return tensors


def _convolution_before(norm: str, state: Mapping[str, Tensor]) -> str | None:
    """Returns the name of the convolution whose output a batch normalisation takes as it is."""
    parent, _, last = norm.rpartition(".")
    if parent.endswith(".nonlinear2"):
        return f"{parent.removesuffix('.nonlinear2')}.linear1"
    if parent in ("xvector.tdnn.nonlinear", "xvector.dense.nonlinear"):
        return f"{parent.removesuffix('.nonlinear')}.linear"
    if last.startswith("bn"):
        return f"{parent}.conv{last.removeprefix('bn')}"
    if parent.endswith(".shortcut"):
        return f"{parent}.0"
    return None
