"""Names and describes the parameters of `gr.api` endpoints, which gradio calls "1st", "2nd" and so on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradio.context import get_blocks_context
from gradio.utils import get_function_description


def describe_parameters(added: Mapping[str, Any], endpoint: Callable[..., Any]) -> None:
    """Names and describes what an endpoint takes and returns, from its docstring; `added` is what gr.api returned."""
    _, helps, (returns,) = get_function_description(endpoint)
    blocks = get_blocks_context()
    assert blocks is not None, "gr.api has added to it"
    for identity, (name, text) in zip(
        added["inputs"], helps.items(), strict=False
    ):  # the request has no input
        _label(blocks.blocks[identity], name, additional_description=text)
    for identity in added["outputs"]:
        _label(blocks.blocks[identity], "Returns", description=returns)


def _label(part: Any, label: str, **description: str) -> None:
    part.label = label
    part._api_info = {**part._api_info, **description}
