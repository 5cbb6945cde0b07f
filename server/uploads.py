"""What the routes that take a recording have in common: the form, its fields, and the first sign of work."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from pathlib import Path
from typing import TypeVar

from anyio import to_thread
from starlette.requests import ClientDisconnect

from engine.errors import BadOption, WordlightError
from engine.export.cues import limit_specs
from engine.log import log_refused
from engine.option_specs import Spec
from engine.options import Options, specs
from engine.transcript import Transcript, Update
from server.async_engine import hanging_up, transcript_while_connected, updates
from server.disk_space import full_disk_refused
from server.endpoint import Call, Site
from server.multipart import Form, read_form
from server.sse import worth_telling

T = TypeVar("T")

OPTION_NAMES = tuple(spec.name for spec in specs())
LIMIT_NAMES = tuple(spec.name for spec in limit_specs())
FORMAT = "response_format"
STREAM = "stream"


async def receive(
    site: Site,
    call: Call,
    read: Callable[[Form], T],
    names: Collection[str],
    lists: Collection[str] = (),
    longer: Mapping[str, int] = {},
) -> T:
    """Takes a form in and returns what `read` makes of it; its file is gone once the answer is sent.

    The names are as in `read_form`.

    A caller with too much under way is turned away before anything is read. What is refused here never
    reaches the engine, so it is logged here. Raises WordlightError or ClientDisconnect.
    """
    began = time.monotonic()
    config = site.engine.config
    try:
        _refuse_in_address(call, (*names, *lists))
        call.place = call.clearing.enter_context(site.access.admit(call.caller))
        with full_disk_refused():
            folder = call.clearing.enter_context(site.folder.temporary("upload-"))
            space = site.folder.space
            form = await read_form(call, Path(folder), space, config.max_bytes, names, lists, longer)
        return await to_thread.run_sync(read, form, limiter=site.threads)
    except (WordlightError, ClientDisconnect) as error:
        log_refused(error, None, time.monotonic() - began)
        raise


async def begin(site: Site, call: Call, media: Path, options: Options) -> AsyncIterator[Update]:
    """Sets a recording to work and returns its updates once it is under way, its models loaded.

    So whatever can be refused is refused here, while the answer can still have its own status. The work
    ends with the answer, and no further batch is begun for it once the client has hung up.
    """
    gone = await call.clearing.enter_async_context(hanging_up(call))
    note = call.place.note if call.place else None
    found = updates(site.engine, media, options, site.threads, stop=gone, note=note)
    call.clearing.push_async_callback(found.aclose)
    first = await anext(found)
    while first.stage == "loading" and not gone.is_set():
        first = await anext(found)
    if gone.is_set():
        raise ClientDisconnect
    return worth_telling(first, found)


async def transcript_of(site: Site, call: Call, media: Path, options: Options) -> Transcript:
    """Returns the finished transcript; raises ClientDisconnect as soon as nobody waits for it."""
    note = call.place.note if call.place else None
    return await transcript_while_connected(site.engine, media, options, call, site.threads, note)


def _refuse_in_address(call: Call, names: Collection[str]) -> None:
    for name in call.query_params:
        if name in names:
            hint = f"Send it as a field of the form, beside the file: -F {name}=..."
            raise BadOption(f"{name} stands in the address, where it would not be heeded.", hint, name)


def choice(fields: Mapping[str, str], name: str, known: Collection[str], default: str) -> str:
    value = fields.get(name, default)
    if value not in known:
        raise BadOption(f"Unknown {name} {value[:40]!r}.", f"Known: {', '.join(known)}.", name)
    return value


def switch(fields: Mapping[str, str], name: str) -> bool:
    return bool(Spec(name, False, help="").read(fields.get(name)))
