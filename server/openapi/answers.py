"""Answers of routes as OpenAPI has them: statuses, their meaning, and the headers that come with them."""

from __future__ import annotations

from typing import Any

from engine.export.writers import TEXT_FORMATS, WRITERS
from server.openapi.schemas import STRING, Schema, ref
from server.request_headers import IGNORED_HEADER, MODEL_HEADER
from server.sse import MEDIA_TYPE
from server.warning_header import WARNINGS_HEADER

BYTES: Schema = {"type": "string", "format": "binary"}

Answers = dict[int, str]  # what a failure means, by its status

# What may go wrong anywhere, where the models are needed, and where a recording is sent.
ANYWHERE: Answers = {405: "Another method is meant.", 500: "A bug; the log of the server has it."}
KEYED = ANYWHERE | {
    401: "No API key, or none that is known.",
    429: "Too many wrong keys came from this address, or more than one caller may ask for: see Retry-After.",
}
MODELS = KEYED | {503: "The models are not there, or every place is taken: see Retry-After."}
RECORDING = MODELS | {
    400: "The form or its file is damaged.",
    413: "The recording is larger or longer than accepted.",
    415: "It is no form, or there is no recording in it.",
    422: "An option or the recording cannot be worked with.",
    507: "No disk space is left for the recording: see Retry-After.",
}
NO_MODEL: Answers = {404: "There is no such model."}


def get(
    summary: str,
    schema: Schema,
    failures: Answers,
    kind: str = "application/json",
    wrong: Schema | None = None,
    also: dict[int, Schema] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Describes GET, and HEAD with it. `also` are answers with a body of their own beside the 200."""
    answers = {200: schema, **(also or {})}
    told = {
        str(status): {
            "description": summary + ".",
            "content": {kind: {"schema": answer}},
            **headers_of(status),
        }
        for status, answer in answers.items()
    }
    return {"get": {"summary": summary, "responses": {**failures_of(failures, wrong), **told}, **more}}


AGE: Schema = {
    "description": "Seconds since the transcript was made, if an equal request has brought it about.",
    "schema": {"type": "integer", "minimum": 0},
}
WARNINGS: Schema = {
    "description": "A JSON list of what the transcript warns of, in ASCII; absent if there is nothing.",
    "schema": STRING,
}

USED: dict[str, Schema] = {
    MODEL_HEADER: {"description": "The model that was used.", "schema": STRING},
    IGNORED_HEADER: {
        "description": "The fields that were accepted without effect, between commas; absent if there are none.",
        "schema": STRING,
    },
}
RAW = (
    "The body may also be the recording itself, with a Content-Type such as audio/mpeg; the fields are query "
    "parameters then."
)


def failures_of(failures: Answers, wrong: Schema | None) -> dict[str, Any]:
    content = {"application/json": {"schema": wrong or ref("Error")}}
    return {
        str(status): {"description": description, "content": content, **headers_of(status)}
        for status, description in sorted(failures.items())
    }


def headers_of(status: int) -> dict[str, Any]:
    if status not in (429, 503, 507):
        return {}
    seconds = {"description": "Seconds until it is worth asking again.", "schema": {"type": "integer"}}
    return {"headers": {"Retry-After": seconds}}


def post(
    summary: str,
    form: Schema,
    failures: Answers,
    answers: dict[str, Schema],
    *,
    events: str = "",
    wrong: Schema | None = None,
    headers: dict[str, Schema] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Describes a POST of a recording in a form. `headers` are those of its answer beside the usual ones."""
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
                    "headers": {WARNINGS_HEADER: WARNINGS, "Age": AGE, **(headers or {})},
                },
                **failures_of(failures, wrong),
            },
            **more,
        }
    }


def documents(formats: tuple[str, ...]) -> dict[str, Schema]:
    """Returns the media types of the formats that are no JSON; those that are no text have bytes."""
    known = [name for name in formats if name in WRITERS and name != "json"]
    return {WRITERS[name].media_type: STRING if name in TEXT_FORMATS else BYTES for name in known}
