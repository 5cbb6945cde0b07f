"""Weights stored small inside an exported network and computed with in float32.

The exported graph casts the stored numbers to float32. onnxruntime does that once when the network is
loaded, so that small files cost no time later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn

Precision = Literal["float32", "float16", "int8"]

SMALL = 4096  # values; smaller tensors (biases, normalisations) stay float16 where others are int8
LARGEST_INT8 = 127.0


class StoredWeights(nn.Module):
    """Holds tensors by name, the large ones in the precision asked for.

    int8 has one scale for each row of the first dimension (an output channel).
    """

    def __init__(self, tensors: Mapping[str, Tensor], precision: Precision, fine: str = "$^") -> None:
        """`fine` matches names of tensors that stay float16 where others are int8."""
        super().__init__()
        # Not read from the tensors, whose sizes are no plain numbers while the network is exported.
        self._lengths = {name: int(tensor.shape[-1]) for name, tensor in tensors.items() if tensor.ndim}
        for name, tensor in tensors.items():
            key = _key(name)
            if precision == "float32":
                self.register_buffer(key, tensor.float())
            elif precision == "int8" and tensor.numel() >= SMALL and not re.match(fine, name):
                scale = tensor.flatten(1).abs().amax(1).clamp(min=1e-12) / LARGEST_INT8
                scale = scale.view(-1, *[1] * (tensor.ndim - 1))
                self.register_buffer(key, (tensor / scale).round().to(torch.int8))
                self.register_buffer(f"{key}_scale", scale.float())
            else:
                self.register_buffer(key, tensor.half())

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._buffers

    def __getitem__(self, name: str) -> Tensor:
        """Returns a tensor in float32."""
        key = _key(name)
        stored = self.get_buffer(key).float()
        scale = f"{key}_scale"
        return stored * self.get_buffer(scale) if scale in self._buffers else stored

    def length(self, name: str) -> int:
        """Returns the size of a tensor's last dimension, of a convolution its kernel's."""
        return self._lengths[name]


def _key(name: str) -> str:
    return name.replace(".", "__")
