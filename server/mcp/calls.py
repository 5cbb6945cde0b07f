"""Carries out the tools, as work of the caller's, over the jobs."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio import to_thread

from engine.errors import InvalidOption, ShuttingDown
from engine.export.cue_limits import CueLimits
from engine.export.writers import write
from engine.options import Options
from engine.text_alignment.given_text import ALIGN_OPTIONS
from engine.text_alignment.text_formats import read_text
from jobs.files import full_disk_refused
from jobs.models import UNFINISHED, Job
from jobs.options import stored_options
from jobs.recordings import digest_of
from jobs.service import Jobs
from jobs.store import Order
from jobs.texts import stored_alignment
from jobs.views import job_view
from server.endpoint import ServerState
from server.job_uploads import JobUploads
from server.links import Links
from server.mcp.tickets import TICKET_SECONDS
from server.mcp.tools import LIMITS, OPTIONS, defaults
from server.mcp.uploads import HeldUploads

LOOK_SECONDS = 2.0  # between two looks for what other processes do at a job
RECORDING = "recording"

Progress = Callable[[float, float, str], Awaitable[None]]  # seconds done, seconds in all, what happens


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls a tool.

    name     as `ApiRequest.caller`
    base     the address of this server, as the caller reaches it
    note     reports progress
    """

    name: str
    base: str
    note: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a tool answers: facts, and the text of a transcript or none."""

    facts: dict[str, Any]
    text: str | None = None


class ToolCalls:
    """The tools. Each raises WordlightError for what the caller can mend."""

    def __init__(self, state: ServerState, jobs: Jobs, uploads: JobUploads, held: HeldUploads) -> None:
        self._state = state
        self._jobs = jobs
        self._uploads = uploads
        self._held = held
        self._links = Links(state.engine.config)
        self._keep_seconds = state.engine.config.keep_for

    async def call(self, name: str, caller: Caller, arguments: dict[str, Any]) -> Answer:
        """Calls a tool of `tools.TOOLS`, whose schema the arguments fit."""
        given = defaults(name) | arguments
        answer: Answer = await getattr(self, name)(caller, given)
        return answer

    async def request_upload(self, caller: Caller, _: dict[str, Any]) -> Answer:
        ticket = self._held.tickets.issue(caller.name)
        url = f"{caller.base}/mcp/uploads/{ticket.text}"
        return Answer(
            facts={
                "upload_id": ticket.text,
                "upload_url": url,
                "method": "PUT",
                "expires_in_seconds": int(TICKET_SECONDS),
                "max_bytes": self._state.engine.config.max_bytes,
                "example": f"curl -T FILE '{url}'",
            }
        )

    async def transcribe(self, caller: Caller, given: dict[str, Any]) -> Answer:
        options = Options(**{name: given[name] for name in OPTIONS if name in given})
        stored = await self._in_thread(stored_options, options, self._state.engine)
        return await self._begin(caller, given, stored)

    async def align(self, caller: Caller, given: dict[str, Any]) -> Answer:
        options = Options(**{name: given[name] for name in ALIGN_OPTIONS if name in given})
        await self._in_thread(read_text, given["text"])  # refused now rather than by the worker
        stored = await self._in_thread(stored_options, options, self._state.engine)
        return await self._begin(caller, given, stored_alignment(stored, "all"), given["text"])

    async def _begin(
        self, caller: Caller, given: dict[str, Any], stored: dict[str, Any], text: str | None = None
    ) -> Answer:
        """Submits a job for the recording that is given, and answers with its transcript or its state."""
        if ("url" in given) == ("upload_id" in given):
            raise InvalidOption("There must be one recording.", "Give either upload_id or url.", "upload_id")
        if "url" in given:
            job = await self._from_link(caller, given["url"], stored, text)
        else:
            path = await self._in_thread(self._held.take, given["upload_id"], caller.name)
            job = await self._submit(caller, path, stored, text)
            await self._in_thread(self._held.drop, path)
        job = await self._wait(caller, job, given["wait_seconds"])
        if job.state != "done":
            return self._state_of(job)
        return await self._in_thread(self._part, job, given, CueLimits())

    async def job_status(self, caller: Caller, given: dict[str, Any]) -> Answer:
        job = await self._job(caller, given["job_id"])
        return self._state_of(await self._wait(caller, job, given["wait_seconds"]))

    async def export_transcript(self, caller: Caller, given: dict[str, Any]) -> Answer:
        limits = CueLimits.of({name: given[name] for name in LIMITS if name in given})
        job = await self._job(caller, given["job_id"])
        return await self._in_thread(self._part, job, given, limits)

    async def remove_transcription(self, caller: Caller, given: dict[str, Any]) -> Answer:
        job_id = given["job_id"]
        outcome = await self._in_thread(self._jobs.remove, job_id, self._owner(caller))
        return Answer(facts={"job_id": job_id, "state": outcome})

    async def list_languages(self, _caller: Caller, _: dict[str, Any]) -> Answer:
        languages = await self._in_thread(self._state.engine.languages)
        return Answer(facts={"languages": languages})

    async def _from_link(self, caller: Caller, url: str, stored: dict[str, Any], text: str | None) -> Job:
        with self._state.limits.slot(caller.name), full_disk_refused(), self._uploads.temporary("") as folder:
            path = Path(folder) / RECORDING
            await self._links.fetch(url, path, self._uploads.space)
            return await self._submit(caller, path, stored, text)

    async def _submit(self, caller: Caller, path: Path, stored: dict[str, Any], text: str | None) -> Job:
        digest = await self._in_thread(digest_of, path)
        order = Order(
            options=stored,
            digest=digest,
            upload=path,
            text=text,
            owner=self._owner(caller),
            caller=caller.name,
        )
        job, _ = await self._in_thread(self._jobs.store.submit, order)
        return job

    async def _wait(self, caller: Caller, job: Job, seconds: float) -> Job:
        """Returns the job once it has ended or the time is over; reports progress meanwhile."""
        until = time.monotonic() + seconds
        news = self._jobs.signals.watch(job.id)
        try:
            while job.state in UNFINISHED and (left := until - time.monotonic()) > 0:
                if self._state.engine.closing:
                    raise ShuttingDown(
                        "The server is restarting; the transcription goes on then.",
                        f"Call job_status with job_id {job.id} in a minute.",
                    )
                await self._jobs.signals.wait_changed(job.id, news, min(left, LOOK_SECONDS))
                job = await self._job(caller, job.id)
                await caller.note(job.seconds_done, job.seconds_total, job.state)
        finally:
            self._jobs.signals.unwatch(job.id, news)
        return job

    async def _job(self, caller: Caller, job_id: str) -> Job:
        job: Job = await self._in_thread(self._jobs.store.get, job_id, self._owner(caller))
        return job

    def _part(self, job: Job, given: dict[str, Any], limits: CueLimits) -> Answer:
        """Returns a part of the transcript. Raises NotDone."""
        transcript = self._jobs.store.transcript(job)
        text = write(transcript, given["format"], limits, RECORDING)
        begin = given["offset"]
        end = min(len(text), begin + given["max_characters"])
        facts = self._state_of(job).facts | {
            "duration": round(transcript.duration, 3),
            "warnings": transcript.warnings,
            "format": given["format"],
            "characters": len(text),
            "next_offset": end if end < len(text) else None,
        }
        return Answer(facts=facts, text=text[begin:end])

    def _state_of(self, job: Job) -> Answer:
        view = job_view(job, self._keep_seconds)
        names = ("state", "progress", "language", "error", "kept_until")
        facts = {"job_id": job.id, **{name: view[name] for name in names}}
        if job.state in UNFINISHED:
            facts["hint"] = "Call job_status with this job_id to wait for it, then export_transcript."
        return Answer(facts=facts)

    def _owner(self, caller: Caller) -> str:
        return self._state.keys.owner_of(caller.name)

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await to_thread.run_sync(work, *arguments, limiter=self._state.threads)
