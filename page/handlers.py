"""What the page's parts do: generators over the engine's updates, and the two small events beside them."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import gradio as gr

from engine import Engine, Options, Segment, Transcript, Update, WordlightError, views
from page import strings
from page.downloads import write_files
from page.layout import Parts, Results
from page.stops import Stops

_log = logging.getLogger("wordlight.page")

Changes = dict[Any, Any]  # component -> its new value or gr.update()


def transcription(engine: Engine, parts: Parts, stops: Stops) -> Callable[..., Iterator[Changes]]:
    """Returns the generator behind the button. Closing it closes the engine's iterator."""
    inputs, results = parts.inputs, parts.results

    def transcribe_on_page(
        file: str | None,
        recorded: str | None,
        language: str,
        task: str,
        model: str,
        aligner: str,
        request: gr.Request,
    ) -> Iterator[Changes]:
        source = file or recorded
        if source is None:
            yield {results.status: failure(strings.NO_FILE, strings.NO_FILE_HINT)}
            return
        # Each step repeats what the ones before it have changed. gradio sends differences, and its browser
        # side applies them to the very values that components hold: one left out is emptied under them.
        page: Changes = {
            inputs.start: gr.update(interactive=False),
            inputs.stop: gr.update(visible=True, value=strings.STOP, interactive=True),
            results.status: {"state": "working", "text": strings.WAITING},
        }
        outcome: dict[str, Any] = {"state": "idle"}
        with stops.watch(request.session_hash) as told_to_stop:
            yield page
            try:
                options = Options(language, task, model, aligner)  # type: ignore[arg-type]  # checked there
                run = Run(results, Path(source))
                with closing(engine.transcribe(source, options)) as updates:
                    for update in updates:
                        page |= run.show(update)
                        if told_to_stop.is_set() and not update.transcript:
                            outcome = {"state": "note", "text": strings.STOPPED}
                            break
                        yield page
            except WordlightError as error:
                outcome = failure(error.message, error.hint)
            except Exception:
                _log.exception("transcription failed")
                outcome = failure(strings.BROKEN, strings.BROKEN_HINT)
        yield page | {results.status: outcome} | idle(parts)

    return transcribe_on_page


class Run:
    """One transcription as the page shows it. What was there before goes when its first sound is at work."""

    def __init__(self, results: Results, source: Path) -> None:
        self._results = results
        self._source = source
        self._id = secrets.token_hex(6)
        self._clicked = self._started = time.monotonic()
        self._began = False
        self._segments: list[Segment] = []

    def show(self, update: Update) -> Changes:
        """Returns what the update changes on the page."""
        if update.stage == "loading":
            self._started = time.monotonic()
        changes: Changes = {self._results.status: self._status(update)}
        if not self._began and update.stage not in ("loading", "reading"):
            self._began = True
            changes |= self._clear() | {self._results.transcript: self._words(0)}
        if update.segments:
            known = len(self._segments)
            self._segments.extend(update.segments)
            changes[self._results.transcript] = self._words(known)
        if update.transcript:
            changes |= self._finish(update.transcript)
        return changes

    def _status(self, update: Update) -> dict[str, Any]:
        progress = views.progress(update, time.monotonic() - self._started)
        return {
            "state": "working",
            "text": strings.STAGES[update.stage],
            "detail": strings.how_far(progress),
            "part": progress.part,
        }

    def _words(self, new_from: int, done: bool = False) -> dict[str, Any]:
        message = views.transcript_message(self._id, self._segments, new_from, done)
        return message | {"media": str(self._source)}

    def _clear(self) -> Changes:
        return {
            self._results.summary: None,
            self._results.words: [],
            self._results.words_tab: gr.update(interactive=False),
        }

    def _finish(self, transcript: Transcript) -> Changes:
        self._segments = list(transcript.segments)
        files = write_files(transcript, self._source)
        return {
            self._results.transcript: self._words(0, done=True),
            self._results.summary: summary(transcript, time.monotonic() - self._clicked),
            self._results.words: table(transcript),
            self._results.words_tab: gr.update(interactive=True),
            **{button: files[name] for name, button in self._results.downloads.items()},
        }


def stopping(stops: Stops) -> Callable[[gr.Request], Any]:
    """Returns the function behind Stop: it tells the run, and the button says that this takes a moment."""

    def stop(request: gr.Request) -> Any:
        stops.stop(request.session_hash)
        return gr.update(value=strings.STOPPING, interactive=False)

    return stop


def readiness(engine: Engine) -> Callable[[], tuple[dict[str, str], Any]]:
    """Returns the function that tells how the models are, and stops the timer once that is settled."""

    def ready() -> tuple[dict[str, str], Any]:
        health = engine.health()
        state = health["status"]
        text = strings.READINESS[state]
        if state == "ok":
            device = strings.DEVICES.get(health["device"], health["device"])
            text = f"{text} · {health['model']} · {device}"
        elif health["error"]:
            text = f"{text}: {health['error']}"
        return {"state": state, "text": text}, gr.Timer(active=state == "loading")

    return ready


def idle(parts: Parts) -> Changes:
    return {
        parts.inputs.start: gr.update(interactive=True),
        parts.inputs.stop: gr.update(visible=False, value=strings.STOP, interactive=True),
    }


def failure(message: str, hint: str) -> dict[str, Any]:
    return {"state": "failed", "text": message, "detail": hint}


def summary(transcript: Transcript, seconds_taken: float) -> dict[str, Any]:
    return {
        "facts": [
            [key, strings.FACTS[key], strings.FACT_TEXTS.get(key, "{}").format(text)]
            for key, text in views.facts(transcript, seconds_taken)
        ],
        "warnings": list(transcript.warnings),
    }


def table(transcript: Transcript) -> list[list[Any]]:
    return [[*row[:4], strings.TIMINGS[row[4]]] for row in views.rows(transcript)]
