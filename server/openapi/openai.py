"""OpenAI's routes in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from engine.options import Task
from server.openai_request import (
    GRANULARITIES,
    GRANULARITY,
    INCLUDE,
    KEYWORDS,
    LANGUAGES,
    LOGPROBS,
    MAX_TEMPERATURE,
    OWN_NAME,
    RESPONSE_FORMATS,
    TRANSLATION_FORMATS,
    form_fields,
)
from server.openapi.answers import MODELS, NO_MODEL, RAW, RECORDING, USED, documents, get, post
from server.openapi.forms import OPTIONS, STREAMING, choice, form_schema
from server.openapi.schemas import STRING, Schema, ref
from server.sse import MEDIA_TYPE
from server.uploads import FORMAT, STREAM

# Of the fields without effect, those that OpenAI and faster-whisper's servers document.
_WITHOUT_EFFECT = ("chunking_strategy", "user", "vad_filter")

_FIELDS: dict[str, Schema] = {
    "model": {
        **STRING,
        "default": OWN_NAME,
        "description": f"`{OWN_NAME}` is this installation's default; so are other servers' models, unless the "
        "settings say otherwise.",
    },
    "language": OPTIONS["language"],
    "prompt": {**STRING, "description": OPTIONS["initial_prompt"]["description"]},
    FORMAT: choice(
        RESPONSE_FORMATS, "The format of the response; diarized_json has a speaker for each segment."
    ),
    "temperature": {
        "type": "number",
        "minimum": 0,
        "maximum": MAX_TEMPERATURE,
        "default": 0,
        "description": "Accepted without effect: decoding uses beam search.",
    },
    "n": {"type": "integer", "const": 1, "description": "There is one answer."},
    "hotwords": {
        **OPTIONS["hotwords"],
        "description": f"{OPTIONS['hotwords']['description']} Not part of OpenAI's interface.",
    },
    "strict": {
        **OPTIONS["strict"],
        "description": f"{OPTIONS['strict']['description']} Not part of OpenAI's interface.",
    },
    "track": {
        **OPTIONS["track"],
        "description": f"{OPTIONS['track']['description']} Not part of OpenAI's interface.",
    },
    STREAM: STREAMING,
}


def _list(item: Schema, description: str) -> Schema:
    return {"type": "array", "items": item, "description": description}


_LISTS: dict[str, Schema] = {
    GRANULARITY: _list({"type": "string", "enum": list(GRANULARITIES)}, "Which times verbose_json contains."),
    KEYWORDS: _list(STRING, OPTIONS["hotwords"]["description"]),
    LANGUAGES: _list(STRING, OPTIONS["languages"]["description"]),
    INCLUDE: _list(
        {"type": "string", "enum": [LOGPROBS]},
        "logprobs adds the log-probability of each word to json and diarized_json.",
    ),
}


def _form(task: Task) -> Schema:
    allowed = form_fields(task)
    fields = {name: _FIELDS[name] for name in allowed.names}
    if task == "translate":
        fields[FORMAT] = choice(TRANSLATION_FORMATS, "The format of the response.")
    fields |= {f"{name}[]": _LISTS[name] for name in allowed.lists}
    return form_schema(
        fields | {name: {**STRING, "description": "Accepted without effect."} for name in _WITHOUT_EFFECT}
    )


def _paths() -> dict[str, Any]:
    events = (
        f"Or, as {MEDIA_TYPE}, `transcript.text.delta` events, with diarized_json a `transcript.text.segment` event "
        "for each segment, and then a `transcript.text.done` event or, if the transcription fails, an event whose "
        "data is an OpenAIError."
    )
    answers = {
        "application/json": {"anyOf": [ref("OpenAIText"), ref("OpenAIVerbose"), ref("OpenAIDiarized")]},
        "text/plain": STRING,
        **documents(RESPONSE_FORMATS),
    }
    common: dict[str, Any] = {"answers": answers, "wrong": ref("OpenAIError"), "headers": USED}
    failures = RECORDING | NO_MODEL
    name = {"name": "model", "in": "path", "required": True, "schema": STRING}
    return {
        "/v1/audio/transcriptions": post(
            "Transcribe, for OpenAI's clients",
            _form("transcribe"),
            failures,
            **common,
            events=events,
            description=RAW,
        ),
        "/v1/audio/translations": post(
            "Translate into English, for OpenAI's clients",
            _form("translate"),
            failures,
            **common,
            description=RAW,
        ),
        "/v1/models": get("Models", ref("Models"), MODELS, wrong=ref("OpenAIError")),
        "/v1/models/{model}": get("One model", ref("Model"), MODELS | NO_MODEL, wrong=ref("OpenAIError"))
        | {"parameters": [name]},
    }


OPENAI_PATHS = _paths()
