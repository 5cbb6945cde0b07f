"""The page's own components, each a `gr.HTML` with a script of ours.

gradio fills a component's template through Handlebars and then evaluates the outcome as a JavaScript
template literal: text from a recording that stood in it could run as code. So our templates are
constant, and the scripts put every text in place with `textContent`. A constant template also means
that gradio never redraws what the scripts have built; values are messages to them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
import plotly

from engine.languages import LANGUAGES
from page.constants import constants
from page.gradio_patches.stubs import delete_stub
from page.scripts import load_view, scripts_module
from page.static_files import StaticFile

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
    "key" and "values" or, in the engine's own words, "text" and "detail" with the error's "code" and "values"; while
    working also "run", "name", "aligns" and "progress": seconds {"done", "total", "left"?}. With "items",
    [{"name", "run"}], the page follows the work at these recordings and shows further states by itself.
    """

    view = "status"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__({"state": "idle"}, **kwargs)


class QueueView(View):
    """The recordings of one click, if there are several.

    Value: the tokens of the transcriptions that the page has followed last, in their order; None is none.
    """

    view = "queue"


class TranscriptView(View):
    """The words and their correction."""

    view = "transcript"


class RecentView(View):
    """The transcripts that this browser has begun or opened lately; the browser keeps the list."""

    view = "recent"


class FoldView(View):
    """The button that folds the form away once there is a result, and brings it back."""

    view = "fold"


class AutostartView(View):
    """The reader's choice whether a recording is transcribed as soon as it is there; the browser keeps it."""

    view = "autostart"


class LiveView(View):
    """The microphone, whose words come while one speaks. Without what it needs, the browser shows gradio's recorder."""

    view = "live"


class LeftView(View):
    """Recordings that this browser keeps since the server has not got them, as after a reload."""

    view = "left"


class SpokenView(View):
    """The words of the recording that is going on."""

    view = "spoken"


class VocabularyView(View):
    """Names and rare words from the reader's corrections, which the browser keeps.

    Value: a list of those that the reader wants used for the next recording; None is none.
    """

    view = "vocabulary"


class SummaryView(View):
    """The name of the transcript that is shown, facts about it, and stretches that may lack words."""

    view = "summary"


class PlayerView(View):
    """The recording, with sound or picture; says which word is heard."""

    view = "player"


class DockView(View):
    """The bar at the page's foot that plays the recording and leads through the words to check."""

    view = "dock"


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
    """Downloads of the edited transcript, its link, its code and its deletion; holds the server's functions."""

    view = "downloads"

    def __init__(self, functions: list[Callable[..., Any]], formats: Sequence[str], **kwargs: Any) -> None:
        super().__init__(None, server_functions=functions, formats=list(formats), **kwargs)


@cache
def view_scripts() -> StaticFile:
    """Returns the scripts of all views as one file."""
    return scripts_module(ASSETS, constants())


class Upload(gr.File):
    """A drop zone for files of any kind; the engine recognises them by their content."""

    is_template = True  # gradio then shows it with the script of gr.File

    def preprocess(self, payload: Any) -> list[str]:  # type: ignore[override]
        """Returns the paths. gradio's own leaves an empty temporary file behind at each call."""
        files = getattr(payload, "root", payload) or []
        return [file.path for file in (files if isinstance(files, list) else [files])]


delete_stub(__file__)
