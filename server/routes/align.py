"""Serves POST /align: a recording and its text in; the text with the time of every word out.

The response and its events are those of /transcribe. The text is plain text, Markdown, SRT, WebVTT, ASS, or JSON
as /transcribe or WhisperX writes it, in the field `text` or as the file `text_file`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from anyio import to_thread
from starlette.responses import Response

from engine.errors import InvalidOption
from engine.export.cue_limits import CueLimits
from engine.options import Options
from engine.text_alignment.given_text import ALIGN_OPTIONS, GivenText
from engine.text_alignment.text_formats import ONLY, Only, read_text
from server.async_engine import transcribe_while_connected
from server.body_limits import FORM_BYTES, MIB
from server.endpoint import ApiRequest, Endpoint, ServerState, error_body
from server.form_fields import FormFields
from server.multipart import Form
from server.patience import with_blanks
from server.routes.transcribe import ALIASES, JSON, RESPONSE_FORMATS, document_response, events_of
from server.sse import accepts_events, stream
from server.uploads import (
    FORMAT,
    LIMIT_NAMES,
    STREAM,
    read_bool,
    read_choice,
    receive_form,
    start_stream,
)

TEXT, TEXT_FILE, ONLY_FIELD = "text", "text_file", "only"
MAX_TEXT_BYTES = 8 * MIB  # two hours of talk as JSON, with the times of each word
TEXT_LENGTHS = {TEXT: MAX_TEXT_BYTES, TEXT_FILE: MAX_TEXT_BYTES}
TEXT_FORM_BYTES = FORM_BYTES + sum(TEXT_LENGTHS.values())  # of a form with a text, beside its recording
FIELDS = FormFields(
    names=(*ALIGN_OPTIONS, TEXT, TEXT_FILE, ONLY_FIELD, FORMAT, *LIMIT_NAMES, STREAM), longer=TEXT_LENGTHS
)


@dataclass(frozen=True, slots=True)
class AlignRequest:
    media: Path
    recording: str
    text: GivenText
    options: Options
    format: str
    limits: CueLimits
    streamed: bool


def endpoints(state: ServerState) -> list[Endpoint]:
    return [Endpoint(state, "/align", {"POST": partial(_align, state)}, form_bytes=TEXT_FORM_BYTES)]


async def _align(state: ServerState, call: ApiRequest) -> Response:
    events = accepts_events(call.headers.get("accept", ""))
    asked = await receive_form(state, call, partial(_read, events), FIELDS)
    if asked.streamed:
        updates = await start_stream(state, call, asked.media, options=asked.options, text=asked.text)
        return stream(
            events_of(updates, asked.format, asked.limits, asked.recording), error_body, error_name="error"
        )
    if asked.format == JSON:
        return await with_blanks(_document(state, call, asked), state.engine.config.blank_seconds, error_body)
    return await _document(state, call, asked)


async def _document(state: ServerState, call: ApiRequest, asked: AlignRequest) -> Response:
    transcript = await transcribe_while_connected(
        state.engine,
        asked.media,
        asked.options,
        request=call,
        threads=state.threads,
        note=call.slot.note if call.slot else None,
        text=asked.text,
    )
    # In a thread: hours of words would block the event loop.
    answer = partial(document_response, transcript, asked.format, asked.limits, asked.recording)
    return await to_thread.run_sync(answer, limiter=state.threads)


def _read(accepts_events: bool, form: Form) -> AlignRequest:
    """Reads the form; the field `stream` overrides the Accept header."""
    fields = form.fields
    given = {name: fields[name] for name in ALIGN_OPTIONS if name in fields}
    format = read_choice(fields, FORMAT, RESPONSE_FORMATS, default=JSON)
    content, only = sent_text(fields)
    return AlignRequest(
        form.file,
        Path(form.name).stem,
        read_text(content, only=only),
        Options(**given),  # type: ignore[arg-type]  # text, which Options reads
        ALIASES.get(format, format),
        limits=CueLimits.of({name: fields[name] for name in LIMIT_NAMES if name in fields}),
        streamed=read_bool(fields, STREAM) if STREAM in fields else accepts_events,
    )


def sent_text(fields: Mapping[str, str]) -> tuple[str, Only]:
    """Returns the text of a form, and which of its words are to be timed. Raises InvalidOption."""
    if (TEXT in fields) == (TEXT_FILE in fields):
        wrong = "both" if TEXT in fields else "neither of"
        hint = "Send one of them; with curl: -F text_file=@script.txt"
        raise InvalidOption(f"The form has {wrong} the fields {TEXT!r} and {TEXT_FILE!r}.", hint, TEXT)
    only = read_choice(fields, ONLY_FIELD, ONLY, default=ONLY[0])
    return fields.get(TEXT) or fields[TEXT_FILE], "changed" if only == "changed" else "all"
