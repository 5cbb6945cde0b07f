"""The page's own components, each a `gr.HTML` with a script of ours, and the guard for what they receive.

gradio fills a component's template through Handlebars and then evaluates the outcome as a JavaScript
template literal: text from a recording that stood in it could run as code. So our templates are
constant, and the scripts put every text in place with `textContent`. A constant template also means
that gradio never redraws what the scripts have built; values are messages to them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import gradio as gr
import plotly
from gradio.components.api_component import Api
from gradio.data_classes import FileData
from gradio.utils import get_upload_folder, is_in_or_equal

from engine.languages import LANGUAGES
from page.constants import constants
from page.scripts import load_view, scripts_module
from page.static_files import StaticFile
from page.texts import ENGLISH

ASSETS = Path(__file__).resolve().parent.parent / "assets"
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


class View(gr.HTML):
    """A component drawn by a script of assets/.

    view  its name in assets/app.js; the class of its root element is `wl-<name>`
    """

    view: str

    def __init__(self, value: Any = None, **kwargs: Any) -> None:
        super().__init__(
            value,
            html_template=f'<div class="wl-{self.view}"></div>',
            js_on_load=load_view(view_scripts(), self.view),
            apply_default_css=False,
            **kwargs,
        )


class ReadyView(View):
    """The line that says whether the models are loaded. Value: {"state", "key", "more"?}."""

    view = "ready"


class StatusView(View):
    """What is going on: a stage with its progress, a note, or an error card.

    Value: {"state": "idle" | "working" | "note" | "failed", "part"?: 0 to 1 or None} with what is said as
    "key" and "values" or, in the engine's own words, "text" and "detail" with the error's "code"; while
    working also "run", "name" and "progress": seconds {"done", "total", "left"?}.
    """

    view = "status"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__({"state": "idle"}, **kwargs)


class QueueView(View):
    """The recordings of one batch. Value: [{"name", "state", "run"?, "token"?, "error"?, "code"?}].

    `token` is the run's where it is kept.
    """

    view = "queue"


class TranscriptView(View):
    """The words and their correction. Value: messages of `page.messages.transcript_message`, with `media`."""

    view = "transcript"

    def postprocess(self, value: dict[str, Any] | None) -> dict[str, Any] | None:  # type: ignore[override]
        """Turns `media`, the path of an uploaded file, into what gradio knows for a file.

        The message goes as one string: the browser would wrap each of its thousands of lists to watch it.
        """
        if value is None:
            return None
        media = value.get("media")
        message = {key: part for key, part in value.items() if key != "media"}
        return {
            "media": FileData(path=str(media), orig_name=Path(media).name).model_dump() if media else None,
            "message": json.dumps(message, separators=(",", ":")),
        }


class SummaryView(View):
    """What is known of the transcript that is shown, and where it may lack words."""

    view = "summary"


class PlayerView(View):
    """The recording, with sound or picture; says which word is heard."""

    view = "player"


class WordsView(View):
    """The words as a table that sorts and searches."""

    view = "words"


class TimelineView(View):
    """The recording along time, drawn by plotly, which the browser fetches once this is looked at."""

    view = "timeline"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(None, plotly=str(PLOTLY), languages=sorted(LANGUAGES), **kwargs)


class CaptionsView(View):
    """The recording with its subtitles as real captions."""

    view = "captions"


class DownloadsView(View):
    """Files of the transcript as it stands, its link, its code and its end; has the server's functions."""

    view = "downloads"

    def __init__(self, functions: list[Callable[..., Any]], formats: Sequence[str], **kwargs: Any) -> None:
        super().__init__(None, server_functions=functions, formats=list(formats), **kwargs)


@cache
def view_scripts() -> StaticFile:
    """Returns the scripts of all views as one file."""
    return scripts_module(ASSETS, constants())


class Upload(gr.File):
    """A drop zone for files of any kind: what they are, the engine finds out from their content."""

    is_template = True  # gradio then shows it with the script of gr.File

    def preprocess(self, payload: Any) -> list[str]:  # type: ignore[override]
        """Returns the paths. gradio's own leaves an empty temporary file behind at each call."""
        files = getattr(payload, "root", payload) or []
        return [file.path for file in (files if isinstance(files, list) else [files])]


class UploadedFilesOnly(gr.Blocks):
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


# gradio writes a stub beside each file that defines components; type checkers would read it instead of this.
Path(__file__).with_suffix(".pyi").unlink(missing_ok=True)
