"""The part of the OpenAPI document about live sound, as far as OpenAPI can describe a WebSocket."""

from __future__ import annotations

from typing import Any

from server.live_request import LIVE_OPTIONS, SOUND_FORMATS, START
from server.openapi.answers import ANYWHERE, KEYED, failures_of
from server.openapi.forms import OPTIONS, choice
from server.openapi.schemas import SECONDS, STRING, Schema, object_schema
from server.routes.live import PATH
from server.routes.transcribe import RESPONSE_FORMATS
from server.uploads import FORMAT, LIMIT_NAMES

_REFUSALS = {
    401: KEYED[401],
    403: "A page of another site asks.",
    426: "The request asks for no WebSocket.",
    429: KEYED[429],
}

LIVE_PATHS: dict[str, Any] = {
    PATH: {
        "get": {
            "summary": "Words of a microphone's sound while it is recorded, over a WebSocket",
            "description": "The first message is JSON (LiveStart), binary messages bring the sound, and "
            '`{"type": "end"}` ends it. The server sends JSON with a `type`: `update` (Update), `provisional` '
            "(Provisional), `ended`, and then `result` (Transcript or Document) or `error` (Error).",
            "responses": {
                "101": {"description": "The connection is a WebSocket from now on."},
                **failures_of(ANYWHERE | _REFUSALS, None),
            },
        }
    }
}

_START: dict[str, Schema] = {
    "type": {"const": START},
    "api_key": {**STRING, "description": "An API key, if no header can be sent with the connection."},
    "format": choice(SOUND_FORMATS, "The sound: 16-bit samples, mono, at 16 kHz, or Opus in WebM or Ogg."),
    "provisional": {
        "type": "boolean",
        "default": True,
        "description": "Whether words of speech that has not ended are sent.",
    },
    **{name: OPTIONS[name] for name in LIVE_OPTIONS},
    FORMAT: choice(RESPONSE_FORMATS, "The format of the result."),
    **{name: OPTIONS[name] for name in LIMIT_NAMES},
}

LIVE_SCHEMAS: dict[str, Schema] = {
    "LiveStart": {
        "type": "object",
        "properties": _START,
        "required": ["type"],
        "additionalProperties": False,
        "description": "The first message of a live client.",
    },
    "Provisional": object_schema(
        {"start": SECONDS, "end": SECONDS, "text": STRING},
        description="Words of speech that has not ended: the next one takes their place, and so do the next segments.",
    ),
}
