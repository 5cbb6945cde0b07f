"""The layers of CAM++ as they are exported, against the published ones that they replace."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from engine.diarization.conversion.campplus import CONTEXT, contexts, convolve_frames, normalised_linear

TORCH = torch.Generator().manual_seed(5)


def some(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=TORCH)


@pytest.mark.parametrize("rising", [True, False])
def test_a_linear_map_of_normalised_channels_is_folded(rising: bool) -> None:
    hidden, shift, weight, bias = some(2, 30, 12), some(12), some(5, 12), some(5)
    scale = some(12).abs() + 0.1
    if not rising:
        scale[::3] *= -1
    wanted = F.linear((hidden * scale + shift).relu(), weight, bias)
    found = normalised_linear(hidden, scale=scale, shift=shift, weight=weight, bias=bias, rising=rising)
    assert torch.allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize("frames", [20, CONTEXT, CONTEXT + 1, 2 * CONTEXT + 50])
def test_contexts_are_the_mean_of_all_frames_and_of_a_hundred(frames: int) -> None:
    hidden = some(2, frames, 7)
    member, pooling = contexts(frames)
    near = F.avg_pool1d(hidden.transpose(1, 2), CONTEXT, CONTEXT, ceil_mode=True)
    near = near.repeat_interleave(CONTEXT, 2)[..., :frames].transpose(1, 2)
    assert torch.allclose(member @ (pooling @ hidden), near + hidden.mean(1, keepdim=True), atol=1e-5)


@pytest.mark.parametrize("dilation", [1, 2])
def test_frames_are_convolved(dilation: int) -> None:
    hidden, weight = some(2, 30, 6), some(4, 6, 3)
    wanted = F.conv1d(hidden.transpose(1, 2), weight, None, 1, dilation, dilation).transpose(1, 2)
    assert torch.allclose(convolve_frames(hidden, weight, dilation), wanted, atol=1e-5)
