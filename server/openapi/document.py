"""Builds the OpenAPI document: every route, field, response and error, made from the options themselves."""

from __future__ import annotations

from functools import cache
from typing import Any

from engine.export.writers import WRITERS
from server.openapi.answers import (
    AGE,
    ANYWHERE,
    KEYED,
    MODELS,
    NO_MODEL,
    RECORDING,
    WARNINGS,
    Answers,
    documents,
    failures_of,
    get,
)
from server.openapi.forms import ALIGN, OPENAI_TRANSCRIPTION, OPENAI_TRANSLATION, TRANSCRIBE
from server.openapi.jobs import JOB_PATHS, JOB_SCHEMAS
from server.openapi.lint import LINT_PATHS, LINT_SCHEMAS
from server.openapi.schemas import SCHEMAS, STRING, Schema, array_of, ref, status_schema
from server.routes.openai import RESPONSE_FORMATS as OPENAI_FORMATS
from server.sse import MEDIA_TYPE
from server.uploads import IDEMPOTENCY_KEY
from server.warning_header import WARNINGS_HEADER

VERSION = "1"  # of the interface: a change that breaks programs raises it

# The two ways to send a key.
_KEYS: dict[str, Schema] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
OPEN: Schema = {"security": []}  # no key is required


@cache
def document() -> dict[str, Any]:
    """Returns the document. It describes the interface only; `GET /health` describes the installation."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wordlight",
            "version": VERSION,
            "description": "A recording in, every word timed.",
        },
        "security": [{}, *({name: []} for name in _KEYS)],
        "paths": {**_ours(), **LINT_PATHS, **JOB_PATHS, **_openais()},
        "components": {
            "schemas": SCHEMAS | JOB_SCHEMAS | LINT_SCHEMAS,
            "securitySchemes": _KEYS,
        },
    }


def _ours() -> dict[str, Any]:
    events = (
        f"Or, as {MEDIA_TYPE}, `update` events (Update) and then one `result` event (Transcript, or Document "
        "if the response_format is not json) or `error` event (Error)."
    )
    transcript = {"application/json": ref("Transcript"), **documents(tuple(WRITERS))}
    return {
        "/transcribe": _post(
            "Transcribe a recording", TRANSCRIBE, RECORDING, answers=transcript, events=events
        )
        | _CANCEL,
        "/align": _post(
            "Align a text with its recording", ALIGN, RECORDING, answers=transcript, events=events
        ),
        "/languages": get("Languages, and the aligner of each", array_of(ref("Language")), MODELS),
        "/health": get("The models and their device", ref("Health"), KEYED, also={503: ref("Health")}),
        "/health/live": get("The process responds", _status("live"), ANYWHERE, **OPEN),
        "/health/ready": get("The models are loaded", _status("ready"), ANYWHERE | _NOT_READY, **OPEN),
        "/metrics": get("Numbers for Prometheus", STRING, KEYED, kind="text/plain"),
        "/openapi.json": get("This document", {"type": "object"}, ANYWHERE, **OPEN),
    }


_CANCEL: dict[str, Any] = {
    "delete": {
        "summary": "Cancel a transcription by the Idempotency-Key of its request",
        "parameters": [
            {"name": IDEMPOTENCY_KEY, "in": "header", "required": True, "schema": {**STRING, "minLength": 1}}
        ],
        "responses": {
            "200": {
                "description": "It ends.",
                "content": {"application/json": {"schema": status_schema("state", "cancelled")}},
            },
            **failures_of(
                KEYED
                | {
                    404: "None is under way.",
                    422: "The header is missing.",
                    503: "The server is shutting down: see Retry-After.",
                },
                None,
            ),
        },
    }
}
_NOT_READY: Answers = {503: "They are not, or there is no disk space left: see Retry-After."}


def _openais() -> dict[str, Any]:
    events = (
        f"Or, as {MEDIA_TYPE}, `transcript.text.delta` events, with diarized_json a `transcript.text.segment` event "
        "for each segment, and then a `transcript.text.done` event or, if the transcription fails, an event whose "
        "data is an OpenAIError."
    )
    failures = RECORDING | NO_MODEL
    answer = {
        "application/json": {"anyOf": [ref("OpenAIText"), ref("OpenAIVerbose"), ref("OpenAIDiarized")]},
        "text/plain": STRING,
        **documents(OPENAI_FORMATS),
    }
    name = {"name": "model", "in": "path", "required": True, "schema": STRING}
    wrong = ref("OpenAIError")
    return {
        "/v1/audio/transcriptions": _post(
            "Transcribe, for OpenAI's clients",
            OPENAI_TRANSCRIPTION,
            failures,
            answers=answer,
            events=events,
            wrong=wrong,
        ),
        "/v1/audio/translations": _post(
            "Translate into English, for OpenAI's clients",
            OPENAI_TRANSLATION,
            failures,
            answers=answer,
            wrong=wrong,
        ),
        "/v1/models": get("Models", ref("Models"), MODELS, wrong=wrong),
        "/v1/models/{model}": get("One model", ref("Model"), MODELS | NO_MODEL, wrong=wrong)
        | {"parameters": [name]},
    }


def _post(
    summary: str,
    form: Schema,
    failures: Answers,
    answers: dict[str, Schema],
    events: str = "",
    wrong: Schema | None = None,
) -> dict[str, Any]:
    content = {kind: {"schema": schema} for kind, schema in answers.items()}
    if events:
        content[MEDIA_TYPE] = {}  # events have no schema before OpenAPI 3.2; the description explains them
    return {
        "post": {
            "summary": summary,
            "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
            "responses": {
                "200": {
                    "description": f"The transcript in the response_format. {events}".strip(),
                    "content": content,
                    "headers": {WARNINGS_HEADER: WARNINGS, "Age": AGE},
                },
                **failures_of(failures, wrong),
            },
        }
    }


def _status(word: str) -> Schema:
    return status_schema("status", word)
