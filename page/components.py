"""The page's own components, each a `gr.HTML` with a script of ours, and the guard for what they receive.

gradio fills a component's template through Handlebars and then evaluates the outcome as a JavaScript
template literal: text from a recording that stood in it could run as code. So our templates are
constant, and the scripts put every text in place with `textContent`. A constant template also means
that gradio never redraws what the scripts have built; values are messages to them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import gradio as gr
from gradio.components.api_component import Api
from gradio.data_classes import FileData
from gradio.utils import get_upload_folder, is_in_or_equal

from page import strings

ASSETS = Path(__file__).resolve().parent.parent / "assets"


class View(gr.HTML):
    """A component drawn by `assets/<script>.js`, which reads `props.value` and `props.texts`."""

    script = ""

    def __init__(self, value: Any = None, *, texts: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(
            value,
            html_template=f'<div class="wl-{self.script}"></div>',
            js_on_load=(ASSETS / f"{self.script}.js").read_text("utf-8"),
            apply_default_css=False,
            texts=texts or {},
            **kwargs,
        )


class ReadyView(View):
    """The line that says whether the models are loaded. Value: {"state", "text"}."""

    script = "ready"


class StatusView(View):
    """What is going on: a stage with its progress, a note, or an error card.

    Value: {"state": "idle" | "working" | "note" | "failed", "text", "detail"?, "part"?: 0 to 1 or None}.
    """

    script = "status"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__({"state": "idle"}, texts=strings.STATUS_TEXTS, **kwargs)


class SummaryView(View):
    """What is known of a finished transcript. Value: {"facts": [[key, label, text]], "warnings": [sentence]}."""

    script = "summary"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(None, texts=strings.SUMMARY_TEXTS, **kwargs)


class TranscriptView(View):
    """The player and the words. Value: the messages of `engine.views.transcript_message`, with `media`."""

    script = "transcript"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(None, texts=strings.TRANSCRIPT_TEXTS, **kwargs)

    def postprocess(self, value: dict[str, Any] | None) -> dict[str, Any] | None:  # type: ignore[override]
        """Turns `media`, the path of an uploaded file, into what gradio gives an address to.

        The message goes as one string: the browser would wrap each of its thousands of lists to watch it.
        """
        if value is None:
            return None
        media = value.get("media")
        return {
            "media": FileData(path=str(media), orig_name=Path(media).name).model_dump() if media else None,
            "message": json.dumps({key: part for key, part in value.items() if key != "media"}),
        }


class Upload(gr.File):
    """A drop zone for one file of any kind: what it is, the engine finds out from its content."""

    is_template = True  # gradio then shows it with the script of gr.File

    def preprocess(self, payload: Any) -> str | None:
        """Returns the path. gradio's own leaves an empty temporary file behind at each call."""
        return payload.path if payload else None


class UploadsOnly(gr.Blocks):
    """Blocks whose events take uploaded files alone.

    gradio fetches a file that is given as an address, whole and into memory, and hands a path without
    its mark of a file through to `gr.api` functions unseen. Both are refused here, for all events.

    Values that a caller leaves out at the end of a `gr.api` function's list take their defaults, which
    gradio gives to named ones alone: else each option that is added would break who knows none of it.
    """

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], state: Any, explicit_call: bool = False
    ) -> list[Any]:
        if not explicit_call:
            _refuse_foreign_files(inputs)
            left_out = block_fn.inputs[len(inputs) :]
            if inputs and all(isinstance(it, Api) for it in left_out):
                inputs = [*inputs, *(it.value for it in left_out)]
        return cast(list[Any], await super().preprocess_data(block_fn, inputs, state, explicit_call))


def uploaded(file: Any) -> Path:
    """Returns the path of a file as gradio's clients send it. Raises gr.Error where it is not an upload."""
    path = file.get("path") if isinstance(file, dict) else None
    if not isinstance(path, str) or not is_upload(path):
        raise gr.Error(strings.NOT_UPLOADED)
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


# gradio writes a stub beside each file that defines components; type checkers would read it instead of this.
Path(__file__).with_suffix(".pyi").unlink(missing_ok=True)
