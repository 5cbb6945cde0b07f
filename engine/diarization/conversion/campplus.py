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
        folded = _folded(state)
        # Normalisations with negative factors, which few have. None is 0.
        self._falling = {
            name for name, tensor in folded.items() if name.endswith(".scale") and (tensor < 0).any()
        }
        self.weights = StoredWeights(folded, precision, FINE)
        self.eval()

    def forward(self, features: Tensor) -> Tensor:
        hidden = self._head(features.transpose(1, 2).unsqueeze(1))
        hidden = self._convolve1d(hidden, "xvector.tdnn.linear", stride=2).relu().transpose(1, 2)
        # Frames come before channels from here on, so that products with the weights need no copies.
        member, pooling = contexts(hidden.shape[1])
        for block, (layers, dilation) in enumerate(BLOCKS, 1):
            for layer in range(1, layers + 1):
                name = f"xvector.block{block}.tdnnd{layer}"
                added = self._dense_layer(hidden, name, dilation, member, pooling)
                hidden = torch.cat([hidden, added], dim=2)
            transit = f"xvector.transit{block}"
            hidden = self._normalised_linear(hidden, f"{transit}.nonlinear.batchnorm", f"{transit}.linear")
        name = "xvector.out_nonlinear.batchnorm"
        hidden = (hidden * self._row(f"{name}.scale") + self._row(f"{name}.shift")).relu()
        moments = torch.cat([hidden.mean(1), hidden.std(1, unbiased=True)], dim=-1)
        return self._linear(moments, "xvector.dense.linear")

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

    def _dense_layer(
        self, hidden: Tensor, name: str, dilation: int, member: Tensor, pooling: Tensor
    ) -> Tensor:
        """Returns the 32 channels that a dense layer adds, masked by the context around each frame."""
        hidden = self._normalised_linear(hidden, f"{name}.nonlinear1.batchnorm", f"{name}.linear1").relu()
        context = self._linear(pooling @ hidden, f"{name}.cam_layer.linear1").relu()
        mask = self._linear(context, f"{name}.cam_layer.linear2").sigmoid()
        weight = self.weights[f"{name}.cam_layer.linear_local.weight"]
        return (member @ mask) * convolve_frames(hidden, weight, dilation)

    def _normalised_linear(self, hidden: Tensor, norm: str, name: str) -> Tensor:
        return normalised_linear(
            hidden,
            scale=self._row(f"{norm}.scale"),
            shift=self._row(f"{norm}.shift"),
            weight=self._matrix(name),
            bias=self._bias(name),
            rising=f"{norm}.scale" not in self._falling,
        )

    def _linear(self, hidden: Tensor, name: str) -> Tensor:
        product = hidden @ self._matrix(name).t()
        bias = self._bias(name)
        return product if bias is None else product + bias

    def _convolve1d(self, hidden: Tensor, name: str, stride: int = 1) -> Tensor:
        padding = self.weights.length(f"{name}.weight") // 2
        return F.conv1d(hidden, self.weights[f"{name}.weight"], self._bias(name), stride, padding)

    def _convolve2d(self, hidden: Tensor, name: str, stride: int = 1) -> Tensor:
        padding = self.weights.length(f"{name}.weight") // 2
        weight = self.weights[f"{name}.weight"]
        return F.conv2d(hidden, weight, self._bias(name), (stride, 1), padding)

    def _matrix(self, name: str) -> Tensor:
        """Returns the weight (outputs, inputs) of a convolution of single frames."""
        return self.weights[f"{name}.weight"].squeeze(-1)

    def _row(self, name: str) -> Tensor:
        return self.weights[name].squeeze(-1)

    def _bias(self, name: str) -> Tensor | None:
        if f"{name}.bias" not in self.weights:
            return None
        return self.weights[f"{name}.bias"]


def normalised_linear(
    hidden: Tensor, *, scale: Tensor, shift: Tensor, weight: Tensor, bias: Tensor | None, rising: bool
) -> Tensor:
    """Returns the linear map (outputs, inputs) of relu(scale x + shift), which takes one pass over x.

    For a positive scale that is scale max(x, -shift / scale) + shift, of which all but the maximum is linear too.

    scale   no factor is 0
    rising  whether all factors are positive
    """
    kink = -shift / scale
    if not rising:
        infinite = torch.full_like(kink, torch.inf)
        hidden = torch.minimum(hidden, torch.where(scale < 0, kink, infinite))
        kink = torch.where(scale < 0, -infinite, kink)
    offset = (weight * shift).sum(1)
    if bias is not None:
        offset = offset + bias
    return torch.maximum(hidden, kink) @ (weight * scale).t() + offset


def convolve_frames(hidden: Tensor, weight: Tensor, dilation: int) -> Tensor:
    """Convolves (batch, frames, inputs) over three frames that are `dilation` apart.

    weight  (outputs, inputs, 3)
    """
    before, now, after = (hidden @ weight.permute(1, 2, 0).flatten(1)).chunk(3, -1)
    before = F.pad(before[:, :-dilation], (0, 0, dilation, 0))
    after = F.pad(after[:, dilation:], (0, 0, 0, dilation))
    return now + before + after


def contexts(frames: int) -> tuple[Tensor, Tensor]:
    """Returns matrices that pool frames into contexts of CONTEXT frames, and give each frame its context.

    member   (frames, contexts), 1 for the context of a frame
    pooling  (contexts, frames): the mean of all frames and that of the context's frames, added
    """
    of_frame = torch.arange(frames) // CONTEXT
    member = (of_frame[:, None] == torch.arange((frames + CONTEXT - 1) // CONTEXT)).float()
    return member, (member / member.sum(0) + 1.0 / frames).t()


def _folded(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Returns the weights with every batch normalisation as scale and shift, folded if possible."""
    tensors = {
        name: tensor for name, tensor in state.items() if name.endswith((".weight", ".bias")) and tensor.ndim
    }
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
