"""The shapes that the routes answer with, as JSON Schema for the OpenAPI document."""

from __future__ import annotations

from typing import Any, get_args

from engine.transcript import TIMINGS
from engine.updates import Stage

Schema = dict[str, Any]

STRING: Schema = {"type": "string"}
SECONDS: Schema = {"type": "number", "minimum": 0, "description": "Seconds from the start of the file."}
PART: Schema = {"type": "number", "minimum": 0, "maximum": 1}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}


def array_of(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def object_schema(properties: dict[str, Schema], optional: tuple[str, ...] = (), **more: Any) -> Schema:
    """Returns the schema of an object whose properties are all required but for the optional ones."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, **more}


def status_schema(name: str, word: str) -> Schema:
    """Returns the schema of an object that says one word."""
    return object_schema({name: {"type": "string", "const": word}})


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


WORD = object_schema(
    {
        "word": STRING,
        "start": SECONDS,
        "end": SECONDS,
        "probability": {**PART, "description": "The decoder's: how sure Whisper is of the text."},
        "score": {**PART, "description": "The aligner's: how well sound and text agree."},
        "timing": {"type": "string", "enum": list(TIMINGS), "description": "How the times were found."},
        "speaker": STRING,
    },
    optional=("score", "speaker"),
)

SEGMENT = object_schema(
    {
        "id": {"type": "integer"},
        "start": SECONDS,
        "end": SECONDS,
        "text": STRING,
        "avg_logprob": {"type": "number"},
        "no_speech_prob": PART,
        "language": STRING,
        "words": array_of(ref("Word")),
        "aligner": {**STRING, "description": "Which aligner timed most of its words."},
        "speaker": STRING,
    },
    optional=("aligner", "speaker"),
)

STRETCH = object_schema(
    {
        "kind": {"type": "string", "enum": ["speech_without_words", "words_without_speech"]},
        "start": SECONDS,
        "end": SECONDS,
    }
)

TRANSCRIPT = object_schema(
    {
        "text": STRING,
        "language": MAYBE_TEXT,
        "language_probability": PART,
        "duration": SECONDS,
        "segments": array_of(ref("Segment")),
        "word_segments": array_of(ref("Word")),
        "model": STRING,
        "aligner": STRING,
        "coverage": array_of(ref("Stretch")),
        "warnings": array_of(STRING),
        "timings": {"type": "object", "additionalProperties": {"type": "number"}},
    }
)

UPDATE = object_schema(
    {
        "stage": {"type": "string", "enum": list(get_args(Stage))},
        "seconds_done": SECONDS,
        "seconds_total": SECONDS,
        "language": MAYBE_TEXT,
        "language_probability": PART,
        "segments": array_of(ref("Segment")),
        "seconds_left": {
            "type": ["number", "null"],
            "minimum": 0,
            "description": "Until the end, by the pace so far; null while there is too little to go by.",
        },
    },
    description="The data of an `update` event: one step, with the segments found since the last.",
)

LANGUAGE = object_schema({"code": STRING, "name": STRING, "native": STRING, "aligner": STRING})

HEALTH = object_schema(
    {
        "status": {"type": "string", "enum": ["loading", "ok", "failed"]},
        "error": MAYBE_TEXT,
        "device": STRING,
        "gpu": {"type": ["object", "null"]},
        "model": STRING,
        "compute_type": STRING,
        "models": {"type": "object", "additionalProperties": STRING},
        "commits": {
            "type": "object",
            "additionalProperties": STRING,
            "description": "Of models from the hub: the commit of the repository that each was loaded from.",
        },
        "aligners": {"type": "object"},
        "media_fence": ref("MediaFence"),
        "versions": {"type": "object", "additionalProperties": STRING},
        "uptime": {"type": "number", "minimum": 0},
    },
    optional=("device", "gpu", "model", "compute_type", "models", "commits", "aligners"),
)

MEDIA_FENCE = object_schema(
    {
        "network": {"type": "boolean"},
        "files": {"type": "boolean"},
        "writing": {"type": "boolean"},
        "by": MAYBE_TEXT,
        "reason": {**MAYBE_TEXT, "description": "Why something is left open, where it is."},
    },
    description="What is closed to ffmpeg while it reads a recording.",
)

ERROR_DETAILS = object_schema({"code": STRING, "message": STRING, "hint": STRING})

ERROR = object_schema({"error": ref("ErrorDetails")})

OPENAI_ERROR = object_schema(
    {"error": object_schema({"message": STRING, "type": STRING, "param": MAYBE_TEXT, "code": MAYBE_TEXT})}
)

OPENAI_TEXT = object_schema({"text": STRING, "usage": ref("Usage"), "warnings": array_of(STRING)})

USAGE = object_schema({"type": {"type": "string", "const": "duration"}, "seconds": SECONDS})

OPENAI_SEGMENT = object_schema(
    {
        "id": {"type": "integer"},
        "seek": {"type": "integer"},
        "start": SECONDS,
        "end": SECONDS,
        "text": STRING,
        "tokens": array_of({"type": "integer"}),
        "temperature": {"type": "number"},
        "avg_logprob": {"type": "number"},
        "compression_ratio": {"type": "number"},
        "no_speech_prob": PART,
    }
)

OPENAI_VERBOSE = object_schema(
    {
        "task": STRING,
        "language": STRING,
        "duration": SECONDS,
        "text": STRING,
        "usage": ref("Usage"),
        "warnings": array_of(STRING),
        "segments": array_of(ref("OpenAISegment")),
        "words": array_of(object_schema({"word": STRING, "start": SECONDS, "end": SECONDS})),
    },
    optional=("segments", "words"),
)

MODEL = object_schema(
    {
        "id": STRING,
        "object": {"type": "string", "const": "model"},
        "created": {"type": "integer"},
        "owned_by": STRING,
    }
)

MODELS = object_schema({"object": {"type": "string", "const": "list"}, "data": array_of(ref("Model"))})

DOCUMENT = object_schema(
    {"response_format": STRING, "document": STRING, "warnings": array_of(STRING)},
    description="The data of a `result` event where another format than json was asked for.",
)

SCHEMAS: dict[str, Schema] = {
    "Word": WORD,
    "Segment": SEGMENT,
    "Stretch": STRETCH,
    "Transcript": TRANSCRIPT,
    "Update": UPDATE,
    "Document": DOCUMENT,
    "Language": LANGUAGE,
    "Health": HEALTH,
    "MediaFence": MEDIA_FENCE,
    "Error": ERROR,
    "ErrorDetails": ERROR_DETAILS,
    "OpenAIError": OPENAI_ERROR,
    "Usage": USAGE,
    "OpenAIText": OPENAI_TEXT,
    "OpenAISegment": OPENAI_SEGMENT,
    "OpenAIVerbose": OPENAI_VERBOSE,
    "Model": MODEL,
    "Models": MODELS,
}
