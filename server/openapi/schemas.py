"""The shapes that the routes answer with, as JSON Schema for the OpenAPI document."""

from __future__ import annotations

from typing import Any, get_args

from engine.transcript import TIMINGS, Stage

Schema = dict[str, Any]

STRING: Schema = {"type": "string"}
SECONDS: Schema = {"type": "number", "minimum": 0, "description": "Seconds from the start of the file."}
PART: Schema = {"type": "number", "minimum": 0, "maximum": 1}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}


def listed(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def shape(properties: dict[str, Schema], optional: tuple[str, ...] = (), **more: Any) -> Schema:
    """Returns the schema of an object whose properties are all required but for the optional ones."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, **more}


def named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


WORD = shape(
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

SEGMENT = shape(
    {
        "id": {"type": "integer"},
        "start": SECONDS,
        "end": SECONDS,
        "text": STRING,
        "avg_logprob": {"type": "number"},
        "no_speech_prob": PART,
        "language": STRING,
        "words": listed(named("Word")),
        "aligner": {**STRING, "description": "Which aligner timed most of its words."},
        "speaker": STRING,
    },
    optional=("aligner", "speaker"),
)

STRETCH = shape(
    {
        "kind": {"type": "string", "enum": ["speech_without_words", "words_without_speech"]},
        "start": SECONDS,
        "end": SECONDS,
    }
)

TRANSCRIPT = shape(
    {
        "text": STRING,
        "language": MAYBE_TEXT,
        "language_probability": PART,
        "duration": SECONDS,
        "segments": listed(named("Segment")),
        "word_segments": listed(named("Word")),
        "model": STRING,
        "aligner": STRING,
        "coverage": listed(named("Stretch")),
        "warnings": listed(STRING),
        "timings": {"type": "object", "additionalProperties": {"type": "number"}},
    }
)

UPDATE = shape(
    {
        "stage": {"type": "string", "enum": list(get_args(Stage))},
        "seconds_done": SECONDS,
        "seconds_total": SECONDS,
        "language": MAYBE_TEXT,
        "language_probability": PART,
        "segments": listed(named("Segment")),
        "seconds_left": {
            "type": ["number", "null"],
            "minimum": 0,
            "description": "Until the end, by the pace so far; null while there is too little to go by.",
        },
    },
    description="The data of an `update` event: one step, with the segments found since the last.",
)

LANGUAGE = shape({"code": STRING, "name": STRING, "native": STRING, "aligner": STRING})

HEALTH = shape(
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
        "media_fence": named("MediaFence"),
        "versions": {"type": "object", "additionalProperties": STRING},
        "uptime": {"type": "number", "minimum": 0},
    },
    optional=("device", "gpu", "model", "compute_type", "models", "commits", "aligners"),
)

MEDIA_FENCE = shape(
    {
        "network": {"type": "boolean"},
        "files": {"type": "boolean"},
        "writing": {"type": "boolean"},
        "by": MAYBE_TEXT,
        "reason": {**MAYBE_TEXT, "description": "Why something is left open, where it is."},
    },
    description="What is closed to ffmpeg while it reads a recording.",
)

ERROR = shape({"error": shape({"code": STRING, "message": STRING, "hint": STRING})})

OPENAI_ERROR = shape(
    {"error": shape({"message": STRING, "type": STRING, "param": MAYBE_TEXT, "code": MAYBE_TEXT})}
)

OPENAI_TEXT = shape({"text": STRING, "usage": named("Usage"), "warnings": listed(STRING)})

USAGE = shape({"type": {"type": "string", "const": "duration"}, "seconds": SECONDS})

OPENAI_SEGMENT = shape(
    {
        "id": {"type": "integer"},
        "seek": {"type": "integer"},
        "start": SECONDS,
        "end": SECONDS,
        "text": STRING,
        "tokens": listed({"type": "integer"}),
        "temperature": {"type": "number"},
        "avg_logprob": {"type": "number"},
        "compression_ratio": {"type": "number"},
        "no_speech_prob": PART,
    }
)

OPENAI_VERBOSE = shape(
    {
        "task": STRING,
        "language": STRING,
        "duration": SECONDS,
        "text": STRING,
        "usage": named("Usage"),
        "warnings": listed(STRING),
        "segments": listed(named("OpenAISegment")),
        "words": listed(shape({"word": STRING, "start": SECONDS, "end": SECONDS})),
    },
    optional=("segments", "words"),
)

MODEL = shape(
    {
        "id": STRING,
        "object": {"type": "string", "const": "model"},
        "created": {"type": "integer"},
        "owned_by": STRING,
    }
)

MODELS = shape({"object": {"type": "string", "const": "list"}, "data": listed(named("Model"))})

DOCUMENT = shape(
    {"response_format": STRING, "document": STRING, "warnings": listed(STRING)},
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
    "OpenAIError": OPENAI_ERROR,
    "Usage": USAGE,
    "OpenAIText": OPENAI_TEXT,
    "OpenAISegment": OPENAI_SEGMENT,
    "OpenAIVerbose": OPENAI_VERBOSE,
    "Model": MODEL,
    "Models": MODELS,
}
