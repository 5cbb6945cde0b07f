"""Serves a Synthesizer over HTTP, with Wordlight's errors and API keys.

POST /synthesize   text, language and voice as JSON in, a WAV file out
GET  /voices       the voices of each language
GET  /health       the device and the models
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.synthesis import Synthesizer
from engine.config import Config
from engine.errors import Busy, InvalidOption, NotFound, WordlightError
from engine.memory import error_for_caller
from server.auth import ApiKeys
from server.body_limits import KIB, BodyTooLarge
from server.endpoint import error_response
from server.errors import MethodNotAllowed, NotJson

MAX_BODY_BYTES = 64 * KIB  # three times a text of the most characters in UTF-8
MAX_WAITING = 16  # texts; some seconds each on a T4
FIELDS = ("text", "language", "voice")
DEFAULT_LANGUAGE = "en"

_log = logging.getLogger("wordlight.http")

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request wants spoken."""

    text: str
    language: str
    voice: str | None


def tts_application(
    synthesizer: Synthesizer, config: Config, *, device: str, models: Mapping[str, str]
) -> Starlette:
    """Returns the ASGI application.

    models  names of the models by language, for GET /health
    """
    keys = ApiKeys(config)
    turn = CapacityLimiter(1)  # a model computes for one text at a time
    accepted = 0  # texts that are spoken or wait

    async def synthesize(request: Request) -> Response:
        nonlocal accepted
        wanted = await _read(request)
        synthesizer.check(wanted.text, wanted.language, wanted.voice)
        if accepted > MAX_WAITING:
            raise Busy(f"{MAX_WAITING} texts are waiting already.", "Try again in a minute.")
        accepted += 1
        try:
            content = await to_thread.run_sync(
                synthesizer.synthesize, wanted.text, wanted.language, wanted.voice, limiter=turn
            )
        finally:
            accepted -= 1
        return Response(content, media_type="audio/wav")

    async def voices(_: Request) -> Response:
        return JSONResponse(synthesizer.voices())

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ready", "device": device, "models": dict(models)})

    def guarded(handler: Handler) -> Handler:
        async def guard(request: Request) -> Response:
            try:
                keys.caller_of(request)
                return await handler(request)
            except WordlightError as error:
                return error_response(error)
            except Exception as error:
                _log.exception("request failed")
                return error_response(error_for_caller(error))

        return guard

    routes = [
        Route("/synthesize", guarded(synthesize), methods=["POST"]),
        Route("/voices", guarded(voices), methods=["GET"]),
        Route("/health", guarded(health), methods=["GET"]),
    ]
    return Starlette(routes=routes, exception_handlers={404: _unknown_path, 405: _wrong_method})


async def _read(request: Request) -> Wanted:
    """Returns what a request wants. Raises NotJson, BodyTooLarge and InvalidOption."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge(MAX_BODY_BYTES)
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise NotJson("The body is not a JSON object.", 'Send {"text": "Hello.", "language": "en"}.')
    for name, value in fields.items():
        if name not in FIELDS:
            raise InvalidOption(
                f"There is no field {name[:40]!r}.", f"Known: {', '.join(FIELDS)}.", field=name[:40]
            )
        if not isinstance(value, str) and not (name == "voice" and value is None):
            raise InvalidOption(f"The field {name!r} is not a text.", "Send a JSON string.", field=name)
    return Wanted(fields.get("text", ""), fields.get("language", DEFAULT_LANGUAGE), fields.get("voice"))


async def _unknown_path(request: Request, _: Exception) -> Response:
    path = request.url.path[:80]
    return error_response(
        NotFound(f"There is nothing at {path!r}.", "POST /synthesize, GET /voices, GET /health are there.")
    )


async def _wrong_method(request: Request, error: Exception) -> Response:
    allowed = (error.headers or {}).get("Allow", "") if isinstance(error, HTTPException) else ""
    return error_response(
        MethodNotAllowed(f"The method {request.method[:20]!r} is not allowed here.", f"Use {allowed}."),
        headers={"Allow": allowed},
    )
