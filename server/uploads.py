"""Receives recordings: the form and its fields, and the start of the transcription."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, TypeVar

from anyio import to_thread
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from engine.errors import InvalidOption, WordlightError
from engine.export.cue_limits import limit_specs
from engine.log import log_rejected
from engine.option_parsing import OptionSpec
from engine.options import Options, specs
from engine.text_alignment.given_text import GivenText
from engine.updates import Update
from jobs.files import full_disk_refused
from jobs.recordings import digest_of
from server.async_engine import stream_updates, transcribe_while_connected
from server.disconnect import disconnected
from server.disk_space import DiskSpace
from server.endpoint import ApiRequest, ServerState
from server.form_fields import FormFields
from server.joining import Found, SharedKey
from server.multipart import Form, is_recording, read_form
from server.sse import without_repeats

T = TypeVar("T")

OPTION_NAMES = tuple(spec.name for spec in specs())
LIMIT_NAMES = tuple(spec.name for spec in limit_specs())
FORMAT = "response_format"
STREAM = "stream"
IDEMPOTENCY_KEY = "Idempotency-Key"


class UploadFolder(Protocol):
    """Where uploads arrive, and the disk space there."""

    space: DiskSpace

    def temporary(self, prefix: str) -> TemporaryDirectory[str]: ...


async def receive_form(
    state: ServerState,
    call: ApiRequest,
    read: Callable[[Form], T],
    fields: FormFields,
    uploads: UploadFolder | None = None,
    lead: bytes = b"",
) -> T:
    """Receives a form and returns what `read` makes of it; its file is deleted once the response has been sent.

    `fields` and `lead` are as in `read_form`; `uploads` is where the file arrives, if not in the server's folder.

    A caller over its limits gets an error before anything is read. A request that is refused here never reaches
    the engine, so it is logged here. Raises WordlightError or ClientDisconnect.
    """
    began = time.monotonic()
    config = state.engine.config
    try:
        if not fields.in_url and not (fields.raw and is_recording(call)):
            _refuse_options_in_url(call, fields)
        call.slot = call.cleanup.enter_context(state.limits.slot(call.caller))
        with full_disk_refused():
            where: UploadFolder = uploads or state.folder
            folder = call.cleanup.enter_context(where.temporary("upload-"))
            form = await read_form(
                call,
                Path(folder),
                where.space,
                max_bytes=config.max_bytes,
                fields=fields,
                lead=lead,
            )
        return await to_thread.run_sync(read, form, limiter=state.threads)
    except (WordlightError, ClientDisconnect) as error:
        log_rejected(error, None, time.monotonic() - began)
        raise


async def start_stream(
    state: ServerState, call: ApiRequest, media: Path, options: Options, text: GivenText | None = None
) -> AsyncIterator[Update]:
    """Starts a transcription or an alignment, and returns its updates once the models are loaded and it has begun.

    Errors that can be found by then are raised here, while the response can still have a status of its own. The
    work ends with the response, and no further batch begins once the client has disconnected.
    """
    left = await call.cleanup.enter_async_context(disconnected(call))
    note = call.slot.note if call.slot else None
    found = stream_updates(
        state.engine, media, options, threads=state.threads, stop=left, note=note, text=text
    )
    call.cleanup.push_async_callback(found.aclose)
    first = await anext(found)
    while first.stage == "loading" and not left.is_set():
        first = await anext(found)
    if left.is_set():
        raise ClientDisconnect
    return without_repeats(first, found)


async def transcript_of(state: ServerState, call: ApiRequest, media: Path, options: Options) -> Found:
    """Returns the finished transcript; raises ClientDisconnect as soon as the client has disconnected.

    The work then continues for a grace, and is shared with equal requests, unless the settings say otherwise.
    """
    note = call.slot.note if call.slot else None
    if not state.shared.is_on:
        transcript = await transcribe_while_connected(
            state.engine, media, options, request=call, threads=state.threads, note=note
        )
        return Found(transcript, None)
    digest = await to_thread.run_sync(digest_of, media, limiter=state.threads)
    return await state.shared.transcript(
        SharedKey(call.caller, digest, options),
        media,
        call,
        name=call.headers.get(IDEMPOTENCY_KEY, ""),
        cleanup=call.cleanup,
        note=note,
    )


def with_age(response: Response, found: Found) -> Response:
    """Returns the response, with the age of its transcript if another request has started the work."""
    if found.age is not None:
        response.headers["Age"] = str(int(found.age))
    return response


def _refuse_options_in_url(call: ApiRequest, fields: FormFields) -> None:
    for name in call.query_params:
        if fields.canonical(name) is not None:
            hint = f"Send it as a form field, beside the file: -F {name}=..."
            raise InvalidOption(f"{name} is in the URL, which takes no options.", hint, name)


def read_choice(fields: Mapping[str, str], name: str, known: Collection[str], default: str) -> str:
    value = fields.get(name, default)
    if value not in known:
        raise InvalidOption(f"Unknown {name} {value[:40]!r}.", f"Known: {', '.join(known)}.", name)
    return value


def read_bool(fields: Mapping[str, str], name: str) -> bool:
    return bool(OptionSpec(name, False, help="").parse(fields.get(name)))
