"""JSON Schemas of the routes' responses, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, get_args

from engine.text.json_fields import JsonField, json_fields
from engine.text.notices import CODES
from engine.text.translation import TARGET_LANGUAGES, TranslatedSentence
from engine.transcript import Segment, Word
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


def fields_schema(kind: type, **more: Schema) -> Schema:
    """Returns the schema of a dataclass by its table of JSON fields, with `more` properties."""
    described = json_fields(kind)
    properties = {each.name: _property(each) for each in described} | more
    return object_schema(properties, optional=tuple(each.name for each in described if each.optional))


def _property(described: JsonField) -> Schema:
    more = {"description": described.description} if described.description else {}
    return {"type": described.type, **described.schema, **more}


WORD = fields_schema(Word)

SEGMENT = fields_schema(Segment, words=array_of(ref("Word")))

STRETCH = object_schema(
    {
        "kind": {"type": "string", "enum": ["speech_without_words", "words_without_speech"]},
        "start": SECONDS,
        "end": SECONDS,
        "heard": {**STRING, "description": "What was recognised there, if a given text lacks it."},
    },
    optional=("heard",),
)

# What every door says in JSON beside a transcript: sentences, and the same as codes with values.
WARNED: dict[str, Schema] = {"warnings": array_of(STRING), "notices": array_of(ref("Notice"))}

NOTICE = object_schema(
    {
        "code": {**STRING, "description": f"One of {', '.join(CODES)}; later versions may have more."},
        "values": {
            "type": "object",
            "description": "What the sentence names. Times are seconds, spans lists of two, languages codes.",
        },
    },
    description="A warning for programs and for translation; the same as the sentence of its place in `warnings`.",
)

SPEAKER = object_schema(
    {
        "id": {**STRING, "description": "The label that words and segments carry."},
        "name": {**STRING, "description": "What exports write; the id until somebody gives a name."},
        "seconds": {"type": "number", "minimum": 0, "description": "Seconds of this person's speech."},
        "words": {"type": "integer", "minimum": 0},
        "certain": {**PART, "description": "How clearly the voice stands apart from the others."},
        "doubtful_speaker": {"type": "boolean", "description": "The voice may be no person of its own."},
        "near": {**STRING, "description": "The id of the nearest voice of a doubtful speaker."},
        "channel": {"type": "integer", "minimum": 0, "description": "Which channel carries the voice."},
    },
    optional=("doubtful_speaker", "near", "channel"),
)

OVERLAP = object_schema({"start": SECONDS, "end": SECONDS})

TRANSLATION = object_schema(
    {
        "language": {**STRING, "enum": list(TARGET_LANGUAGES)},
        "until": {**SECONDS, "description": "How far the recording is translated, in seconds."},
        "segments": array_of(fields_schema(TranslatedSentence)),
    },
    description="A translation that a reader of the page has had made beside the words.",
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
        **WARNED,
        "timings": {"type": "object", "additionalProperties": {"type": "number"}},
        "speakers": array_of(ref("Speaker")),
        "overlaps": array_of(ref("Overlap")),
        "translation": ref("Translation"),
    },
    optional=("translation",),
)

SPEAKER_NEWS = object_schema(
    {
        "changes": array_of(
            object_schema(
                {
                    "first_word": {
                        "type": "integer",
                        "minimum": 0,
                        "description": "Counted from 0 over the segments of all updates.",
                    },
                    "last_word": {"type": "integer", "minimum": 0, "description": "Included."},
                    "speaker": MAYBE_TEXT,
                }
            )
        ),
        "speakers": array_of(ref("Speaker")),
        "provisional": {"type": "boolean", "description": "Labels may still change."},
        "renumbered": {
            "type": "object",
            "additionalProperties": STRING,
            "description": "With the last update: labels so far that are now called otherwise.",
        },
    },
    description="What has become known of the speakers since the last update.",
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
            "description": "Estimated seconds until the end; null while there is too little to estimate from.",
        },
        "speaker_news": {"anyOf": [ref("SpeakerNews"), {"type": "null"}]},
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
        "models": {
            "type": "object",
            "additionalProperties": STRING,
            "description": "Whisper models in memory, with the source of each.",
        },
        "known_models": {
            "type": "array",
            "items": STRING,
            "description": "Models that a request may name, the default first.",
        },
        "released_models": {
            "type": "array",
            "items": STRING,
            "description": "Models that have left memory because no request used them; the next one loads them.",
        },
        "unload_seconds": {"type": "number", "minimum": 0},
        "commits": {
            "type": "object",
            "additionalProperties": STRING,
            "description": "Of models from the hub: the commit of the repository that each was loaded from.",
        },
        "aligners": {"type": "object"},
        "diarizer": {
            **MAYBE_TEXT,
            "description": "What tells speakers apart; null while it is not in memory.",
        },
        "media_fence": ref("MediaFence"),
        "versions": {"type": "object", "additionalProperties": STRING},
        "uptime": {"type": "number", "minimum": 0},
        "installation": {
            "type": "object",
            "description": "The report of the installation, if `verbose` asks for it; docs/operations.md.",
        },
    },
    optional=(
        *("device", "gpu", "model", "compute_type", "models", "commits", "aligners", "diarizer"),
        *("known_models", "released_models", "unload_seconds"),
        "installation",
    ),
)

MEDIA_FENCE = object_schema(
    {
        "network": {"type": "boolean"},
        "files": {"type": "boolean"},
        "writing": {"type": "boolean"},
        "by": MAYBE_TEXT,
        "reason": {**MAYBE_TEXT, "description": "Why something is left open, if it is."},
    },
    description="What ffmpeg cannot use while it reads a recording.",
)

ERROR_DETAILS = object_schema({"code": STRING, "message": STRING, "hint": STRING})

ERROR = object_schema({"error": ref("ErrorDetails")})

DOCUMENT = object_schema(
    {"response_format": STRING, "document": STRING, **WARNED},
    description="The data of a `result` event if the response_format is not json.",
)

SCHEMAS: dict[str, Schema] = {
    "Word": WORD,
    "Segment": SEGMENT,
    "Stretch": STRETCH,
    "Notice": NOTICE,
    "Speaker": SPEAKER,
    "Overlap": OVERLAP,
    "Translation": TRANSLATION,
    "SpeakerNews": SPEAKER_NEWS,
    "Transcript": TRANSCRIPT,
    "Update": UPDATE,
    "Document": DOCUMENT,
    "Language": LANGUAGE,
    "Health": HEALTH,
    "MediaFence": MEDIA_FENCE,
    "Error": ERROR,
    "ErrorDetails": ERROR_DETAILS,
}
