"""The page's own components, each a `gr.HTML` with a script of ours.

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
from typing import Any

import gradio as gr
import plotly
from gradio.data_classes import FileData

from engine.languages import LANGUAGES
from page.scripts import load_view, scripts_module
from page.static_files import StaticFile

ASSETS = Path(__file__).resolve().parent.parent / "assets"
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


class View(gr.HTML):
    """A component drawn by scripts of assets/, which share the document of `store.js` and one scope.

    scripts  their names; the first is the name of the view and of the class of its root
    """

    scripts: tuple[str, ...] = ()

    def __init__(self, value: Any = None, **kwargs: Any) -> None:
        super().__init__(
            value,
            html_template=f'<div class="wl-{self.scripts[0]}"></div>',
            js_on_load=load_view(view_scripts(), self.scripts[0]),
            apply_default_css=False,
            **kwargs,
        )


class ReadyView(View):
    """The line that says whether the models are loaded. Value: {"state", "key", "more"?}."""

    scripts = ("ready", "dropdowns")


class StatusView(View):
    """What is going on: a stage with its progress, a note, or an error card.

    Value: {"state": "idle" | "working" | "note" | "failed", "part"?: 0 to 1 or None} with what is said as
    "key" and "values" or, in the engine's own words, "text" and "detail" with the error's "code"; while
    working also "run", "name" and "progress": seconds {"done", "total", "left"?}.
    """

    scripts = ("status", "leaving")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__({"state": "idle"}, **kwargs)


class QueueView(View):
    """The recordings of one batch. Value: [{"name", "state", "run"?, "token"?, "error"?, "code"?}].

    `token` is the run's if its result is stored.
    """

    scripts = ("queue",)


class TranscriptView(View):
    """The words and their correction. Value: messages of `page.messages.transcript_message`, with `media`."""

    scripts = ("transcript", "editor")

    def postprocess(self, value: dict[str, Any] | None) -> dict[str, Any] | None:  # type: ignore[override]
        """Turns `media`, the path of an uploaded file, into what gradio knows for a file.

        The message goes as one string: the browser would wrap each of its thousands of lists to watch it.
        """
        if value is None:
            return None
        media = value.get("media")
        return {
            "media": FileData(path=str(media), orig_name=Path(media).name).model_dump() if media else None,
            "message": json.dumps({key: part for key, part in value.items() if key != "media"}),
        }


class SummaryView(View):
    """Facts about the transcript that is shown, and stretches that may lack words."""

    scripts = ("summary", "coverage")


class PlayerView(View):
    """The recording, with sound or picture; says which word is heard."""

    scripts = ("player",)


class WordsView(View):
    """The words as a table that sorts and searches."""

    scripts = ("words",)


class TimelineView(View):
    """The recording along time, drawn by plotly, which the browser fetches once this is looked at."""

    scripts = ("timeline", "closer", "swipe", "audit")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(None, plotly=str(PLOTLY), languages=sorted(LANGUAGES), **kwargs)


class CaptionsView(View):
    """The recording with its subtitles as real captions."""

    scripts = ("captions",)


class DownloadsView(View):
    """Downloads of the edited transcript, its link, its code and its deletion; holds the server's functions."""

    scripts = ("downloads", "warnings", "sharing")

    def __init__(self, functions: list[Callable[..., Any]], formats: Sequence[str], **kwargs: Any) -> None:
        super().__init__(None, server_functions=functions, formats=list(formats), **kwargs)


@cache
def view_scripts() -> StaticFile:
    """Returns the scripts of all views as one file."""
    return scripts_module(ASSETS, {view.scripts[0]: view.scripts for view in View.__subclasses__()})


class Upload(gr.File):
    """A drop zone for files of any kind; the engine recognises them by their content."""

    is_template = True  # gradio then shows it with the script of gr.File

    def preprocess(self, payload: Any) -> list[str]:  # type: ignore[override]
        """Returns the paths. gradio's own leaves an empty temporary file behind at each call."""
        files = getattr(payload, "root", payload) or []
        return [file.path for file in (files if isinstance(files, list) else [files])]


# gradio writes a stub beside each file that defines components; type checkers would read it instead of this.
Path(__file__).with_suffix(".pyi").unlink(missing_ok=True)
