"""The check of subtitles in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from engine.export.cue_limits import limit_specs
from engine.lint.issues import RULES
from engine.lint.subtitle_file import FORMATS
from server.openapi.answers import RECORDING, failures_of
from server.openapi.forms import FILE, option
from server.openapi.schemas import MAYBE_TEXT, SECONDS, STRING, Schema, array_of, object_schema, ref
from server.routes.lint import LANGUAGE, PATH

_FORM: Schema = {
    "type": "object",
    "properties": {
        "file": FILE | {"description": "Subtitles (SRT, WebVTT, ASS), or a transcript in JSON."},
        LANGUAGE: {**STRING, "description": "The language of the subtitles, for their reading speed."},
        **{spec.name: option(spec) for spec in limit_specs()},
    },
    "required": ["file"],
    "additionalProperties": False,
}

LINT_PATHS: dict[str, Any] = {
    PATH: {
        "post": {
            "summary": "Check subtitles",
            "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}},
            "responses": {
                "200": {
                    "description": "What the rules have found.",
                    "content": {"application/json": {"schema": ref("LintReport")}},
                },
                **failures_of(RECORDING, None),
            },
        }
    }
}

_NUMBER: Schema = {"type": ["number", "null"]}

LINT_SCHEMAS: dict[str, Schema] = {
    "LintReport": object_schema(
        {
            "format": {"type": "string", "enum": list(FORMATS)},
            "language": MAYBE_TEXT,
            "cues": {"type": "integer", "minimum": 0, "description": "How many subtitles were checked."},
            "publishable": {
                "type": "boolean",
                "description": "Whether nothing is left to mend but advice, and faults without time around them.",
            },
            "counts": {
                "type": "object",
                "description": "The number of findings by rule.",
                "additionalProperties": {"type": "integer", "minimum": 1},
            },
            "issues": array_of(ref("LintIssue")),
        }
    ),
    "LintIssue": object_schema(
        {
            "rule": {**STRING, "description": f"One of {', '.join(RULES)}; later versions may have more."},
            "cue": {"type": "integer", "minimum": 1, "description": "The number of the subtitle, from 1."},
            "start": SECONDS,
            "end": SECONDS,
            "advice": {"type": "boolean", "description": "Whether the rule is one of taste."},
            "has_room": {"type": "boolean", "description": "Whether there is time around it to mend it."},
            "value": {**_NUMBER, "description": "What was measured."},
            "limit": {**_NUMBER, "description": "What is allowed."},
            "message": STRING,
        }
    ),
}
