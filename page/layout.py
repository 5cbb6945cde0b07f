"""Lays out the page's components."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from engine import Engine
from engine.export.writers import FORMATS
from engine.languages import AUTO, LANGUAGES, MIXED
from page.components import (
    AutostartView,
    CaptionsView,
    DockView,
    DownloadsView,
    FoldView,
    LeftView,
    LiveView,
    PlayerView,
    QueueView,
    ReadyView,
    RecentView,
    SpokenView,
    StatusView,
    SummaryView,
    TimelineView,
    TranscriptView,
    Upload,
    VocabularyView,
    WordsView,
)
from page.example_view import ExampleView
from page.examples import EXAMPLES
from page.given_text import PAGE_TASKS, TextPlace, text_place
from page.model_list import model_choices, offered_models
from page.options_form import advanced_fields, labelled_choices
from page.texts import ENGLISH, LANGUAGE_NAMES, text

NAME = "Word<span>light</span>"  # its second half is lit, as the word that is being played


@dataclass(frozen=True, slots=True)
class Inputs:
    """The user's input; at any time only one of `file` and `microphone` holds a recording.

    microphone  gradio's recorder, for browsers that lack what `live` needs
    live        the page's own recorder, with words while one speaks
    options     the components of the options, by the names of `engine.Options`
    models      the models of their list, the default first; none if there is no choice
    text        the place for a text to align
    vocabulary  words of earlier corrections that go with the next recording
    mixed       transcribes the recording again, in several languages
    examples    buttons that transcribe an example
    """

    file: Upload
    microphone_tab: gr.Tab
    microphone: gr.Audio
    live: LiveView
    options: dict[str, Component]
    models: tuple[str, ...]
    text: TextPlace
    advanced: gr.Accordion
    vocabulary: VocabularyView
    start: gr.Button
    stop: gr.Button
    mixed: gr.Button
    examples: list[gr.Button]


@dataclass(frozen=True, slots=True)
class Results:
    """The results. The other views read what `transcript` receives, in the browser."""

    status: StatusView
    queue: QueueView
    transcript: TranscriptView


@dataclass(frozen=True, slots=True)
class PageParts:
    ready: ReadyView
    pulse: gr.Timer
    left: LeftView
    inputs: Inputs
    results: Results


def build_layout(engine: Engine, functions: list[Callable[..., Any]]) -> PageParts:
    """Builds the page's components inside the Blocks that is open; its scripts call `functions`."""
    with gr.Row(elem_id="masthead"):
        gr.HTML(
            f'<h1>{NAME}</h1><p class="wl-says" data-key="tagline">{ENGLISH["tagline"]}</p>',
            apply_default_css=False,
            elem_id="title",
        )
        ready = ReadyView({"state": "loading", "key": "ready_loading"}, elem_id="ready", min_width=0)
        FoldView(elem_id="fold", min_width=0)
    pulse = gr.Timer(1.0)
    left = LeftView(elem_id="left-recordings", min_width=0)
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="inputs", min_width=300, scale=0):
            inputs = _inputs(engine)
        with gr.Column(elem_id="results", min_width=300, scale=1):
            results = _results(functions)
    return PageParts(ready=ready, pulse=pulse, left=left, inputs=inputs, results=results)


def _inputs(engine: Engine) -> Inputs:
    with gr.Tabs(elem_id="source"):
        with gr.Tab(text("tab_file")):
            file = Upload(label=text("file_label"), file_count="multiple", height=170, elem_id="file")
        with gr.Tab(text("tab_microphone")) as microphone_tab:
            live = LiveView(elem_id="live")
            microphone = gr.Audio(
                label=text("microphone_label"),
                sources=["microphone"],
                type="filepath",
                elem_id="microphone",
                visible=False,  # until its tab is opened in a browser that needs it, see page/app.py
            )
    with gr.Row(elem_id="examples"):
        gr.HTML(
            f'<p class="wl-says" data-key="examples">{ENGLISH["examples"]}</p>',
            apply_default_css=False,
            min_width=0,
        )
        examples = [
            gr.Button(
                text(f"example_{code}"),
                size="sm",
                min_width=0,
                elem_classes="wl-starts",
                elem_id=f"example-{code}",
            )
            for code in EXAMPLES
        ]
    models = offered_models(engine)
    first = _first_options(models)
    place = text_place()
    with gr.Accordion(text("advanced"), open=False, elem_id="advanced") as advanced:
        options = {**first, **advanced_fields()}
    vocabulary = VocabularyView(elem_id="vocabulary")
    start, stop, mixed = _actions()
    AutostartView(elem_id="autostart")
    RecentView(elem_id="recent")
    return Inputs(
        file=file,
        microphone_tab=microphone_tab,
        microphone=microphone,
        live=live,
        options=options,
        models=models,
        text=place,
        advanced=advanced,
        vocabulary=vocabulary,
        start=start,
        stop=stop,
        mixed=mixed,
        examples=examples,
    )


def _actions() -> tuple[gr.Button, gr.Button, gr.Button]:
    """Lays out the buttons that start and stop."""
    with gr.Row(elem_id="actions"):
        start = gr.Button(
            text("start"),
            variant="primary",
            size="lg",
            min_width=0,
            scale=3,
            elem_id="start",
            elem_classes="wl-starts",
        )
        stop = gr.Button(text("stop"), size="lg", min_width=0, visible=False, elem_id="stop")
        # Never shown: the warning of another language clicks it, see assets/downloads/view.js.
        mixed = gr.Button(text("again_mixed"), min_width=0, elem_id="again-mixed", elem_classes="wl-starts")
    return start, stop, mixed


def _first_options(models: Sequence[str]) -> dict[str, Component]:
    """Makes the fields of the options above "Advanced", by their names; see `options_form.OPEN`."""
    language = gr.Dropdown(languages("en", {}), value=AUTO, label=text("option_language"), elem_id="language")
    task = gr.Radio(
        labelled_choices("task", PAGE_TASKS, "en"),
        value=PAGE_TASKS[0],
        label=text("option_task"),
        elem_id="task",
    )
    model = gr.Dropdown(
        model_choices(models, "en"),
        value="",
        label=text("option_model"),
        info=text("option_model_info"),
        visible=len(models) > 1,
        elem_id="model",
    )
    # Shown once a recording with several tracks has arrived, see page/track_list.py.
    track = gr.Dropdown(
        labelled_choices("track", [0], "en"),
        value=0,
        label=text("option_track"),
        visible=False,
        elem_id="track",
    )
    return {"language": language, "task": task, "model": model, "track": track}


def _results(functions: list[Callable[..., Any]]) -> Results:
    status = StatusView(elem_id="status")
    queue = QueueView(elem_id="queue")
    SpokenView(elem_id="spoken")
    SummaryView(elem_id="summary")
    PlayerView(elem_id="player")
    with gr.Tabs(elem_id="views"):
        with gr.Tab(text("tab_transcript")):
            ExampleView(elem_id="example")
            transcript = TranscriptView(elem_id="transcript")
        with gr.Tab(text("tab_words")):
            WordsView(elem_id="words")
        with gr.Tab(text("tab_timeline")):
            TimelineView(elem_id="timeline")
        with gr.Tab(text("tab_captions")):
            CaptionsView(elem_id="captions")
    DownloadsView(functions, FORMATS, elem_id="downloads")
    DockView(elem_id="dock")
    return Results(status=status, queue=queue, transcript=transcript)


def localised(inputs: Inputs, locale: str, aligners: Mapping[str, str]) -> dict[Component, Any]:
    """Returns updates with the choices of each list in another language; see `languages`."""
    updates: dict[Component, Any] = {}
    for name, part in inputs.options.items():
        if isinstance(part, gr.Dropdown | gr.Radio):
            choices = [choice for _, choice in part.choices]
            shown: list[tuple[str, Any]]
            if name == "language":
                shown = languages(locale, aligners)
            elif name == "model":
                shown = list(model_choices(inputs.models, locale))
            else:
                shown = labelled_choices(name, choices, locale)
            updates[part] = gr.update(choices=shown)
    return updates


def languages(locale: str, aligners: Mapping[str, str]) -> list[tuple[str, str]]:
    """Returns Whisper's languages after "detect", by their names in the reader's language and their own.

    aligners  the aligner of each language by code; empty while the models are being loaded
    """
    by_name = sorted(LANGUAGES.values(), key=lambda language: language.name)
    english = {language.code: language.name for language in by_name}
    names = LANGUAGE_NAMES.get(locale, english)
    known = [(_name(name, LANGUAGES[code].native, aligners.get(code)), code) for code, name in names.items()]
    return [*labelled_choices("language", [AUTO, MIXED], locale), *known]


def _name(known_as: str, native: str, aligner: str | None) -> str:
    name = known_as if known_as == native else f"{known_as} – {native}"
    return f"{name} · {aligner}" if aligner else name
