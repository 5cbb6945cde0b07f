"""Runs the engine's generator from asyncio, and ends its work when the reader stops reading."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import Any, Generic, TypeVar

from anyio import CancelScope, CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request

from engine.engine import Engine
from engine.media.live_sound import LiveSound
from engine.options import Options
from engine.text_alignment.given_text import GivenText
from engine.transcript import Transcript
from engine.updates import Update
from server.closing import shutting_down
from server.disconnect import disconnected

POLL_SECONDS = 0.2  # between two checks during a step of whether the engine has ended

Step = TypeVar("Step")
Note = Callable[[Update], None]  # called with each update first; what it raises ends the work


def stream_updates(
    engine: Engine,
    media: Path,
    options: Options,
    *,
    threads: CapacityLimiter | None = None,
    stop: threading.Event | None = None,
    note: Note | None = None,
    text: GivenText | None = None,
) -> AsyncGenerator[Update]:
    """Returns the engine's updates; closing or cancelling them ends the engine's work and waits for that.

    text     is aligned with the recording, which is transcribed if None
    threads  limits how many steps run at a time; anyio's own limiter if None
    stop     as for `Engine.stream`; set when this is closed

    Raises as `Engine.stream` does, and ShuttingDown if the engine has ended during a step. Use with `aclosing`.
    """
    stop = stop or threading.Event()
    begun = _begun(engine, media, options, stop, text=text)
    return follow(engine, begun, threads, stop=stop, note=note)


def stream_live(
    engine: Engine,
    sound: LiveSound,
    options: Options,
    *,
    threads: CapacityLimiter,
    stop: threading.Event,
    note: Note,
    provisional: bool,
) -> AsyncGenerator[Update]:
    """Returns the updates of `Engine.stream_live`, as `stream_updates` does."""
    begun = engine.stream_live(sound, options, stop, provisional=provisional)
    return follow(engine, begun, threads, stop=stop, note=note)


async def stream_detachable(
    engine: Engine,
    media: Path,
    options: Options,
    *,
    resources: ExitStack,
    threads: CapacityLimiter | None = None,
    stop: threading.Event | None = None,
    note: Note | None = None,
    text: GivenText | None = None,
) -> AsyncGenerator[Update]:
    """Yields as `stream_updates` does, but closing it returns before the engine's work has ended.

    resources  closed when the work has ended
    """
    stop = stop or threading.Event()
    steps = _ClosableGenerator(_begun(engine, media, options, stop, text=text), resources)
    try:
        async with aclosing(_updates(engine, steps, threads, note=note)) as updates:
            async for update in updates:
                yield update
    finally:  # also if this task is cancelled
        stop.set()
        if steps.is_over:
            await _close(steps, threads)
        else:
            steps.close_in_background()


async def transcribe_while_connected(
    engine: Engine,
    media: Path,
    options: Options,
    request: Request,
    *,
    threads: CapacityLimiter,
    note: Note | None = None,
    text: GivenText | None = None,
) -> Transcript:
    """Returns the finished transcript; raises ClientDisconnect as soon as the client has disconnected."""
    async with disconnected(request) as left:

        def check(_: Update) -> None:
            if left.is_set():
                raise ClientDisconnect

        found = stream_updates(engine, media, options, threads=threads, stop=left, note=note, text=text)
        transcript = await last_transcript(found, check)
    assert transcript is not None, "the last update holds the transcript"
    return transcript


async def last_transcript(
    updates: AsyncGenerator[Update], note: Callable[[Update], None]
) -> Transcript | None:
    """Returns the transcript of the last update, None if there was none; calls `note` with each update."""
    transcript = None
    async with aclosing(updates) as found:
        async for update in found:
            note(update)
            transcript = update.transcript
    return transcript


def _begun(
    engine: Engine, media: Path, options: Options, stop: threading.Event, *, text: GivenText | None
) -> Generator[Update]:
    if text is None:
        return engine.stream(media, options, stop)
    return engine.stream_alignment(media, text, options, stop)


async def follow(
    engine: Engine,
    begun: Generator[Step],
    threads: CapacityLimiter | None,
    *,
    stop: threading.Event,
    note: Callable[[Step], None] | None = None,
) -> AsyncGenerator[Step]:
    """Yields the steps of work that an engine has begun; closing it sets `stop`, and waits for the work's end.

    Raises as `stream_updates` does.
    """
    steps = _ClosableGenerator(begun)
    try:
        async with aclosing(_updates(engine, steps, threads, note=note)) as updates:
            async for update in updates:
                yield update
    finally:  # also if this task is cancelled
        stop.set()
        if engine.ended and not steps.is_over:
            steps.close_in_background()
        else:
            await _close(steps, threads)


class _ClosableGenerator(Generic[Step]):
    """The engine's generator, made safe to close from another thread during a step.

    A task that asyncio cancels leaves its thread behind. Closing waits for that thread: for half a second at
    most, or for one batch.

    is_over  whether the generator has ended, so that closing has nothing to wait for
    """

    def __init__(self, generator: Generator[Step], resources: ExitStack | None = None) -> None:
        self._generator = generator
        self._resources = resources or ExitStack()
        self._lock = threading.Lock()
        self.is_over = False

    def next(self) -> Step | None:
        with self._lock:
            try:
                step = next(self._generator, None)
            except BaseException:
                self.is_over = True
                raise
            self.is_over = step is None
            return step

    def close(self) -> None:
        with self._lock, self._resources:
            self._generator.close()

    def close_in_background(self) -> None:
        threading.Thread(target=self.close, name="close-engine", daemon=True).start()


async def _updates(
    engine: Engine,
    steps: _ClosableGenerator[Step],
    threads: CapacityLimiter | None,
    note: Callable[[Step], None] | None,
) -> AsyncGenerator[Step]:
    while (step := await _next(engine, steps, threads)) is not None:
        if note:
            note(step)
        yield step


async def _next(
    engine: Engine, steps: _ClosableGenerator[Step], threads: CapacityLimiter | None
) -> Step | None:
    """Runs a step in a thread. Raises ShuttingDown if the engine has ended and the step has not.

    A step may take seconds, to align a window for example. A server that shuts down has no time to wait for that.
    """
    step = asyncio.ensure_future(to_thread.run_sync(steps.next, limiter=threads, abandon_on_cancel=True))
    try:
        while not (await asyncio.wait({step}, timeout=POLL_SECONDS))[0]:
            if engine.ended:
                raise shutting_down()
        return step.result()
    finally:
        step.cancel()  # leaves its thread behind; closing waits for that


async def _close(steps: _ClosableGenerator[Any], threads: CapacityLimiter | None) -> None:
    with CancelScope(shield=True):
        await to_thread.run_sync(steps.close, limiter=threads)
