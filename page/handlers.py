"""Handles the page's events: transcription, Stop, closing, language and readiness."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import gradio as gr

from engine import Engine, Options, WordlightError
from engine.errors import TooManyFiles
from page.batch_view import BatchView, error_card
from page.examples import example
from page.identity import caller_name
from page.layout import languages, localised
from page.options_form import non_default_values
from page.runs import Changes, PageContext, PageRun
from page.stop_signals import StopSignals
from page.sweeper import Sweeper
from page.texts import locale_of, text

_log = logging.getLogger("wordlight.page")

Steps = Iterator[Changes]


def transcription(context: PageContext, **chosen: Any) -> Callable[[dict[Any, Any], gr.Request], Steps]:
    """Returns the generator of the Transcribe button. Closing it closes the engine's generator.

    chosen  options that the button sets, whatever the fields hold
    """
    inputs, results = context.parts.inputs, context.parts.results

    def transcribe_on_page(values: dict[Any, Any], request: gr.Request) -> Steps:
        sources = [Path(path) for path in values[inputs.file] or [values[inputs.microphone]] if path]
        if not sources:
            yield {results.status: error_card(key="no_file")}
            return
        most = context.engine.config.max_batch
        if most and len(sources) > most:
            error = TooManyFiles(
                f"You have chosen {len(sources)} files, more than the {most} accepted at a time.",
                "Choose fewer files.",
            )
            yield {results.status: error_card(error.message, error.hint, code=error.code)}
            return
        yield from transcribe_batch(context, sources, _options(context, values) | chosen, request=request)

    return transcribe_on_page


def on_example(context: PageContext, code: str) -> Callable[[dict[Any, Any], gr.Request], Steps]:
    """Returns the generator of an example's button."""

    def transcribe_example(values: dict[Any, Any], request: gr.Request) -> Steps:
        options = _options(context, values) | {"language": "auto"}
        try:
            source = example(code, context.store)
        except WordlightError as error:
            yield {context.parts.results.status: error_card(error.message, error.hint, code=error.code)}
            return
        yield from transcribe_batch(context, [source], options, request=request)

    return transcribe_example


def _options(context: PageContext, values: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: values[part] for name, part in context.parts.inputs.options.items()}


def transcribe_batch(
    context: PageContext, sources: list[Path], values: Mapping[str, Any], request: gr.Request
) -> Steps:
    """Transcribes recordings one after the other; yields what changes on the page."""
    view = BatchView(context.parts, sources)
    with context.stops.watch(request.session_hash) as stop, ExitStack() as batch:
        # Each recording is protected until its own run is over: then "delete now" deletes it now.
        protected = [batch.enter_context(ExitStack()) for _ in sources]
        for stack, source in zip(protected, sources, strict=True):
            stack.enter_context(context.store.protect(source))
        yield view.updates()
        for index, source in enumerate(sources):
            run = PageRun(context, source, non_default_values(values))
            view.start(index, run)
            try:
                options = Options.of(non_default_values(values))
                with (
                    context.limits.slot(caller_name(request)) as slot,
                    closing(run.steps(options, stop, slot.note)) as steps,
                ):
                    for changes in steps:
                        view.show(changes)
                        yield view.updates()
                view.end(index, run)
            except WordlightError as error:
                view.fail(index, run, error)
            except Exception:
                _log.exception("transcription failed")
                view.fail(index, run, None)
            protected[index].close()
            if stop.is_set():
                view.stop_after(index)
                break
    yield view.final_updates()


def stopping(stops: StopSignals) -> Callable[[gr.Request], Any]:
    """Returns the handler of Stop: it signals the runs of the tab, and the button says that this takes a moment."""

    def stop(request: gr.Request) -> Any:
        stops.stop(request.session_hash)
        return gr.update(value=text("stopping"), interactive=False)

    return stop


def on_unload(context: PageContext) -> Callable[[gr.Request], None]:
    """Returns the handler of a closed tab: stops its runs and deletes expired files."""

    def leave(request: gr.Request) -> None:
        context.stops.stop(request.session_hash, left=True)
        Sweeper(context.store).sweep()

    return leave


def localising(context: PageContext) -> Callable[[gr.Request], Changes]:
    """Returns the handler that translates lists of choices into the browser's language."""
    parts = context.parts

    def localise(request: gr.Request) -> Changes:
        locale = _locale(request)
        return (
            localised(parts.inputs, locale, _aligners(context.engine))
            if locale != "en"
            else {parts.ready: gr.skip()}
        )

    return localise


def readiness(context: PageContext) -> Callable[[gr.Request], Changes]:
    """Returns the handler that shows whether the models are loaded and, once they are, each language's aligner."""
    engine, parts = context.engine, context.parts

    def ready(request: gr.Request) -> Changes:
        health = engine.health()
        state = health["status"]
        shown = {"state": state, "key": f"ready_{state}"}
        changes: Changes = {parts.ready: shown, parts.pulse: gr.Timer(active=state == "loading")}
        if state == "ok":
            device = {"cuda": "GPU", "cpu": "CPU"}.get(health["device"], health["device"])
            shown["more"] = f"{health['model']} · {device}"
            choices = languages(_locale(request), _aligners(engine))
            changes[parts.inputs.options["language"]] = gr.update(choices=choices)
        elif health["error"]:
            shown["more"] = health["error"]
        return changes

    return ready


def _locale(request: gr.Request) -> str:
    return locale_of(request.headers.get("accept-language"))


def _aligners(engine: Engine) -> dict[str, str]:
    """Returns the aligner of each language by code; empty while the models are being loaded."""
    if engine.status != "ok":
        return {}
    return {language["code"]: language["aligner"] for language in engine.languages()}
