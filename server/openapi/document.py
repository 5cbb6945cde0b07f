"""Builds the OpenAPI document: every route, field, response and error, made from the options themselves."""

from __future__ import annotations

from functools import cache
from typing import Any

from engine.export.writers import WRITERS
from server.openapi.forms import OPENAI_TRANSCRIPTION, OPENAI_TRANSLATION, TRANSCRIBE
from server.openapi.schemas import SCHEMAS, STRING, Schema, array_of, object_schema, ref
from server.routes.openai import RESPONSE_FORMATS as OPENAI_FORMATS
from server.sse import MEDIA_TYPE
from server.warning_header import WARNINGS_HEADER

VERSION = "1"  # of the interface: a change that breaks programs raises it

_Answers = dict[int, str]  # the meaning of an error, by its status

# Errors of every route, of those with a key, of those that need the models, and of those that take recordings.
ANYWHERE: _Answers = {405: "The method is not allowed.", 500: "A bug; the server's log has the details."}
KEYED = ANYWHERE | {
    401: "Missing or unknown API key.",
    429: "Too many wrong keys from this address, or the caller is over its limits: see Retry-After.",
}
MODELS = KEYED | {503: "The models are not loaded, or too many transcriptions are running: see Retry-After."}
RECORDING = MODELS | {
    400: "The form or its file is damaged.",
    413: "The recording is larger or longer than accepted.",
    415: "The body is not a form, or its file is not a recording.",
    422: "An option is invalid, or the recording cannot be transcribed.",
    507: "There is no disk space left for the recording: see Retry-After.",
}
NO_MODEL: _Answers = {404: "There is no such model."}

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
        "paths": {**_ours(), **_openais()},
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": _KEYS,
        },
    }


def _ours() -> dict[str, Any]:
    events = (
        f"Or, as {MEDIA_TYPE}, `update` events (Update) and then one `result` event (Transcript, or Document "
        "if the response_format is not json) or `error` event (Error)."
    )
    transcript = {"application/json": ref("Transcript"), **_documents(tuple(WRITERS))}
    return {
        "/transcribe": _post(
            "Transcribe a recording", TRANSCRIBE, RECORDING, answers=transcript, events=events
        ),
        "/languages": _get("Languages, and the aligner of each", array_of(ref("Language")), MODELS),
        "/health": _get("The models and their device", ref("Health"), KEYED, also={503: ref("Health")}),
        "/health/live": _get("The process responds", _status("live"), ANYWHERE, **OPEN),
        "/health/ready": _get("The models are loaded", _status("ready"), ANYWHERE | _NOT_READY, **OPEN),
        "/metrics": _get("Numbers for Prometheus", STRING, KEYED, kind="text/plain"),
        "/openapi.json": _get("This document", {"type": "object"}, ANYWHERE, **OPEN),
    }


_NOT_READY: _Answers = {503: "They are not, or there is no disk space left: see Retry-After."}


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
        **_documents(OPENAI_FORMATS),
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
        "/v1/models": _get("Models", ref("Models"), MODELS, wrong=wrong),
        "/v1/models/{model}": _get("One model", ref("Model"), MODELS | NO_MODEL, wrong=wrong)
        | {"parameters": [name]},
    }


def _post(
    summary: str,
    form: Schema,
    failures: _Answers,
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
                    "headers": {WARNINGS_HEADER: _WARNINGS},
                },
                **_failures(failures, wrong),
            },
        }
    }


def _get(
    summary: str,
    schema: Schema,
    failures: _Answers,
    kind: str = "application/json",
    wrong: Schema | None = None,
    also: dict[int, Schema] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Describes GET, which answers HEAD too; `also` are further responses with a body of their own."""
    answers = {200: schema, **(also or {})}
    responses = {
        str(status): {
            "description": summary + ".",
            "content": {kind: {"schema": answer}},
            **_headers(status),
        }
        for status, answer in answers.items()
    }
    return {"get": {"summary": summary, "responses": {**_failures(failures, wrong), **responses}, **more}}


_WARNINGS: Schema = {
    "description": "The transcript's warnings as a JSON list in ASCII; absent if there are none.",
    "schema": STRING,
}


def _failures(failures: _Answers, wrong: Schema | None) -> dict[str, Any]:
    content = {"application/json": {"schema": wrong or ref("Error")}}
    return {
        str(status): {"description": description, "content": content, **_headers(status)}
        for status, description in sorted(failures.items())
    }


def _headers(status: int) -> dict[str, Any]:
    if status not in (429, 503, 507):
        return {}
    seconds = {"description": "Seconds until a retry makes sense.", "schema": {"type": "integer"}}
    return {"headers": {"Retry-After": seconds}}


def _documents(formats: tuple[str, ...]) -> dict[str, Schema]:
    """Returns the media types of the formats that are text."""
    kinds = (WRITERS[name].media_type for name in formats if name in WRITERS)
    return {kind: STRING for kind in kinds if kind != "application/json"}


def _status(word: str) -> Schema:
    return object_schema({"status": {"type": "string", "const": word}})
