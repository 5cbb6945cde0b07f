"""Jobs: a recording in, an id out; the work outlives the connection and the process.

POST   /jobs               202 with the job's id and links, once recording and job are on the disk
GET    /jobs               the caller's own, by pages
GET    /jobs/{id}          its state, progress and place in the queue
GET    /jobs/{id}/events   what happens to it, as server-sent events that can be resumed
GET    /jobs/{id}/result   the transcript, in any format
GET    /jobs/{id}/lint     the findings of the rules for subtitles
DELETE /jobs/{id}          cancels it, or deletes it if it is over
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from functools import partial
from typing import Any

from anyio import to_thread
from starlette.datastructures import QueryParams
from starlette.responses import JSONResponse, Response

from engine.engine import Engine
from engine.errors import InvalidOption
from engine.export.cue_limits import CueLimits
from engine.options import TASKS, Options
from engine.text_alignment.given_text import ALIGN_OPTIONS
from engine.text_alignment.text_formats import read_text
from jobs.addresses import CallbackRules
from jobs.models import CALLBACK_BODIES, UNFINISHED, Job
from jobs.options import stored_options
from jobs.recordings import digest_of
from jobs.service import Jobs
from jobs.store import Order
from jobs.texts import ALIGN, stored_alignment
from jobs.views import PATH, job_view
from server.endpoint import ApiRequest, Endpoint, ServerState, error_body, path_prefix
from server.errors import Forbidden
from server.form_fields import FormFields
from server.job_uploads import JobUploads
from server.multipart import Form
from server.routes.align import ONLY_FIELD, TEXT, TEXT_FILE, TEXT_FORM_BYTES, TEXT_LENGTHS, sent_text
from server.routes.lint import transcript_report
from server.routes.transcribe import ALIASES, JSON, RESPONSE_FORMATS, document_response
from server.sse import HEARTBEAT_SECONDS, MEDIA_TYPE, comment, event, stream
from server.uploads import FORMAT, IDEMPOTENCY_KEY, LIMIT_NAMES, OPTION_NAMES, read_choice, receive_form

CALLBACK_URL, CALLBACK_BODY, METADATA = "callback_url", "callback_body", "metadata"
TASK = "task"
JOB_TASKS = (*TASKS, ALIGN)
JOB_FIELDS = (*OPTION_NAMES, TEXT, TEXT_FILE, ONLY_FIELD, CALLBACK_URL, CALLBACK_BODY, METADATA)
JOB_FORM = FormFields(names=JOB_FIELDS, longer=TEXT_LENGTHS)
RESULT_FIELDS = (FORMAT, *LIMIT_NAMES)
PAGE_FIELDS = ("limit", "after")
MAX_KEY_CHARACTERS = 255
DEFAULT_PAGE, MAX_PAGE = 20, 100  # jobs
LOOK_SECONDS = 2.0  # between two looks for what other processes do at a job
EVENTS_AT_ONCE = 100


class JobRoutes:
    """The handlers of the routes."""

    def __init__(self, state: ServerState, jobs: Jobs, uploads: JobUploads) -> None:
        self._state = state
        self._jobs = jobs
        self._uploads = uploads
        self._rules = CallbackRules(state.engine.config.webhook_allow)
        self._keep_seconds = state.engine.config.keep_for

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(self._state, PATH, {"POST": self.submit, "GET": self.page}, form_bytes=TEXT_FORM_BYTES),
            Endpoint(self._state, f"{PATH}/{{id}}", {"GET": self.show, "DELETE": self.remove}),
            Endpoint(self._state, f"{PATH}/{{id}}/events", {"GET": self.events}),
            Endpoint(self._state, f"{PATH}/{{id}}/result", {"GET": self.result}),
            Endpoint(self._state, f"{PATH}/{{id}}/lint", {"GET": self.lint}),
        ]

    async def submit(self, call: ApiRequest) -> Response:
        """Answers once the recording and the job are on the disk."""
        key = _idempotency_key(call)
        read = partial(self._read, call, key)
        order = await receive_form(self._state, call, read, JOB_FORM, uploads=self._uploads)
        job, new = await self._in_thread(self._jobs.store.submit, order)
        view = await self._view(call, job)
        headers = {"Location": view["links"]["self"]} | ({} if new else {"Idempotent-Replayed": "true"})
        return JSONResponse(view, 202, headers)

    async def page(self, call: ApiRequest) -> Response:
        """Answers with the jobs of the caller's key, the newest first."""
        owner = self._owner(call)
        if not owner:
            raise Forbidden(
                "Jobs are listed by API key, and this server has no keys.",
                "Keep the id that POST /jobs has answered with.",
            )
        _check_names(call.query_params, PAGE_FIELDS)
        limit = _limit(call.query_params.get("limit"))
        after = _cursor(call.query_params.get("after"))
        found = await self._in_thread(self._jobs.store.page, owner, limit + 1, after)
        shown = [job_view(job, self._keep_seconds, prefix=path_prefix(call)) for job in found[:limit]]
        following = _cursor_of(found[limit - 1]) if len(found) > limit else None
        return JSONResponse({"jobs": shown, "next": following})

    async def show(self, call: ApiRequest) -> Response:
        """Answers with a job's state."""
        return JSONResponse(await self._view(call, await self._job(call)))

    async def remove(self, call: ApiRequest) -> Response:
        """Cancels or deletes a job."""
        job_id = call.path_params["id"]
        outcome = await self._in_thread(self._jobs.remove, job_id, self._owner(call))
        return JSONResponse({"id": job_id, "state": outcome})

    async def result(self, call: ApiRequest) -> Response:
        """Answers with the transcript in the wanted format."""
        query = call.query_params
        _check_names(query, RESULT_FIELDS)
        format = read_choice(query, FORMAT, RESPONSE_FORMATS, default=JSON)
        limits = CueLimits.of({name: query[name] for name in LIMIT_NAMES if name in query})
        job = await self._job(call)

        def answer() -> Response:
            return document_response(self._jobs.store.transcript(job), ALIASES.get(format, format), limits)

        return await self._in_thread(answer)

    async def lint(self, call: ApiRequest) -> Response:
        """Answers with the findings at the subtitles of the transcript."""
        query = call.query_params
        _check_names(query, LIMIT_NAMES)
        limits = CueLimits.of({name: query[name] for name in LIMIT_NAMES if name in query})
        job = await self._job(call)
        return await self._in_thread(lambda: transcript_report(self._jobs.store.transcript(job), limits))

    async def events(self, call: ApiRequest) -> Response:
        """Answers with the events that follow the one that the caller has seen last."""
        after = _last_event(call)
        job = await self._job(call)
        if job.state not in UNFINISHED and job.last_event <= after:
            return Response(status_code=204)  # which tells a browser's EventSource not to come back
        if call.method == "HEAD":
            return Response(media_type=MEDIA_TYPE)
        return stream(self._events(job.id, after), error_body, error_name="error")

    async def _events(self, job_id: str, after: int) -> AsyncIterator[bytes]:
        news = self._jobs.signals.watch(job_id)
        try:
            sent = time.monotonic()
            while not self._state.engine.closing:  # the client goes on at the next server
                found = await self._in_thread(self._jobs.store.events, job_id, after, EVENTS_AT_ONCE)
                for each in found:
                    yield event(each.data, each.name, each.number)
                    after, sent = each.number, time.monotonic()
                    if each.name not in (*UNFINISHED, "update"):
                        return
                if found:
                    continue
                if time.monotonic() - sent >= HEARTBEAT_SECONDS:
                    await self._in_thread(self._jobs.store.exists, job_id)
                    yield comment()
                    sent = time.monotonic()
                await self._jobs.signals.wait_changed(job_id, news, LOOK_SECONDS)
        finally:
            self._jobs.signals.unwatch(job_id, news)

    def _read(self, call: ApiRequest, key: str | None, form: Form) -> Order:
        fields = form.fields
        options, text = _wanted(fields, self._state.engine)
        callback_body = read_choice(fields, CALLBACK_BODY, CALLBACK_BODIES, default="state")
        if url := fields.get(CALLBACK_URL):
            self._rules.parse(url)
        return Order(
            options=options,
            text=text,
            digest=digest_of(form.file),
            upload=form.file,
            owner=self._owner(call),
            caller=call.caller,
            details=_details(fields.get(METADATA)),
            callback_url=url,
            callback_body="result" if callback_body == "result" else "state",
            idempotency_key=key,
        )

    async def _job(self, call: ApiRequest) -> Job:
        return await self._in_thread(self._jobs.store.get, call.path_params["id"], self._owner(call))

    async def _view(self, call: ApiRequest, job: Job) -> dict[str, Any]:
        place = await self._in_thread(self._jobs.store.place, job)
        return job_view(job, self._keep_seconds, place, path_prefix(call))

    def _owner(self, call: ApiRequest) -> str:
        return self._state.keys.owner_of(call.caller)

    async def _in_thread(self, work: Any, *arguments: Any) -> Any:
        return await to_thread.run_sync(work, *arguments, limiter=self._state.threads)


def endpoints(state: ServerState, jobs: Jobs, uploads: JobUploads) -> list[Endpoint]:
    return JobRoutes(state, jobs, uploads).endpoints()


def _wanted(fields: Mapping[str, str], engine: Engine) -> tuple[dict[str, Any], str | None]:
    """Returns the options of a job as they are stored, and the text to align. Raises InputError."""
    task = fields.get(TASK, JOB_TASKS[0])
    given = {name: fields[name] for name in OPTION_NAMES if name in fields}
    if task != ALIGN:
        _refuse_idle(
            fields, (TEXT, TEXT_FILE, ONLY_FIELD), task, hint=f"Leave it out, or send {TASK}={ALIGN}."
        )
        return stored_options(Options(**given), engine), None  # type: ignore[arg-type]  # text, which Options reads
    del given[TASK]
    _refuse_idle(
        given, [name for name in OPTION_NAMES if name not in ALIGN_OPTIONS], task, hint="Leave it out."
    )
    content, only = sent_text(fields)
    read_text(content, only=only)  # refused now rather than by the worker
    return stored_alignment(stored_options(Options(**given), engine), only), content  # type: ignore[arg-type]


def _refuse_idle(fields: Mapping[str, str], names: Iterable[str], task: str, hint: str) -> None:
    """Raises InvalidOption if a form has a field that has no effect with its task."""
    for name in names:
        if name in fields:
            raise InvalidOption(f"{name} has no effect with {TASK}={task[:40]}.", hint, name)


def _idempotency_key(call: ApiRequest) -> str | None:
    key = call.headers.get(IDEMPOTENCY_KEY, "").strip()
    if len(key) > MAX_KEY_CHARACTERS or not key.isprintable():
        hint = f"It may have {MAX_KEY_CHARACTERS} printable characters."
        raise InvalidOption(f"{IDEMPOTENCY_KEY} is {key[:40]!r}.", hint, IDEMPOTENCY_KEY)
    return key or None


def _last_event(call: ApiRequest) -> int:
    text = call.headers.get("last-event-id", "").strip() or "0"
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise InvalidOption(
            f"Last-Event-ID is {text[:40]!r}.", "It must be the id of an event.", "Last-Event-ID"
        )
    return int(text)


def _details(text: str | None) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidOption(f"{METADATA} is {text[:40]!r}.", "It must be a JSON object.", METADATA)
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _check_names(query: QueryParams, known: tuple[str, ...]) -> None:
    for name in query:
        if name not in known:
            raise InvalidOption(f"Unknown parameter {name[:40]!r}.", f"Known: {', '.join(known)}.", name[:40])


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_PAGE
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:6]) <= MAX_PAGE:
        raise InvalidOption(f"limit is {text[:40]!r}.", f"It must be a number from 1 to {MAX_PAGE}.", "limit")
    return int(text)


def _cursor_of(job: Job) -> str:
    return base64.urlsafe_b64encode(f"{job.created_at!r} {job.id}".encode()).decode()


def _cursor(text: str | None) -> tuple[float, str] | None:
    if text is None:
        return None
    try:
        created_at, _, job_id = base64.urlsafe_b64decode(text.encode()).decode().partition(" ")
        return float(created_at), job_id
    except (ValueError, binascii.Error):
        raise InvalidOption(
            f"after is {text[:40]!r}.", "It must be the `next` of another page.", "after"
        ) from None
