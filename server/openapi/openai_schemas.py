"""JSON Schemas of the responses of OpenAI's routes."""

from __future__ import annotations

from server.openapi.schemas import (
    MAYBE_TEXT,
    PART,
    SECONDS,
    STRING,
    WARNED,
    Schema,
    array_of,
    object_schema,
    ref,
)

OPENAI_ERROR = object_schema(
    {"error": object_schema({"message": STRING, "type": STRING, "param": MAYBE_TEXT, "code": MAYBE_TEXT})}
)

# What OpenAI's JSON formats have in common.
_OPENAI_COMMON: dict[str, Schema] = {
    "text": STRING,
    "languages": array_of(object_schema({"code": STRING})),
    "usage": ref("Usage"),
    **WARNED,
}
_LOGPROBS = array_of(
    object_schema(
        {"token": STRING, "bytes": array_of({"type": "integer"}), "logprob": {"type": "number"}},
        description="A word with the space before it, its UTF-8, and the logarithm of its probability.",
    )
)

OPENAI_TEXT = object_schema({**_OPENAI_COMMON, "logprobs": _LOGPROBS}, optional=("logprobs",))

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
        **_OPENAI_COMMON,
        "segments": array_of(ref("OpenAISegment")),
        "words": array_of(object_schema({"word": STRING, "start": SECONDS, "end": SECONDS})),
    },
    optional=("segments", "words"),
)

OPENAI_DIARIZED = object_schema(
    {
        "task": {"type": "string", "const": "transcribe"},
        "duration": SECONDS,
        **_OPENAI_COMMON,
        "logprobs": _LOGPROBS,
        "segments": array_of(
            object_schema(
                {
                    "type": {"type": "string", "const": "transcript.text.segment"},
                    "id": STRING,
                    "start": SECONDS,
                    "end": SECONDS,
                    "text": STRING,
                    "speaker": {**STRING, "description": "A, B and so on, in the order of first words."},
                }
            )
        ),
    },
    optional=("logprobs",),
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

OPENAI_SCHEMAS: dict[str, Schema] = {
    "OpenAIError": OPENAI_ERROR,
    "Usage": USAGE,
    "OpenAIText": OPENAI_TEXT,
    "OpenAISegment": OPENAI_SEGMENT,
    "OpenAIVerbose": OPENAI_VERBOSE,
    "OpenAIDiarized": OPENAI_DIARIZED,
    "Model": MODEL,
    "Models": MODELS,
}
