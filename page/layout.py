"""What stands where on the page."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from engine import Config
from engine.languages import AUTO, LANGUAGES
from engine.options import ALIGNERS, TASKS
from engine.writers import FORMATS
from page import strings
from page.components import ReadyView, StatusView, SummaryView, TranscriptView, Upload


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a person gives; at any time only one of file and microphone holds a recording."""

    file: Upload
    microphone: gr.Audio
    language: gr.Dropdown
    task: gr.Radio
    model: gr.Dropdown
    aligner: gr.Radio
    start: gr.Button
    stop: gr.Button


@dataclass(frozen=True, slots=True)
class Results:
    """What a person gets."""

    status: StatusView
    summary: SummaryView
    transcript: TranscriptView
    words_tab: gr.Tab
    words: gr.Dataframe
    downloads: dict[str, gr.DownloadButton]


@dataclass(frozen=True, slots=True)
class Parts:
    ready: ReadyView
    pulse: gr.Timer
    inputs: Inputs
    results: Results


def lay_out(config: Config) -> Parts:
    """Builds the page's parts inside the Blocks that is open."""
    with gr.Row(elem_id="masthead"):
        gr.HTML(f"<h1>{strings.TITLE}</h1><p>{strings.TAGLINE}</p>", apply_default_css=False, elem_id="title")
        ready = ReadyView(
            {"state": "loading", "text": strings.READINESS["loading"]}, elem_id="ready", min_width=0
        )
    pulse = gr.Timer(1.0)
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="inputs", min_width=300, scale=0):
            inputs = _inputs(config)
        with gr.Column(elem_id="results", min_width=300, scale=1):
            results = _results()
    return Parts(ready, pulse, inputs, results)


def _inputs(config: Config) -> Inputs:
    with gr.Tabs(elem_id="source"):
        with gr.Tab(strings.FILE_TAB):
            file = Upload(label=strings.FILE_LABEL, height=170, elem_id="file")
        with gr.Tab(strings.MICROPHONE_TAB):
            microphone = gr.Audio(
                label=strings.MICROPHONE_LABEL,
                sources=["microphone"],
                type="filepath",
                elem_id="microphone",
            )
    language = gr.Dropdown(_languages(), value=AUTO, label=strings.LANGUAGE, elem_id="language")
    task = gr.Radio(
        [(strings.TASKS[t], t) for t in TASKS], value=TASKS[0], label=strings.TASK, elem_id="task"
    )
    models = [(strings.DEFAULT_MODEL, ""), *((name, name) for name in config.models)]
    model = gr.Dropdown(models, value="", label=strings.MODEL, visible=len(models) > 1, elem_id="model")
    with gr.Accordion(strings.ADVANCED, open=False, elem_id="advanced"):
        aligner = gr.Radio(
            [(strings.ALIGNERS[a], a) for a in ALIGNERS],
            value=ALIGNERS[0],
            label=strings.ALIGNER,
            info=strings.ALIGNER_INFO,
            elem_id="aligner",
        )
    with gr.Row(elem_id="actions"):
        start = gr.Button(strings.START, variant="primary", size="lg", min_width=0, scale=3, elem_id="start")
        stop = gr.Button(strings.STOP, size="lg", min_width=0, visible=False, elem_id="stop")
    return Inputs(file, microphone, language, task, model, aligner, start, stop)


def _results() -> Results:
    status = StatusView(elem_id="status")
    summary = SummaryView(elem_id="summary")
    with gr.Tabs(elem_id="views"):
        with gr.Tab(strings.TRANSCRIPT_TAB):
            transcript = TranscriptView(elem_id="transcript")
        with gr.Tab(strings.WORDS_TAB, interactive=False) as words_tab:
            words = gr.Dataframe(
                headers=strings.TABLE_HEADERS,
                datatype=["str", "number", "number", "number", "str"],
                type="array",
                interactive=False,
                show_search="search",
                max_height=560,
                column_widths=[
                    f"max({least}px, {part}%)"
                    for least, part in ((140, 32), (92, 14), (92, 14), (136, 17), (190, 23))
                ],
                label=strings.WORDS_TAB,
                show_label=False,
                elem_id="words",
            )
    with gr.Row(elem_id="downloads"):  # the style sheet shows it beneath a summary
        gr.HTML(f"<p>{strings.DOWNLOADS}</p>", apply_default_css=False, min_width=0)
        downloads = {
            name: gr.DownloadButton(strings.FORMATS[name], size="sm", min_width=0, elem_id=f"download-{name}")
            for name in FORMATS
        }
    return Results(status, summary, transcript, words_tab, words, downloads)


def _languages() -> list[tuple[str, str]]:
    named = sorted(LANGUAGES.values(), key=lambda language: language.name)
    return [(strings.DETECT, AUTO), *((_name(x.name, x.native), x.code) for x in named)]


def _name(english: str, native: str) -> str:
    return english if english == native else f"{english} – {native}"
