"""The routes of jobs in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from engine.export.writers import WRITERS
from jobs.models import STATES
from server.openapi.answers import KEYED, RECORDING, WARNINGS, documents, failures_of
from server.openapi.forms import JOB, RESULT_QUERY
from server.openapi.schemas import STRING, Schema, array_of, object_schema, ref
from server.routes.jobs import DEFAULT_PAGE, MAX_KEY_CHARACTERS, MAX_PAGE
from server.sse import MEDIA_TYPE
from server.uploads import IDEMPOTENCY_KEY, LIMIT_NAMES
from server.warning_header import WARNINGS_HEADER

_NO_JOB = {404: "There is no such job, or it is another key's."}
_CLOSING = {503: "The server is shutting down: see Retry-After."}
_BAD_QUERY = {422: "A parameter cannot be read."}

_ID: Schema = {"name": "id", "in": "path", "required": True, "schema": STRING}


def _query(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "schema": schema}


def _header(name: str, schema: Schema, description: str) -> Schema:
    return {"name": name, "in": "header", "schema": schema, "description": description}


def _answers(status: int, description: str, content: dict[str, Schema], failures: dict[int, str]) -> Schema:
    body = {kind: {"schema": schema} if schema else {} for kind, schema in content.items()}
    answer: dict[str, Any] = {"description": description, "content": body}
    return {**failures_of(failures, None), str(status): answer}


def _json(name: str) -> dict[str, Schema]:
    return {"application/json": ref(name)}


def _submit() -> dict[str, Any]:
    answers = _answers(202, "The job; it and its recording are stored.", _json("Job"), _FAILURES)
    answers["202"]["headers"] = {"Location": {"description": "The path of the job.", "schema": STRING}}
    key = {**STRING, "maxLength": MAX_KEY_CHARACTERS}
    return {
        "summary": "Submit a recording as a job",
        "parameters": [
            _header(
                IDEMPOTENCY_KEY, key, "The same key with the same form is the same job; with another, 409."
            )
        ],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": JOB}}},
        "responses": answers,
    }


_FAILURES = RECORDING | {409: "The Idempotency-Key came with another form before."}
_PAGE = {
    "summary": "List the jobs of the API key",
    "parameters": [
        _query("limit", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": DEFAULT_PAGE}),
        _query("after", {**STRING, "description": "The `next` of the page before."}),
    ],
    "responses": _answers(
        200, "The newest first.", _json("JobPage"), KEYED | _BAD_QUERY | {403: "The server has no API keys."}
    ),
}
_EVENTS = {
    "summary": "Follow a job",
    "parameters": [
        _ID,
        _header("Last-Event-ID", STRING, "The id of the last event that was read; those after it follow."),
    ],
    "responses": {
        **_answers(
            200,
            "Server-sent events with ids: `queued`, `running`, `done`, `failed` and `cancelled` (JobEvent), and "
            "`update` (Update) for each step that has brought segments. The stream ends with the job.",
            {MEDIA_TYPE: {}},
            KEYED | _NO_JOB | _BAD_QUERY,
        ),
        "204": {"description": "The job is over and the last event has been read."},
    },
}


def _result() -> dict[str, Any]:
    content = {"application/json": ref("Transcript"), **documents(tuple(WRITERS))}
    failures = KEYED | _NO_JOB | _BAD_QUERY | {409: "The job is not done."}
    answers = _answers(200, "The transcript in the format that response_format names.", content, failures)
    answers["200"]["headers"] = {WARNINGS_HEADER: WARNINGS}
    query = [_query(name, schema) for name, schema in RESULT_QUERY.items()]
    return {"summary": "The transcript of a job", "parameters": [_ID, *query], "responses": answers}


_LINT = {
    "summary": "Check the subtitles of a job",
    "parameters": [
        _ID,
        *(_query(name, schema) for name, schema in RESULT_QUERY.items() if name in LIMIT_NAMES),
    ],
    "responses": _answers(
        200,
        "What the rules have found.",
        _json("LintReport"),
        KEYED | _NO_JOB | _BAD_QUERY | {409: "The job has not ended, or has failed: `state` tells."},
    ),
}

JOB_PATHS: dict[str, Any] = {
    "/jobs": {"post": _submit(), "get": _PAGE},
    "/jobs/{id}": {
        "get": {
            "summary": "The state of a job",
            "parameters": [_ID],
            "responses": _answers(200, "The job.", _json("Job"), KEYED | _NO_JOB),
        },
        "delete": {
            "summary": "Cancel a job, or delete one that is over",
            "parameters": [_ID],
            "responses": _answers(200, "What became of it.", _json("JobRemoved"), KEYED | _NO_JOB | _CLOSING),
        },
    },
    "/jobs/{id}/events": {"get": _EVENTS},
    "/jobs/{id}/result": {"get": _result()},
    "/jobs/{id}/lint": {"get": _LINT},
}

_MOMENT: Schema = {"type": "string", "format": "date-time"}
_MAYBE_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
_SECONDS: Schema = {"type": "number", "minimum": 0}
_STATE: Schema = {"type": "string", "enum": list(STATES)}

JOB_SCHEMAS: dict[str, Schema] = {
    "Job": object_schema(
        {
            "id": STRING,
            "state": _STATE,
            "created_at": _MOMENT,
            "started_at": _MAYBE_MOMENT,
            "finished_at": _MAYBE_MOMENT,
            "kept_until": _MAYBE_MOMENT,
            "place": {
                "type": ["integer", "null"],
                "minimum": 1,
                "description": "In the queue, if it waits there.",
            },
            "progress": object_schema(
                {
                    "seconds_done": _SECONDS,
                    "seconds_total": _SECONDS,
                    "seconds_left": {"type": ["number", "null"], "minimum": 0},
                }
            ),
            "language": {"type": ["string", "null"]},
            "options": {"type": "object", "additionalProperties": True},
            "metadata": {"type": ["object", "null"], "additionalProperties": True},
            "error": {"anyOf": [ref("ErrorDetails"), {"type": "null"}]},
            "links": object_schema({"self": STRING, "events": STRING, "result": STRING}),
        }
    ),
    "JobPage": object_schema({"jobs": array_of(ref("Job")), "next": {"type": ["string", "null"]}}),
    "JobRemoved": object_schema(
        {"id": STRING, "state": {"type": "string", "enum": ["cancelled", "deleted"]}}
    ),
    "JobEvent": object_schema(
        {"state": _STATE, "duration": _SECONDS, "error": ref("ErrorDetails")}, optional=("duration", "error")
    ),
}
