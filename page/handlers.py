"""Handles the page's events: transcription, closing, language and readiness."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from engine import Engine, WordlightError
from engine.errors import TooManyFiles
from engine.options import TASKS
from engine.text_alignment.text_formats import read_text
from jobs.texts import ALIGN
from page.added_recordings import added, in_order, known_items
from page.error_values import error_values
from page.examples import example
from page.identity import caller_name
from page.layout import PageParts, languages, localised
from page.options_form import non_default_values
from page.page_jobs import PageJobs
from page.sweeper import Sweeper
from page.texts import locale_of
from page.transcript_store import TranscriptStore

_log = logging.getLogger("wordlight.page")

Changes = dict[Any, Any]  # component -> its new value or gr.update()


@dataclass(slots=True, kw_only=True)
class PageContext:
    """What the page's handlers share."""

    engine: Engine
    parts: PageParts
    jobs: PageJobs
    store: TranscriptStore


def transcription(context: PageContext, **chosen: Any) -> Callable[[dict[Any, Any], gr.Request], Changes]:
    """Returns the handler of the Transcribe button, which hands the recordings over to the jobs.

    chosen  options that the button sets, whatever the fields hold
    """
    inputs = context.parts.inputs

    def transcribe_on_page(values: dict[Any, Any], request: gr.Request) -> Changes:
        sources = [Path(path) for path in values[inputs.file] or [values[inputs.microphone]] if path]
        if not sources:
            return _status(context, error_card(key="no_file"))
        # A click that sets an option is about the recordings that have been transcribed without it.
        known = {} if chosen else known_items(context.store, values[context.parts.results.queue])
        fresh = added(sources, known)
        most = context.engine.config.max_batch
        if most and len(fresh) > most:
            error = TooManyFiles(
                f"You have chosen {len(fresh)} files, more than the {most} accepted at a time.",
                "Choose fewer files.",
            )
            return _status(context, _failed(context, error))
        asked = with_vocabulary(_options(context, values), values[inputs.vocabulary]) | chosen
        if asked["task"] != ALIGN:
            shown = submit(context, fresh, asked, request)
            if "items" in shown and len(fresh) < len(sources):
                shown["items"] = in_order(sources, known, shown["items"])
            return _status(context, shown)
        given = str(values[inputs.text.box] or "")
        if key := "one_recording" if len(sources) > 1 else "no_text" if not given.strip() else "":
            return _status(context, error_card(key=key))
        return _status(context, submit(context, sources, asked, request, text=given))

    return transcribe_on_page


def on_example(context: PageContext, code: str) -> Callable[[dict[Any, Any], gr.Request], Changes]:
    """Returns the handler of an example's button."""

    def transcribe_example(values: dict[Any, Any], request: gr.Request) -> Changes:
        options = _options(context, values) | {"language": "auto", "track": 0}
        if options["task"] == ALIGN:
            options["task"] = TASKS[0]
        try:
            source = example(code, context.store)
        except WordlightError as error:
            return _status(context, _failed(context, error))
        return _status(context, submit(context, [source], options, request))

    return transcribe_example


def error_status(error: WordlightError) -> dict[str, Any]:
    """Returns the status that shows an error, with its moment: gradio passes on no value that is the same."""
    return error_card(error.message, error.hint, code=error.code) | {"at": time.time()}


def _failed(context: PageContext, error: WordlightError) -> dict[str, Any]:
    values = error_values(error.code, context.engine.config, error.field)
    return error_card(error.message, error.hint, code=error.code) | {"values": values}


def _status(context: PageContext, shown: dict[str, Any]) -> Changes:
    """Returns a status with its moment: gradio passes on no value that is the same as the last."""
    return {context.parts.results.status: shown | {"at": time.time()}}


def _options(context: PageContext, values: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: values[part] for name, part in context.parts.inputs.options.items()}


def with_vocabulary(options: dict[str, Any], words: Any) -> dict[str, Any]:
    """Returns the options with further hotwords, those of earlier corrections that the reader has chosen."""
    known = str(options["hotwords"] or "")
    further = [str(word) for word in words or () if str(word).casefold() not in known.casefold()]
    return options | {"hotwords": ", ".join([known, *further] if known else further)}


def submit(
    context: PageContext,
    sources: list[Path],
    values: Mapping[str, Any],
    request: gr.Request,
    text: str | None = None,
) -> dict[str, Any]:
    """Hands recordings over to the jobs; returns the status with the runs for the page to follow, or an error.

    text  is aligned with the recording; None to transcribe
    """
    try:
        if text is not None:
            read_text(text)  # refused now rather than by the worker
        tokens = context.jobs.submit(caller_name(request), sources, non_default_values(values), text)
    except WordlightError as error:
        return _failed(context, error)
    except Exception:
        _log.exception("recordings could not be handed over")
        return error_card(key="broken")
    items = [{"name": source.name, "run": token} for source, token in zip(sources, tokens, strict=True)]
    return {"state": "working", "key": "handing_over", "items": items}


def error_card(
    message: str = "", hint: str = "", *, key: str = "", code: str = "", name: str = ""
) -> dict[str, Any]:
    """Returns an error card: in the engine's words, or `key` and `key`_hint in the reader's language.

    code  of the engine's error, which the page translates
    name  of the file that failed
    """
    card = {"key": key} if key else {"text": message, "detail": hint, "code": code}
    return {"state": "failed", "name": name, **card}


def on_unload(context: PageContext) -> Callable[[], None]:
    """Returns the handler of a closed tab: deletes expired files. The tab's work goes on."""

    def leave() -> None:
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
