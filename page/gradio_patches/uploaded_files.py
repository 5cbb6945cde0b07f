"""Refuses files that are not uploads, in the events of gradio's Blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import gradio as gr
from gradio.components.api_component import Api
from gradio.utils import get_upload_folder, is_in_or_equal

from page.texts import ENGLISH


class UploadedFilesOnly(gr.Blocks):
    """Blocks whose events take uploaded files only.

    If a file is given as a URL, gradio fetches it whole and into memory. It passes a path that is not marked as a
    file to `gr.api` functions unchecked. Both are refused here, for all events.

    Values that a client leaves out at the end of a `gr.api` function's list get their defaults, which gradio only
    gives to named ones. Without this, each new option would break older clients.
    """

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], state: Any, explicit_call: bool = False
    ) -> list[Any]:
        if not explicit_call:
            _refuse_foreign_files(inputs)
            left_out = block_fn.inputs[len(inputs) :]
            if inputs and all(isinstance(part, Api) for part in left_out):
                inputs = [*inputs, *(part.value for part in left_out)]
        return cast(list[Any], await super().preprocess_data(block_fn, inputs, state, explicit_call))


def uploaded(file: Any) -> Path:
    """Returns the path of a file as gradio's clients send it. Raises gr.Error if it is not an upload."""
    path = file.get("path") if isinstance(file, dict) else None
    if not isinstance(path, str) or not is_upload(path):
        raise gr.Error(ENGLISH["not_uploaded"])
    return Path(path)


def is_upload(path: str) -> bool:
    resolved = Path(path).resolve()
    return resolved.is_file() and is_in_or_equal(resolved, Path(get_upload_folder()).resolve())


def _refuse_foreign_files(data: Any) -> None:
    if isinstance(data, dict):
        if isinstance(data.get("path"), str):
            uploaded(data)
        for value in data.values():
            _refuse_foreign_files(value)
    elif isinstance(data, list | tuple):
        for value in data:
            _refuse_foreign_files(value)
