"""Serves POST /transcribe: a form in; the transcript out, whole or as events while it is made.

DELETE /transcribe with the same Idempotency-Key cancels one that goes on though its connection is lost.

The events are `update` (a step of the work, with the segments found since the last), then `result`:
the transcript, or {"response_format", "document", "warnings", "notices"} for a format other than JSON; or `error`.
A document that is no text is in base64, and `encoding` says so.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.responses import JSONResponse, Response

from engine.errors import InvalidOption, NotFound
from engine.export.cue_limits import CueLimits
from engine.export.rttm import UNNAMED
from engine.export.writers import FORMATS, TEXT_FORMATS, content_type, encode
from engine.options import Options
from engine.transcript import Transcript
from engine.updates import Update
from server.endpoint import ApiRequest, Endpoint, Handler, ServerState, error_body
from server.form_fields import FormFields
from server.multipart import Form
from server.patience import with_blanks
from server.sse import accepts_events, event, stream
from server.uploads import (
    FORMAT,
    IDEMPOTENCY_KEY,
    LIMIT_NAMES,
    OPTION_NAMES,
    STREAM,
    read_bool,
    read_choice,
    receive_form,
    start_stream,
    transcript_of,
    with_age,
)
from server.warning_header import warning_headers

JSON = "json"
ALIASES = {"text": "txt"}  # OpenAI's name for plain text
RESPONSE_FORMATS = (JSON, *ALIASES, *(name for name in FORMATS if name != JSON))

FIELDS = FormFields(names=(*OPTION_NAMES, FORMAT, *LIMIT_NAMES, STREAM))


@dataclass(frozen=True, slots=True)
class TranscribeRequest:
    media: Path
    recording: str
    options: Options
    format: str
    limits: CueLimits
    streamed: bool


def endpoints(state: ServerState) -> list[Endpoint]:
    handlers: dict[str, Handler] = {"POST": partial(_transcribe, state), "DELETE": partial(_cancel, state)}
    return [Endpoint(state, "/transcribe", handlers)]


async def _transcribe(state: ServerState, call: ApiRequest) -> Response:
    events = accepts_events(call.headers.get("accept", ""))
    asked = await receive_form(state, call, partial(_read, events), FIELDS)
    if asked.streamed:
        updates = await start_stream(state, call, asked.media, options=asked.options)
        events_sent = events_of(updates, asked.format, asked.limits, asked.recording)
        return stream(events_sent, error_body, error_name="error")
    if asked.format == JSON:
        return await with_blanks(_document(state, call, asked), state.engine.config.blank_seconds, error_body)
    return await _document(state, call, asked)


async def _cancel(state: ServerState, call: ApiRequest) -> Response:
    name = call.headers.get(IDEMPOTENCY_KEY, "")
    if not name:
        hint = "Send the header that the POST had."
        raise InvalidOption(f"The header {IDEMPOTENCY_KEY} is missing.", hint, IDEMPOTENCY_KEY)
    if not state.shared.cancel(call.caller, name):
        raise NotFound(
            f"No running transcription has this {IDEMPOTENCY_KEY}.", "Send the header that its POST had."
        )
    return JSONResponse({"state": "cancelled"})


async def _document(state: ServerState, call: ApiRequest, asked: TranscribeRequest) -> Response:
    found = await transcript_of(state, call, asked.media, options=asked.options)
    # In a thread: hours of words would block the event loop.
    answer = partial(document_response, found.transcript, asked.format, asked.limits, asked.recording)
    response = await to_thread.run_sync(answer, limiter=state.threads)
    return with_age(response, found)


def _read(accepts_events: bool, form: Form) -> TranscribeRequest:
    """Reads the form; the field `stream` overrides the Accept header."""
    fields = form.fields
    given = {name: fields[name] for name in OPTION_NAMES if name in fields}
    format = read_choice(fields, FORMAT, RESPONSE_FORMATS, default=JSON)
    return TranscribeRequest(
        form.file,
        Path(form.name).stem,
        Options(**given),  # type: ignore[arg-type]  # text, which Options reads
        ALIASES.get(format, format),
        limits=CueLimits.of({name: fields[name] for name in LIMIT_NAMES if name in fields}),
        streamed=read_bool(fields, STREAM) if STREAM in fields else accepts_events,
    )


def document_response(
    transcript: Transcript, format: str, limits: CueLimits, recording: str = UNNAMED
) -> Response:
    """Returns the answer that holds a transcript in one of the engine's formats."""
    headers = warning_headers(transcript.warnings)
    if format == JSON:
        return JSONResponse(transcript.to_dict(), headers=headers)
    content = encode(transcript, format, limits, recording)
    return Response(content, media_type=content_type(format), headers=headers)


async def events_of(
    updates: AsyncIterator[Update], format: str, limits: CueLimits, recording: str = UNNAMED
) -> AsyncIterator[bytes]:
    """Yields the event of each update, and of the transcript in one of the engine's formats."""
    async for update in updates:
        yield event(update.to_dict(), "update")
        if update.transcript is not None:
            yield await to_thread.run_sync(_result, update.transcript, format, limits, recording)


def _result(transcript: Transcript, format: str, limits: CueLimits, recording: str) -> bytes:
    return event(result_of(transcript, format, limits, recording), "result")


def result_of(
    transcript: Transcript, format: str, limits: CueLimits, recording: str = UNNAMED
) -> dict[str, Any]:
    """Returns the data of the last event: the transcript, or a document in one of the engine's formats."""
    if format == JSON:
        return transcript.to_dict()
    content = encode(transcript, format, limits, recording)
    document = (
        {"document": content.decode()}
        if format in TEXT_FORMATS
        else {"document": b64encode(content).decode(), "encoding": "base64"}
    )
    return {"response_format": format, **document, **transcript.warned()}
