"""The routes of whisper-asr-webservice in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from server.openapi.answers import RAW, RECORDING, USED, failures_of, post
from server.openapi.forms import OPTIONS, choice, form_schema
from server.openapi.openai_schemas import OPENAI_SEGMENT
from server.openapi.schemas import PART, STRING, Schema, array_of, object_schema, ref
from server.routes.asr import DIARIZE, ENCODE, MAX_SPEAKERS, MIN_SPEAKERS, OUTPUT, OUTPUTS

FILE = "audio_file"


def _switch(default: bool, description: str) -> Schema:
    return {"type": "boolean", "default": default, "description": description}


_COUNT: Schema = {"type": "integer", "minimum": 1, "maximum": 50}
_ENCODE = _switch(True, "false: the file is samples without a header, 16 bits, 16 kHz, one channel.")
_ASR: dict[str, Schema] = {
    ENCODE: _ENCODE,
    "task": OPTIONS["task"],
    "language": OPTIONS["language"],
    "initial_prompt": OPTIONS["initial_prompt"],
    OUTPUT: choice(OUTPUTS, "The format of the answer."),
    "word_timestamps": _switch(False, "Add words with their times to JSON."),
    DIARIZE: _switch(False, "Find the speaker of each segment."),
    MIN_SPEAKERS: {**_COUNT, "description": "The least number of speakers, with diarize."},
    MAX_SPEAKERS: {**_COUNT, "description": "The most speakers, with diarize."},
    "vad_filter": {**STRING, "description": "Accepted without effect."},
    "video_file": {**STRING, "description": "Accepted without effect."},
}
_DETECT = {name: _ASR[name] for name in (ENCODE, "video_file")}


def _query(fields: dict[str, Schema]) -> list[dict[str, Any]]:
    return [{"name": name, "in": "query", "schema": schema} for name, schema in fields.items()]


def _detect() -> dict[str, Any]:
    return {
        "post": {
            "summary": "Detect the language, for clients of whisper-asr-webservice",
            "description": RAW,
            "parameters": _query(_DETECT),
            "requestBody": {
                "required": True,
                "content": {"multipart/form-data": {"schema": form_schema({}, FILE)}},
            },
            "responses": {
                "200": {
                    "description": "The language; `und` if no speech was found.",
                    "content": {"application/json": {"schema": ref("AsrLanguage")}},
                },
                **failures_of(RECORDING, None),
            },
        }
    }


ASR_PATHS: dict[str, Any] = {
    "/asr": post(
        "Transcribe, for clients of whisper-asr-webservice",
        form_schema({}, FILE),
        RECORDING,
        answers={"application/json": ref("AsrDocument"), "text/plain": STRING},
        headers=USED,
        parameters=_query(_ASR),
        description=RAW,
    ),
    "/detect-language": _detect(),
}

_WORD = object_schema(
    {
        "word": STRING,
        "start": {"type": "number"},
        "end": {"type": "number"},
        "probability": PART,
    }
)
_SEGMENT = object_schema(
    {**OPENAI_SEGMENT["properties"], "speaker": STRING, "words": array_of(_WORD)},
    optional=("speaker", "words"),
)

ASR_SCHEMAS: dict[str, Schema] = {
    "AsrLanguage": object_schema({"detected_language": STRING, "language_code": STRING, "confidence": PART}),
    "AsrDocument": object_schema(
        {
            "text": STRING,
            "segments": array_of(_SEGMENT),
            "language": {"type": ["string", "null"]},
        }
    ),
}
