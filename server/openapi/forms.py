"""JSON Schemas of the routes' forms, made from the options."""

from __future__ import annotations

from engine.export.cue_limits import limit_specs
from engine.option_parsing import OptionSpec
from engine.options import specs
from engine.text_alignment.given_text import ALIGN_OPTIONS
from engine.text_alignment.text_formats import ONLY
from jobs.addresses import MAX_URL_CHARACTERS
from jobs.models import CALLBACK_BODIES
from server.multipart import FILE_FIELD, MAX_FIELD_BYTES
from server.openapi.schemas import STRING, Schema
from server.routes.align import MAX_TEXT_BYTES, ONLY_FIELD, TEXT, TEXT_FILE
from server.routes.jobs import CALLBACK_BODY, CALLBACK_URL, METADATA
from server.routes.openai import (
    CHUNKING,
    FIELDS,
    GRANULARITIES,
    GRANULARITY,
    TRANSCRIPTION_FIELDS,
    TRANSLATION_FORMATS,
)
from server.routes.openai import RESPONSE_FORMATS as OPENAI_FORMATS
from server.routes.transcribe import RESPONSE_FORMATS
from server.uploads import FORMAT, LIMIT_NAMES, OPTION_NAMES, STREAM


def option(spec: OptionSpec) -> Schema:
    """Returns the schema of an option's field."""
    schema: Schema = {"description": spec.sentence}
    if spec.default not in (None, ""):
        schema["default"] = spec.default
    if spec.choices:
        return schema | {"type": "string", "enum": list(spec.choices)}
    if isinstance(spec.default, bool):
        return schema | {"type": "boolean"}
    if isinstance(spec.default, int | float):
        kind = "integer" if isinstance(spec.default, int) else "number"
        return schema | {"type": kind, "minimum": spec.minimum, "maximum": spec.maximum}
    return schema | {"type": "string"} | ({"maxLength": spec.max_length} if spec.max_length else {})


def _form(fields: dict[str, Schema], *names: str) -> Schema:
    return {
        "type": "object",
        "properties": {FILE_FIELD: FILE, **({name: fields[name] for name in names} if names else fields)},
        "required": [FILE_FIELD],
        "additionalProperties": False,
    }


def _choice(known: tuple[str, ...], description: str) -> Schema:
    return {"type": "string", "enum": list(known), "default": known[0], "description": description}


def _as_sent(schema: Schema) -> Schema:
    """Returns the schema of a field in all the ways to write it: a job is accepted before its file is looked at."""
    if schema.get("type") != "boolean":
        return schema
    words = [True, False, 1, 0, *("true", "false", "yes", "no", "on", "off", "1", "0")]
    return {name: value for name, value in schema.items() if name != "type"} | {"enum": words}


FILE: Schema = {
    "type": "string",
    "format": "binary",
    "contentMediaType": "application/octet-stream",
    "description": "An audio or video file of any kind.",
}
_STREAM: Schema = {
    "type": "boolean",
    "default": False,
    "description": "Respond with server-sent events during the transcription.",
}
_OPTIONS = {spec.name: option(spec) for spec in (*specs(), *limit_specs())}

TRANSCRIBE = _form(
    {
        **{name: _OPTIONS[name] for name in OPTION_NAMES},
        FORMAT: _choice(RESPONSE_FORMATS, "The format of the response; the limits below apply to subtitles."),
        **{name: _OPTIONS[name] for name in LIMIT_NAMES},
        STREAM: _STREAM,
    }
)

ALIGN = _form(
    {
        TEXT: {
            **STRING,
            "maxLength": MAX_TEXT_BYTES,
            "description": "What is said: plain text, Markdown, SRT, WebVTT, or JSON of /transcribe or WhisperX.",
        },
        TEXT_FILE: {
            **STRING,
            "maxLength": MAX_TEXT_BYTES,
            "description": "The same as a file, instead of `text`.",
        },
        ONLY_FIELD: _choice(
            ONLY,
            "With 'changed', the text is the JSON of /transcribe, and only words whose timing is 'interpolated' "
            "are timed.",
        ),
        **{name: _OPTIONS[name] for name in ALIGN_OPTIONS},
        FORMAT: _choice(RESPONSE_FORMATS, "The format of the response; the limits below apply to subtitles."),
        **{name: _OPTIONS[name] for name in LIMIT_NAMES},
        STREAM: _STREAM,
    }
)

JOB = _form(
    {
        **{name: _as_sent(_OPTIONS[name]) for name in OPTION_NAMES},
        CALLBACK_URL: {
            **STRING,
            "maxLength": MAX_URL_CHARACTERS,
            "description": "Is called by POST when the job has ended; it must lead to a public address.",
        },
        CALLBACK_BODY: _choice(
            CALLBACK_BODIES, "What that call brings: the job's state, or its transcript too."
        ),
        METADATA: {
            **STRING,
            "contentMediaType": "application/json",
            "maxLength": MAX_FIELD_BYTES,
            "description": "A JSON object, given back with the job.",
        },
    }
)
RESULT_QUERY = {
    FORMAT: _choice(RESPONSE_FORMATS, "What to answer with; the limits are of its subtitles."),
    **{name: _OPTIONS[name] for name in LIMIT_NAMES},
}

_OPENAI = {
    "model": {**STRING, "default": "whisper-1", "description": "`whisper-1` is this installation's default."},
    "language": _OPTIONS["language"],
    "prompt": {**STRING, "description": _OPTIONS["initial_prompt"]["description"]},
    FORMAT: _choice(
        OPENAI_FORMATS, "The format of the response; diarized_json has a speaker for each segment."
    ),
    "temperature": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0,
        "description": "Accepted and ignored: decoding uses beam search.",
    },
    "strict": {
        **_OPTIONS["strict"],
        "description": f"{_OPTIONS['strict']['description']} Not part of OpenAI's interface.",
    },
    STREAM: _STREAM,
    CHUNKING: {
        "type": "string",
        "enum": ["auto"],
        "default": "auto",
        "description": "Accepted and ignored, since windows are always cut at pauses.",
    },
    GRANULARITY: {
        "type": "array",
        "items": {"type": "string", "enum": list(GRANULARITIES)},
        "description": "Which times verbose_json contains.",
    },
}

OPENAI_TRANSCRIPTION = _form(_OPENAI, *TRANSCRIPTION_FIELDS, GRANULARITY)
OPENAI_TRANSLATION = _form(
    _OPENAI | {FORMAT: _choice(TRANSLATION_FORMATS, "The format of the response.")}, *FIELDS
)
