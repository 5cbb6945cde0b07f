"""JSON Schemas of the routes' forms, made from the options."""

from __future__ import annotations

from engine.export.cue_limits import limit_specs
from engine.option_parsing import OptionSpec
from engine.options import specs
from engine.text_alignment.given_text import ALIGN_OPTIONS
from engine.text_alignment.text_formats import ONLY
from jobs.addresses import MAX_URL_CHARACTERS
from jobs.models import CALLBACK_BODIES
from server.form_fields import FILE_FIELD, MAX_FIELD_BYTES
from server.openapi.schemas import STRING, Schema
from server.routes.align import MAX_TEXT_BYTES, ONLY_FIELD, TEXT, TEXT_FILE
from server.routes.jobs import CALLBACK_BODY, CALLBACK_URL, JOB_TASKS, METADATA, TASK
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


def form_schema(fields: dict[str, Schema], file: str = FILE_FIELD) -> Schema:
    """Returns the schema of a form with a recording in the field `file`, and no other fields than these."""
    return {
        "type": "object",
        "properties": {file: FILE, **fields},
        "required": [file],
        "additionalProperties": False,
    }


def choice(known: tuple[str, ...], description: str) -> Schema:
    """Returns the schema of a text that is one of several, the first by default."""
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
STREAMING: Schema = {
    "type": "boolean",
    "default": False,
    "description": "Respond with server-sent events during the transcription.",
}
OPTIONS = {spec.name: option(spec) for spec in (*specs(), *limit_specs())}

TRANSCRIBE = form_schema(
    {
        **{name: OPTIONS[name] for name in OPTION_NAMES},
        FORMAT: choice(RESPONSE_FORMATS, "The format of the response; the limits below apply to subtitles."),
        **{name: OPTIONS[name] for name in LIMIT_NAMES},
        STREAM: STREAMING,
    }
)

_TEXTS: dict[str, Schema] = {
    TEXT: {
        **STRING,
        "maxLength": MAX_TEXT_BYTES,
        "description": "What is said: plain text, Markdown, SRT, WebVTT, ASS, or JSON of /transcribe or WhisperX.",
    },
    TEXT_FILE: {
        **STRING,
        "maxLength": MAX_TEXT_BYTES,
        "description": "The same as a file, instead of `text`.",
    },
    ONLY_FIELD: choice(
        ONLY,
        "With 'changed', the text is the JSON of /transcribe, and only words whose timing is 'interpolated' "
        "are timed.",
    ),
}
ALIGN = form_schema(
    {
        **_TEXTS,
        **{name: OPTIONS[name] for name in ALIGN_OPTIONS},
        FORMAT: choice(RESPONSE_FORMATS, "The format of the response; the limits below apply to subtitles."),
        **{name: OPTIONS[name] for name in LIMIT_NAMES},
        STREAM: STREAMING,
    }
)

JOB = form_schema(
    {
        **{name: _as_sent(OPTIONS[name]) for name in OPTION_NAMES},
        TASK: choice(JOB_TASKS, f"{OPTIONS[TASK]['description']} 'align' finds the times of a text."),
        **_TEXTS,
        CALLBACK_URL: {
            **STRING,
            "maxLength": MAX_URL_CHARACTERS,
            "description": "Is called by POST when the job has ended; it must lead to a public address.",
        },
        CALLBACK_BODY: choice(
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
    FORMAT: choice(RESPONSE_FORMATS, "What to answer with; the limits are of its subtitles."),
    **{name: OPTIONS[name] for name in LIMIT_NAMES},
}
