"""A recording at work for as long as somebody waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, MutableMapping
from contextlib import ExitStack, aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from anyio import CancelScope, CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request

from engine.engine import Engine
from engine.options import Options
from engine.transcript import Transcript
from engine.updates import Update
from server.closing import shutting_down

LOOK_SECONDS = 0.2  # between two looks at whether the engine has ended during a step


async def stream_updates(
    engine: Engine,
    media: Path,
    options: Options,
    threads: CapacityLimiter | None = None,
    place: ExitStack | None = None,
    stop: threading.Event | None = None,
    note: Callable[[Update], None] | None = None,
) -> AsyncGenerator[Update]:
    """Yields what the engine yields, from a thread; closing or cancelling it ends the engine's work.

    threads  bounds how many work at a time; anyio's own bound where there is none given
    place    what the work holds beside the engine's own, closed once that has ended. Where there is one, who
             leaves does not wait for the end; where there is none, the end has come when this returns.
    stop     as for `Engine.stream`; set when this is closed
    note     is told of each update before anybody else; what it raises ends the work

    Raises as `Engine.stream` does, and Closed if the engine has ended during a step. Use with `aclosing`.
    """
    stop = stop or threading.Event()
    steps = _ClosableGenerator(engine.stream(media, options, stop), place or ExitStack())
    try:
        while (update := await _next(engine, steps, threads)) is not None:
            if note:
                note(update)
            yield update
    finally:
        # Also where this task is cancelled.
        stop.set()
        if (place is not None or engine.ended) and not steps.over:
            threading.Thread(target=steps.close, name="leaving", daemon=True).start()
        else:
            with CancelScope(shield=True):
                await to_thread.run_sync(steps.close, limiter=threads)


async def _next(engine: Engine, steps: _ClosableGenerator, threads: CapacityLimiter | None) -> Update | None:
    """Takes a step in a thread. Raises Closed if the engine has ended and the step has not.

    A step may take seconds, to align a window for example. A server that shuts down has no time to wait for it.
    """
    step = asyncio.ensure_future(to_thread.run_sync(steps.next, limiter=threads, abandon_on_cancel=True))
    try:
        while not (await asyncio.wait({step}, timeout=LOOK_SECONDS))[0]:
            if engine.ended:
                raise shutting_down()
        return step.result()
    finally:
        step.cancel()  # leaves its thread behind, for which closing waits


async def transcribe_while_connected(
    engine: Engine,
    media: Path,
    options: Options,
    request: Request,
    threads: CapacityLimiter,
    note: Callable[[Update], None] | None = None,
) -> Transcript:
    """Returns the finished transcript; raises ClientDisconnect as soon as nobody waits for it.

    note  as for `updates`
    """
    async with disconnected(request) as gone:

        def check(_: Update) -> None:
            if gone.is_set():
                raise ClientDisconnect

        found = stream_updates(engine, media, options, threads, stop=gone, note=note)
        transcript = await last_transcript(found, check)
    assert transcript is not None, "the last update holds the transcript"
    return transcript


async def last_transcript(
    updates: AsyncGenerator[Update], note: Callable[[Update], None]
) -> Transcript | None:
    """Returns the transcript of the last update, None if there was none; `note` is given each update."""
    transcript = None
    async with aclosing(updates) as found:
        async for update in found:
            note(update)
            transcript = update.transcript
    return transcript


class Connected(Protocol):
    """A request whose client may hang up: starlette's, or gradio's around it."""

    @property
    def receive(self) -> Callable[[], Awaitable[MutableMapping[str, Any]]]: ...


class _ClosableGenerator:
    """The engine's generator, made safe to close from another thread while a step is under way.

    A task that asyncio cancels leaves its thread behind; closing waits for it, half a second at most
    or one batch.

    over  whether the last step has been taken, so that closing has nothing to wait for
    """

    def __init__(self, generator: Generator[Update], place: ExitStack) -> None:
        self._generator = generator
        self._place = place
        self._lock = threading.Lock()
        self.over = False

    def next(self) -> Update | None:
        with self._lock:
            try:
                update = next(self._generator, None)
            except BaseException:
                self.over = True
                raise
            self.over = update is None
            return update

    def close(self) -> None:
        with self._lock, self._place:
            self._generator.close()


@asynccontextmanager
async def disconnected(request: Connected) -> AsyncGenerator[threading.Event]:
    """Gives an event that is set once the client has hung up. The body must have been read."""
    gone = threading.Event()

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone.set()

    watcher = asyncio.create_task(watch())
    try:
        yield gone
    finally:
        watcher.cancel()
