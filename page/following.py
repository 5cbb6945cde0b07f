"""Answers pages that follow work: at once if there is news, else when there is, or after some seconds.

A page asks again and again, each time with what it has got. So a lost connection, a reload or a restart of the server
loses nothing: the next answer brings what is missing. It needs no open stream, and it passes every proxy.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anyio import to_thread

from engine import Engine
from jobs.models import Job
from jobs.signals import Signals
from jobs.texts import aligns
from page.attendance import ASK_SECONDS
from page.error_values import error_values
from page.old_messages import current_form
from page.page_jobs import PageJobs
from page.runs import PageRun
from page.transcript_store import TranscriptStore

LOOK_SECONDS = 1.0  # between two looks for what other processes do at a job

Answer = dict[str, Any]


class Following:
    """What the pages that follow work get to know."""

    def __init__(self, engine: Engine, jobs: PageJobs, store: TranscriptStore, signals: Signals) -> None:
        self._engine = engine
        self._jobs = jobs
        self._store = store
        self._signals = signals

    async def next(self, asked: Mapping[str, Any]) -> Answer:
        """Returns the state of a transcription, once it is another than the page knows.

        asked  {token, version, labels, words}: the token, and version and labels of the answer before, and how many
               words the page has

        {state, version, labels, status?, message?, media?, name?, failure?, resumable?}. The state is "waiting",
        "working", "done", "stopped", "left", "failed", "unstarted" or "gone".
        """
        token, version = str(asked["token"]), asked.get("version")
        words, labels = int(asked.get("words") or 0), int(asked.get("labels") or 0)
        news = self._signals.watch(token)
        try:
            until = time.monotonic() + ASK_SECONDS
            while True:
                answer = await to_thread.run_sync(self.look, token, words, labels)
                if answer["version"] != version or self._engine.closing or time.monotonic() >= until:
                    return answer
                await self._signals.wait_changed(token, news, LOOK_SECONDS)
        finally:
            self._signals.unwatch(token, news)

    def look(self, token: str, words: int = 0, labels: int = 0) -> Answer:
        """Returns the state at this moment, with the words beyond those that the page has."""
        job, run = self._jobs.find(token), self._jobs.run_of(token)
        if job is not None and job.line:
            self._jobs.attendance.note(job.line)
        if run is not None:
            shown = run.snapshot(words, labels)
            ended = shown["state"] in ("stopped", "left")
            return shown | {"resumable": ended and bool(run.is_stored) and _has_checkpoints(job)}
        if job is None or self._store.is_hidden(token):
            return self._stored(token) or {"state": "gone", "version": "gone"}
        version = f"{job.state}-{job.last_event}"
        if job.state in ("queued", "running"):
            return self._unattached(job, self._jobs.replayed(job), version, words=words, labels=labels)
        stored = self._stored(token)
        if job.state == "failed":
            error = job.error or {}
            failure = {name: error.get(name, "") for name in ("message", "hint", "code")}
            failure["values"] = error_values(failure["code"], self._engine.config)
            return (stored or {}) | {"state": "failed", "version": version, "failure": failure}
        resumable = stored is not None and _has_checkpoints(job)
        return (stored or {"state": "unstarted"}) | {"version": version, "resumable": resumable}

    def brief(self, token: Any, *, is_read: bool = False) -> Answer:
        """Returns the state alone and, of a stored transcript, its revision and until when it is kept.

        is_read  whether somebody reads the transcript now, so that it is kept from now on as after a correction
        """
        if is_read:
            self._store.prolong(token)
        job, stored = self._jobs.find(str(token)), self._store.head(token)
        if job is not None and job.state in ("queued", "running"):
            return {"state": "waiting" if job.state == "queued" else "working"}
        if stored is not None:
            revision = stored.get("revision", 0)
            return {"state": stored["state"], "kept_until": stored["kept_until"], "revision": revision}
        if job is not None and not self._store.is_hidden(token):
            return {"state": "failed" if job.state == "failed" else "unstarted"}
        run = self._jobs.run_of(str(token))  # one that the disk has no room for, or one that is being deleted
        return {"state": "done" if run is not None and run.state == "done" else "gone"}

    def _stored(self, token: str) -> Answer | None:
        stored = self._store.load(token)
        if stored is None:
            return None
        message = current_form(stored["message"])
        message["meta"] = _with_sound(message["meta"], Path(stored["media"]))
        name = message["meta"].get("name") or Path(stored["media"]).name
        return {**stored, "message": message, "name": name, "version": "stored"}

    def _unattached(self, job: Job, run: PageRun, version: str, *, words: int, labels: int) -> Answer:
        """Returns what is known of a job that waits, or that another process is at."""
        shown = run.snapshot(words, labels) | {"version": version}
        if job.state == "queued":
            waits_for_models = self._engine.status == "loading"
            key = "stage_loading" if waits_for_models else "stage_waiting"
            shown["state"] = "waiting"
            shown["status"] |= {"key": key, "part": None, "progress": None}
        return shown


def _with_sound(meta: Mapping[str, Any], media: Path) -> Answer:
    """Returns the facts of a stored transcript; without its recording, nothing can be translated."""
    return {**meta, "translates": bool(meta.get("translates", True)) and media.is_file()}


def _has_checkpoints(job: Job | None) -> bool:
    """Returns whether a stopped job can go on, as an alignment cannot."""
    return job is None or not aligns(job.options)
