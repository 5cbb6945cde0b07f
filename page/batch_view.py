"""What the page shows of a batch: the state of each recording, the transcript, buttons and the outcome."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from engine import WordlightError
from page.layout import PageParts
from page.runs import Changes, PageRun
from page.texts import text

IDLE: dict[str, Any] = {"state": "idle"}  # the status without anything to report


class BatchView:
    """Builds all changes of a batch anew at each step.

    gradio sends differences, and its browser side applies them to the very values that components hold: a value
    that one step leaves out is emptied.
    """

    def __init__(self, parts: PageParts, sources: list[Path]) -> None:
        self._parts = parts
        self._items: list[dict[str, Any]] = [{"name": source.name, "state": "waiting"} for source in sources]
        self._shown: Changes = {parts.results.status: {"state": "working", "key": "handing_over"}}
        self._outcome = IDLE

    def updates(self) -> Changes:
        """Returns what the page shows while the batch runs."""
        inputs = self._parts.inputs
        return {
            inputs.start: gr.update(interactive=False),
            inputs.stop: gr.update(visible=True, value=text("stop"), interactive=True),
            **{button: gr.update(interactive=False) for button in inputs.examples},
            **self._shown,
            self._parts.results.queue: self._queue(),
        }

    def final_updates(self) -> Changes:
        """Returns what the page shows after the batch."""
        return self.updates() | {self._parts.results.status: self._summary()} | idle_updates(self._parts)

    def start(self, index: int, run: PageRun) -> None:
        self._items[index] |= {"state": "working", "run": run.token}

    def show(self, changes: Changes) -> None:
        """Takes over the changes of a run's step."""
        self._shown |= changes

    def end(self, index: int, run: PageRun) -> None:
        """Shows how a run ended; without a token, its transcript is in the browser only."""
        if run.is_stored is None:  # it was stopped before there was anything to show
            self._items[index] |= {"state": "unstarted"}
        else:
            self._items[index] |= {"state": "stopped" if run.state == "stopped" else "done"}
        self._add_token(index, run)
        if run.is_stored is False:
            self._outcome = {"state": "note", "key": "not_kept_full"}
        else:
            self._outcome = {"state": "note", "key": "stopped"} if run.state == "stopped" else IDLE

    def fail(self, index: int, run: PageRun, error: WordlightError | None) -> None:
        """Shows that a run failed; `error` is None if the failure is a bug."""
        name = self._items[index]["name"]
        self._items[index] |= {"state": "failed"}
        if error is None:
            self._outcome = error_card(key="broken", name=name)
            return
        self._outcome = error_card(error.message, error.hint, code=error.code, name=name)
        self._items[index] |= {"error": str(error), "code": error.code}
        self._add_token(index, run)

    def stop_after(self, index: int) -> None:
        """Shows that the recordings after this one have not been transcribed."""
        for item in self._items[index + 1 :]:
            item |= {"state": "unstarted"}

    def _add_token(self, index: int, run: PageRun) -> None:
        if run.is_stored:
            self._items[index] |= {"token": run.token}

    def _queue(self) -> list[dict[str, Any]]:
        """Returns the recordings as a copy; a single one is no batch."""
        return [dict(item) for item in self._items] if len(self._items) > 1 else []

    def _summary(self) -> dict[str, Any]:
        if len(self._items) == 1 or self._outcome.get("key") == "stopped":
            return self._outcome
        failed = sum(item["state"] == "failed" for item in self._items)
        values = {"done": len(self._items) - failed, "failed": failed}
        return {"state": "note", "key": "batch_done", "values": values}


def idle_updates(parts: PageParts) -> Changes:
    """Returns the buttons' states while no transcription runs."""
    return {
        parts.inputs.start: gr.update(interactive=True),
        parts.inputs.stop: gr.update(visible=False, value=text("stop"), interactive=True),
        **{button: gr.update(interactive=True) for button in parts.inputs.examples},
    }


def error_card(
    message: str = "", hint: str = "", *, key: str = "", code: str = "", name: str = ""
) -> dict[str, Any]:
    """Returns an error card: in the engine's words, or `key` and `key`_hint in the reader's language.

    code  of the engine's error, which the page translates
    name  of the file that failed
    """
    card = {"key": key} if key else {"text": message, "detail": hint, "code": code}
    return {"state": "failed", "name": name, **card}
