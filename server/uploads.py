"""What the routes that take a recording have in common: the form, its fields, and the first sign of work."""

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
from engine.export.cues import limit_specs
from engine.log import log_rejected
from engine.option_specs import OptionSpec
from engine.options import Options, specs
from engine.updates import Update
from jobs.files import full_disk_refused
from jobs.recordings import digest_of
from server.async_engine import disconnected, stream_updates, transcribe_while_connected
from server.disk_space import DiskSpace
from server.endpoint import ApiRequest, ServerState
from server.joining import Found, SharedKey
from server.multipart import Form, read_form
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
    site: ServerState,
    call: ApiRequest,
    read: Callable[[Form], T],
    names: Collection[str],
    lists: Collection[str] = (),
    longer: Mapping[str, int] = {},
    uploads: UploadFolder | None = None,
) -> T:
    """Takes a form in and returns what `read` makes of it; its file is gone once the answer is sent.

    The names are as in `read_form`; `uploads` is where the file arrives, if not in the server's folder.

    A caller with too much under way is turned away before anything is read. What is refused here never
    reaches the engine, so it is logged here. Raises WordlightError or ClientDisconnect.
    """
    began = time.monotonic()
    config = site.engine.config
    try:
        _refuse_in_address(call, (*names, *lists))
        call.place = call.cleanup.enter_context(site.access.admit(call.caller))
        with full_disk_refused():
            where: UploadFolder = uploads or site.folder
            folder = call.cleanup.enter_context(where.temporary("upload-"))
            form = await read_form(call, Path(folder), where.space, config.max_bytes, names, lists, longer)
        return await to_thread.run_sync(read, form, limiter=site.threads)
    except (WordlightError, ClientDisconnect) as error:
        log_rejected(error, None, time.monotonic() - began)
        raise


async def start_stream(
    site: ServerState, call: ApiRequest, media: Path, options: Options
) -> AsyncIterator[Update]:
    """Sets a recording to work and returns its updates once it is under way, its models loaded.

    So whatever can be refused is refused here, while the answer can still have its own status. The work
    ends with the answer, and no further batch is begun for it once the client has hung up.
    """
    gone = await call.cleanup.enter_async_context(disconnected(call))
    note = call.place.note if call.place else None
    found = stream_updates(site.engine, media, options, site.threads, stop=gone, note=note)
    call.cleanup.push_async_callback(found.aclose)
    first = await anext(found)
    while first.stage == "loading" and not gone.is_set():
        first = await anext(found)
    if gone.is_set():
        raise ClientDisconnect
    return without_repeats(first, found)


async def transcript_of(site: ServerState, call: ApiRequest, media: Path, options: Options) -> Found:
    """Returns the finished transcript; raises ClientDisconnect as soon as the client has gone.

    The work goes on for a grace then, and is shared with equal requests, unless the settings say otherwise.
    """
    note = call.place.note if call.place else None
    if not site.shared.is_on:
        found = await transcribe_while_connected(site.engine, media, options, call, site.threads, note)
        return Found(found, None)
    digest = await to_thread.run_sync(digest_of, media, limiter=site.threads)
    return await site.shared.transcript(
        SharedKey(call.caller, digest, options),
        media,
        call,
        name=call.headers.get(IDEMPOTENCY_KEY, ""),
        cleanup=call.cleanup,
        note=note,
    )


def with_age(response: Response, found: Found) -> Response:
    """Returns the response, with the age of its transcript if another request has brought that about."""
    if found.age is not None:
        response.headers["Age"] = str(int(found.age))
    return response


def _refuse_in_address(call: ApiRequest, names: Collection[str]) -> None:
    for name in call.query_params:
        if name in names:
            hint = f"Send it as a field of the form, beside the file: -F {name}=..."
            raise InvalidOption(f"{name} stands in the address, where it would not be heeded.", hint, name)


def read_choice(fields: Mapping[str, str], name: str, known: Collection[str], default: str) -> str:
    value = fields.get(name, default)
    if value not in known:
        raise InvalidOption(f"Unknown {name} {value[:40]!r}.", f"Known: {', '.join(known)}.", name)
    return value


def read_bool(fields: Mapping[str, str], name: str) -> bool:
    return bool(OptionSpec(name, False, help="").parse(fields.get(name)))
