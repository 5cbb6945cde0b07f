"""Builds the OpenAPI document: every route, field, response and error, made from the options themselves."""

from __future__ import annotations

from functools import cache
from typing import Any

from engine.export.writers import WRITERS
from server.openapi.answers import (
    ANYWHERE,
    KEYED,
    MODELS,
    RECORDING,
    Answers,
    documents,
    failures_of,
    get,
    post,
)
from server.openapi.asr import ASR_PATHS, ASR_SCHEMAS
from server.openapi.forms import ALIGN, TRANSCRIBE
from server.openapi.jobs import JOB_PATHS, JOB_SCHEMAS
from server.openapi.lint import LINT_PATHS, LINT_SCHEMAS
from server.openapi.live import LIVE_PATHS, LIVE_SCHEMAS
from server.openapi.openai import OPENAI_PATHS
from server.openapi.openai_schemas import OPENAI_SCHEMAS
from server.openapi.schemas import SCHEMAS, STRING, Schema, array_of, ref, status_schema
from server.operator_report import VERBOSE
from server.sse import MEDIA_TYPE
from server.uploads import IDEMPOTENCY_KEY

VERSION = "1"  # of the interface: a change that breaks programs raises it

# The two ways to send a key.
_KEYS: dict[str, Schema] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
OPEN: Schema = {"security": []}  # no key is required


def document(prefix: str = "") -> dict[str, Any]:
    """Returns the document. It describes the interface only; `GET /health` describes the installation.

    prefix  the path that the application is mounted at
    """
    return {**_document(), "servers": [{"url": prefix or "/"}]}


@cache
def _document() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wordlight",
            "version": VERSION,
            "description": "A recording in, every word timed.",
        },
        "security": [{}, *({name: []} for name in _KEYS)],
        "paths": {**_ours(), **LINT_PATHS, **JOB_PATHS, **OPENAI_PATHS, **LIVE_PATHS, **ASR_PATHS},
        "components": {
            "schemas": SCHEMAS | JOB_SCHEMAS | LINT_SCHEMAS | OPENAI_SCHEMAS | LIVE_SCHEMAS | ASR_SCHEMAS,
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
        "/transcribe": post(
            "Transcribe a recording", TRANSCRIBE, RECORDING, answers=transcript, events=events
        )
        | _CANCEL,
        "/align": post(
            "Align a text with its recording", ALIGN, RECORDING, answers=transcript, events=events
        ),
        "/languages": get("Languages, and the aligner of each", array_of(ref("Language")), MODELS),
        "/health": get(
            "The models and their device",
            ref("Health"),
            KEYED | _NOT_VERBOSE,
            also={503: ref("Health")},
            parameters=[_VERBOSE],
        ),
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
_NOT_VERBOSE: Answers = {
    403: "The report is for operators, and there are no keys to know them by.",
    422: "The parameter cannot be read.",
}
_VERBOSE: Schema = {
    "name": VERBOSE,
    "in": "query",
    "schema": {"enum": ["", True, False, 1, 0, "true", "false", "yes", "no", "on", "off", "1", "0"]},
    "description": "Whether to add the report of the installation, for operators.",
}
_NOT_READY: Answers = {503: "They are not, or there is no disk space left: see Retry-After."}


def _status(word: str) -> Schema:
    return status_schema("status", word)
