"""What the page's parts do: generators over the engine's updates, and the small events beside them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import gradio as gr

from engine import Engine, Options, WordlightError
from engine.errors import TooManyFiles
from page.callers import caller_name
from page.examples import example
from page.layout import PageParts, languages, localised
from page.options_form import non_default_values
from page.runs import Changes, PageContext, PageRun
from page.stop_signals import StopSignals
from page.sweeper import sweep
from page.texts import locale_of, text

_log = logging.getLogger("wordlight.page")

Steps = Iterator[Changes]


def transcription(desk: PageContext) -> Callable[[dict[Any, Any], gr.Request], Steps]:
    """Returns the generator behind the button. Closing it closes the engine's iterator."""
    inputs, results = desk.parts.inputs, desk.parts.results

    def transcribe_on_page(values: dict[Any, Any], request: gr.Request) -> Steps:
        sources = [Path(path) for path in values[inputs.file] or [values[inputs.microphone]] if path]
        if not sources:
            yield {results.status: error_card(key="no_file")}
            return
        most = desk.engine.config.max_batch
        if most and len(sources) > most:
            error = TooManyFiles(
                f"{len(sources)} files are more than the {most} accepted at a time.",
                "Start with fewer of them.",
            )
            yield {results.status: error_card(error.message, error.hint, code=error.code)}
            return
        yield from transcribe_batch(desk, sources, _options(desk, values), request)

    return transcribe_on_page


def on_example(desk: PageContext, code: str) -> Callable[[dict[Any, Any], gr.Request], Steps]:
    """Returns the generator behind an example's button."""

    def transcribe_example(values: dict[Any, Any], request: gr.Request) -> Steps:
        options = _options(desk, values) | {"language": "auto"}
        try:
            source = example(code, desk.kept)
        except WordlightError as error:
            yield {desk.parts.results.status: error_card(error.message, error.hint, code=error.code)}
            return
        yield from transcribe_batch(desk, [source], options, request)

    return transcribe_example


def _options(desk: PageContext, values: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: values[part] for name, part in desk.parts.inputs.options.items()}


def transcribe_batch(
    desk: PageContext, sources: list[Path], values: Mapping[str, Any], request: gr.Request
) -> Steps:
    """Transcribes the recordings one after the other and yields what changes on the page.

    Each step repeats what the ones before it have changed. gradio sends differences, and its browser side
    applies them to the very values that components hold: one left out is emptied under them.
    """
    inputs, results = desk.parts.inputs, desk.parts.results
    queue = [{"name": source.name, "state": "waiting"} for source in sources]
    page: Changes = {
        inputs.start: gr.update(interactive=False),
        inputs.stop: gr.update(visible=True, value=text("stop"), interactive=True),
        results.status: {"state": "working", "key": "handing_over"},
        results.queue: _shown(queue),
        **{button: gr.update(interactive=False) for button in inputs.examples},
    }
    outcome: dict[str, Any] = {"state": "idle"}
    with desk.stops.watch(request.session_hash) as told_to_stop, ExitStack() as batch:
        # Each recording is protected until its own run is over: then "delete now" deletes it now.
        protected = [batch.enter_context(ExitStack()) for _ in sources]
        for stack, source in zip(protected, sources, strict=True):
            stack.enter_context(desk.kept.using(source))
        yield page
        for place, source in enumerate(sources):
            run = PageRun(desk, source, non_default_values(values))
            queue[place] |= {"state": "working", "run": run.token}
            try:
                options = Options.of(non_default_values(values))
                with (
                    desk.access.admit(caller_name(request)) as admitted,
                    closing(run.steps(options, told_to_stop, admitted.note)) as steps,
                ):
                    for changes in steps:
                        page |= changes | {results.queue: _shown(queue)}
                        yield page
                outcome = _outcome(run)
                queue[place] |= _ended(run)
            except WordlightError as error:
                outcome = error_card(error.message, error.hint, code=error.code, name=source.name)
                queue[place] |= {"state": "failed", "error": str(error), "code": error.code}
                queue[place] |= {"token": run.token} if run.kept else {}
            except Exception:
                _log.exception("transcription failed")
                outcome = error_card(key="broken", name=source.name)
                queue[place] |= {"state": "failed"}
            protected[place].close()
            if told_to_stop.is_set():
                queue[place + 1 :] = [item | {"state": "unstarted"} for item in queue[place + 1 :]]
                break
    if len(sources) > 1 and outcome.get("key") != "stopped":
        failed = sum(item["state"] == "failed" for item in queue)
        outcome = {
            "state": "note",
            "key": "batch_done",
            "values": {"done": len(queue) - failed, "failed": failed},
        }
    yield page | {results.status: outcome, results.queue: _shown(queue)} | idle_updates(desk.parts)


def _outcome(run: PageRun) -> dict[str, Any]:
    if run.found and not run.kept:
        return {"state": "note", "key": "not_kept_full"}
    return {"state": "note", "key": "stopped"} if run.stopped else {"state": "idle"}


def _ended(run: PageRun) -> dict[str, Any]:
    """Returns what the batch tells of a run; one that was stopped before any sound was heard has left nothing.

    Without a token, the transcript is in the browser alone.
    """
    if not run.found:
        return {"state": "unstarted"}
    state = {"state": "stopped" if run.stopped else "done"}
    return state | ({"token": run.token} if run.kept else {})


def _shown(queue: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the batch for the page, as a copy; one recording is no batch."""
    return [dict(item) for item in queue] if len(queue) > 1 else []


def stopping(stops: StopSignals) -> Callable[[gr.Request], Any]:
    """Returns the function behind Stop: it tells the run, and the button says that this takes a moment."""

    def stop(request: gr.Request) -> Any:
        stops.stop(request.session_hash)
        return gr.update(value=text("stopping"), interactive=False)

    return stop


def on_unload(desk: PageContext) -> Callable[[gr.Request], None]:
    """Returns what is done when a tab is closed: its runs stop, and what has had its time is deleted."""

    def leave(request: gr.Request) -> None:
        desk.stops.stop(request.session_hash, left=True)
        sweep(desk.kept)

    return leave


def localising(desk: PageContext) -> Callable[[gr.Request], Changes]:
    """Returns what puts lists of choices into the language of the browser."""
    parts = desk.parts

    def localise(request: gr.Request) -> Changes:
        locale = _locale(request)
        return (
            localised(parts.inputs, locale, _aligners(desk.engine))
            if locale != "en"
            else {parts.ready: gr.skip()}
        )

    return localise


def readiness(desk: PageContext) -> Callable[[gr.Request], Changes]:
    """Returns the function that tells how the models are, until that is settled, and then what aligner
    each language gets."""
    engine, parts = desk.engine, desk.parts

    def ready(request: gr.Request) -> Changes:
        health = engine.health()
        state = health["status"]
        said = {"state": state, "key": f"ready_{state}"}
        changes: Changes = {parts.ready: said, parts.pulse: gr.Timer(active=state == "loading")}
        if state == "ok":
            device = {"cuda": "GPU", "cpu": "CPU"}.get(health["device"], health["device"])
            said["more"] = f"{health['model']} · {device}"
            choices = languages(_locale(request), _aligners(engine))
            changes[parts.inputs.options["language"]] = gr.update(choices=choices)
        elif health["error"]:
            said["more"] = health["error"]
        return changes

    return ready


def _locale(request: gr.Request) -> str:
    return locale_of(request.headers.get("accept-language"))


def _aligners(engine: Engine) -> dict[str, str]:
    """Returns each language's aligner by its code; none while the models are being loaded."""
    return {it["code"]: it["aligner"] for it in engine.languages()} if engine.status == "ok" else {}


def idle_updates(parts: PageParts) -> Changes:
    return {
        parts.inputs.start: gr.update(interactive=True),
        parts.inputs.stop: gr.update(visible=False, value=text("stop"), interactive=True),
        **{button: gr.update(interactive=True) for button in parts.inputs.examples},
    }


def error_card(
    message: str = "", hint: str = "", key: str = "", code: str = "", name: str = ""
) -> dict[str, Any]:
    """Returns an error card: in the engine's words, or `key` and `key`_hint in the reader's language.

    code  says in the reader's language what the engine's words come to
    name  of the file that the error is about
    """
    card = {"key": key} if key else {"text": message, "detail": hint, "code": code}
    return {"state": "failed", "name": name, **card}
