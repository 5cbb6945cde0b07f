"""Transcriptions that equal requests share, so that a client that gives up and asks again has one, not many.

A transcription goes on for a grace once its last caller has lost the connection. The same caller's request with the
same recording and options joins it in that time, or gets its transcript for some minutes after its end.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from anyio import CapacityLimiter
from starlette.requests import ClientDisconnect, Request

from engine.engine import Engine
from engine.errors import InputError
from engine.options import Options
from engine.transcript import Transcript
from engine.updates import Update
from server.async_engine import stream_updates

KEPT_SECONDS = 600.0  # that a transcript can be had for after its end
KEPT_SOUND_SECONDS = 4 * 3600.0  # of the transcripts that are kept, together: some 20 MB of memory


@dataclass(frozen=True, slots=True)
class SharedKey:
    """What makes two requests equal."""

    caller: str
    digest: str
    options: Options


@dataclass(frozen=True, slots=True)
class Found:
    """A transcript, and how many seconds old; None if this request alone has brought it about."""

    transcript: Transcript
    age: float | None


class WorkCancelled(InputError):
    """The caller has cancelled this transcription in another request."""

    code = "cancelled"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            "This transcription was cancelled.", "Send the recording again to have it transcribed."
        )


@dataclass(eq=False)
class Work:
    """One transcription under way, and who waits for it.

    names      Idempotency-Keys of the requests, by which their caller can cancel it
    resources  what is held until it has ended: the recording, and the caller's place
    """

    key: SharedKey
    resources: AsyncExitStack
    names: set[str] = field(default_factory=set)
    stop: threading.Event = field(default_factory=threading.Event)
    waiting: int = 0
    ends_alone: asyncio.TimerHandle | None = None  # ends it, unless somebody comes back
    task: asyncio.Task[Transcript] = field(init=False)


class SharedTranscriptions:
    """The transcriptions of one server; used from its event loop alone."""

    def __init__(self, engine: Engine, threads: CapacityLimiter) -> None:
        self._engine = engine
        self._threads = threads
        self._grace = engine.config.grace_seconds
        self._kept_seconds = min(KEPT_SECONDS, engine.config.keep_for)
        self._works: dict[SharedKey, Work] = {}
        self._kept: OrderedDict[SharedKey, tuple[Transcript, float]] = (
            OrderedDict()
        )  # with the time of the end

    @property
    def is_on(self) -> bool:
        return self._grace > 0

    async def transcript(
        self,
        key: SharedKey,
        media: Path,
        call: Request,
        *,
        name: str,
        cleanup: AsyncExitStack,
        note: Callable[[Update], None] | None,
    ) -> Found:
        """Returns the transcript of a request, whoever's request has begun it.

        name     the request's Idempotency-Key, or ""
        cleanup  clears away what the request holds; the work takes it over, if it begins with this request
        note     is shown each update, if it begins with this request

        Raises as `Engine.stream` does, ClientDisconnect as soon as this client has gone, and WorkCancelled.
        """
        self._drop_old()
        if (kept := self._kept.get(key)) is not None:
            return Found(kept[0], time.monotonic() - kept[1])
        work = self._works.get(key)
        joined = work is not None
        if work is None:
            work = self._begin(key, media, cleanup.pop_all(), note)
        else:
            await cleanup.aclose()  # one copy of the recording is enough
        if name:
            work.names.add(name)
        transcript = await self._wait(work, call)
        return Found(transcript, 0.0 if joined else None)

    def cancel(self, caller: str, name: str) -> bool:
        """Ends the transcriptions that a caller has asked for under a name; returns whether there was one."""
        found = [work for work in self._works.values() if work.key.caller == caller and name in work.names]
        for work in found:
            self._end(work)
        return bool(found)

    def _begin(
        self, key: SharedKey, media: Path, resources: AsyncExitStack, note: Callable[[Update], None] | None
    ) -> Work:
        work = Work(key, resources)
        work.task = asyncio.create_task(self._run(work, media, note))
        work.task.add_done_callback(
            lambda task: task.cancelled() or task.exception()
        )  # nobody may wait for it
        self._works[key] = work
        return work

    async def _run(self, work: Work, media: Path, note: Callable[[Update], None] | None) -> Transcript:
        transcript: Transcript | None = None
        try:
            async with (
                work.resources,
                aclosing(
                    stream_updates(
                        self._engine,
                        media,
                        work.key.options,
                        threads=self._threads,
                        stop=work.stop,
                        note=note,
                    )
                ) as found,
            ):
                async for update in found:
                    if work.stop.is_set():
                        raise WorkCancelled
                    transcript = update.transcript
            assert transcript is not None, "the last update holds the transcript"
            self._keep(work.key, transcript)
            return transcript
        finally:
            self._forget(work)

    async def _wait(self, work: Work, call: Request) -> Transcript:
        work.waiting += 1
        if work.ends_alone is not None:  # else it would end within the grace of a later caller
            work.ends_alone.cancel()
        gone = asyncio.create_task(_disconnected(call))
        try:
            await asyncio.wait({work.task, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not work.task.done():
                raise ClientDisconnect
            return work.task.result()
        finally:
            gone.cancel()
            work.waiting -= 1
            if not work.waiting and not work.task.done():
                work.ends_alone = asyncio.get_running_loop().call_later(self._grace, self._end, work)

    def _end(self, work: Work) -> None:
        work.stop.set()  # it ends at its next batch
        self._forget(work)

    def _forget(self, work: Work) -> None:
        if self._works.get(work.key) is work:
            del self._works[work.key]

    def _keep(self, key: SharedKey, transcript: Transcript) -> None:
        self._kept[key] = transcript, time.monotonic()
        while len(self._kept) > 1 and self._kept_sound > KEPT_SOUND_SECONDS:
            self._kept.popitem(last=False)
        # Also if no further request comes.
        asyncio.get_running_loop().call_later(self._kept_seconds, self._drop_old)

    def _drop_old(self) -> None:
        oldest = time.monotonic() - self._kept_seconds
        while self._kept and next(iter(self._kept.values()))[1] <= oldest:
            self._kept.popitem(last=False)

    @property
    def _kept_sound(self) -> float:
        return sum(transcript.duration for transcript, _ in self._kept.values())


async def _disconnected(call: Request) -> None:
    with suppress(ClientDisconnect):
        while (await call.receive())["type"] != "http.disconnect":
            pass
