"""gradio's line with a door: who may join it, whose turn it is, and what ends because nobody listens.

gradio 6.17 lets one caller fill its line, serves it in the order of arrival, works for sessions to which
nobody listens, and keeps every event that has ended for as long as the process lives. `FairQueue` puts that
right; `Listeners` is how it knows who listens.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import gradio as gr
from gradio.queueing import Event, EventQueue, Queue
from gradio.server_messages import ProcessCompletedMessage
from gradio.utils import error_payload
from starlette.types import ASGIApp, Receive, Scope, Send

from engine import Engine, WordlightError
from engine.errors import RateLimited
from page.callers import caller_name
from page.components import UploadedFilesOnly
from page.gradio_patches.unknown_events import stream_of
from server.closing import shutting_down

SHARE = 4  # a caller may hold one part in so many, of the line and of what is at work
LOOK_SECONDS = 0.5  # between two looks at the line
KEPT_SECONDS = 300.0  # that an event which has ended stays, for whoever asks for its outcome late


class Listeners:
    """The sessions, and single events, whose stream of messages is open at the moment."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    @contextmanager
    def listening(self, session: str) -> Iterator[None]:
        self._open[session] += 1
        try:
            yield
        finally:
            self._open[session] -= 1
            if not self._open[session]:
                del self._open[session]

    def any_to(self, session: str) -> bool:
        """Tells whether somebody listens to a session."""
        return session in self._open

    def __bool__(self) -> bool:
        """Tells whether any stream is open. May be called from any thread."""
        return bool(self._open)


class NoteListeners:
    """ASGI middleware that notes which streams of gradio's line are open."""

    def __init__(self, app: ASGIApp, listeners: Listeners) -> None:
        self.app = app
        self._listeners = listeners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        listened = stream_of(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if listened is None:
            await self.app(scope, receive, send)
        else:
            with self._listeners.listening(listened[0]):
                await self.app(scope, receive, send)


class QueuedBlocks(UploadedFilesOnly):
    """Blocks with a `FairQueue`."""

    def open_line(
        self, max_size: int, engine: Engine, listeners: Listeners, changed: Callable[[], None] = lambda: None
    ) -> None:
        """Opens the line, with room for `max_size` events that wait; nobody goes past it.

        `changed` is called soon after an event has come to wait, or waits no more.
        """
        self.queue(max_size=max_size, api_open=False)
        self._queue: FairQueue = FairQueue(engine, listeners, self, max_size, changed)

    def end_events(self, error: WordlightError) -> None:
        """Ends all events, waiting or at work, with an error. May be called from any thread."""
        self._queue.end_all(error)


class FairQueue(Queue):
    """A line in which a caller holds a quarter of the places, and of the work, at most."""

    def __init__(
        self,
        engine: Engine,
        listeners: Listeners,
        blocks: gr.Blocks,
        max_size: int,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(
            live_updates=True,
            concurrency_count=blocks.max_threads,
            update_intervals=1,
            max_size=max_size,
            blocks=blocks,
        )
        self._engine = engine
        self._listeners = listeners
        self._line_changed = changed
        self._places = max(1, max_size // SHARE)
        self._coming: Counter[tuple[str, str | None]] = Counter()  # at the door, by caller and line
        self._unheard: dict[str, float] = {}  # event -> since when nobody has listened to it
        self._ended: dict[str, float] = {}  # event -> when it was first seen to have ended
        self._watching: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # of the server, once it runs

    # The door

    async def push(self, body: Any, request: Any, username: str | None) -> Any:
        """Lets an event into the line as gradio does. Raises RateLimited, or Closed."""
        if self._engine.closing:
            raise shutting_down()
        known = self.blocks.fns.get(body.fn_index)
        place = _caller(username, request), known.concurrency_id if known else None
        self._check(*place)
        self._coming[place] += 1
        try:
            pushed = await super().push(body, request, username)
            self._line_changed()
            return pushed
        finally:
            self._coming[place] -= 1
            if not self._coming[place]:
                del self._coming[place]

    def _check(self, caller: str, line: str | None) -> None:
        """Raises RateLimited where the caller has its share of a line, at work, waiting or at the door."""
        events = [*self._waiting(), *self._at_work()]
        has = sum(it.concurrency_id == line and _caller_of(it) == caller for it in events)
        if has + self._coming[caller, line] >= self._places:
            raise RateLimited(
                f"You have {self._places} jobs here already.", "Wait until one of them is done."
            )

    # Whose turn it is

    def get_events(self) -> tuple[list[Event], bool, str] | None:
        """Takes the next event out of a line: of the caller with the least at work, the one that waits longest."""
        for name, line in list(self.event_queue_per_concurrency_id.items()):
            limit = line.concurrency_limit
            if line.queue and (limit is None or line.current_concurrency < limit):
                event = self._next(line)
                if event is not None:
                    line.queue.remove(event)
                    return [event], False, name
        return None

    def _next(self, line: EventQueue) -> Event | None:
        """Returns None where everyone who waits has their share of the work."""
        at_work = Counter(
            _caller_of(it) for it in self._at_work() if it.concurrency_id == line.concurrency_id
        )
        event = min(line.queue, key=lambda it: at_work[_caller_of(it)])
        limit = line.concurrency_limit
        has_share = limit is not None and at_work[_caller_of(event)] >= max(1, limit // SHARE)
        return None if has_share else event

    # What ends though it is not done

    def start(self) -> None:
        super().start()
        self._loop = asyncio.get_running_loop()
        self._watching = self._loop.create_task(self._watch())

    def end_all(self, error: WordlightError) -> None:
        """Ends all events, waiting or at work, with an error. May be called from any thread.

        Returns at once. gradio would tell them that the server has stopped unexpectedly: `close` replaces every
        message that has not left by then.
        """

        async def end() -> None:
            for event in [*self._waiting(), *self._at_work()]:
                if event.alive:  # else it has been told of its end already
                    await self._end(event, error)

        if self._loop is not None and not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(end(), self._loop)

    async def _watch(self) -> None:
        while not self.stopped:
            await asyncio.sleep(LOOK_SECONDS)
            now = time.monotonic()
            self._line_changed()
            if self._engine.closing:
                for event in self._waiting():
                    await self._end(event, shutting_down())
            for event in self._not_listened_to(now):
                await self._end(event, _unheard_of(self._engine.config.listen_seconds))
            self._forget_the_ended(now)

    def _not_listened_to(self, now: float) -> list[Event]:
        """Returns the events to whose messages nobody has listened for as long as the installation allows."""
        seen = {_id(it): it for it in [*self._waiting(), *self._at_work()] if it.alive}
        unheard = {name for name, it in seen.items() if not self._listeners.any_to(it.session_hash)}
        self._unheard = {name: self._unheard.get(name, now) for name in unheard}
        longest = self._engine.config.listen_seconds
        return [seen[name] for name, since in self._unheard.items() if now - since >= longest]

    async def _end(self, event: Event, error: WordlightError) -> None:
        """Ends an event, waiting or at work, with an error for whoever comes to listen."""
        content = error_payload(gr.Error(str(error)), True)
        with suppress(KeyError):  # gradio has dropped the session's messages
            self.send_message(event, ProcessCompletedMessage(output=content, title="Error", success=False))
        await self.clean_events(event_id=_id(event))

    def _forget_the_ended(self, now: float) -> None:
        """Drops what gradio keeps for good of an event that has ended: its data, its request, its messages."""
        going_on = {_id(it) for it in [*self._waiting(), *self._at_work()]}
        known = {*self.event_ids_to_events, *self.event_analytics}
        self._ended = {name: self._ended.get(name, now) for name in known - going_on}
        for name, since in list(self._ended.items()):
            event = self.event_ids_to_events.get(name)
            session = event.session_hash if event else self.event_analytics[name]["session_hash"]
            if now - since < KEPT_SECONDS or self._listeners.any_to(str(session)):
                continue
            del self._ended[name]
            self.event_ids_to_events.pop(name, None)
            self.event_analytics.pop(name, None)
            pending = self.pending_event_ids_session.get(str(session), set())
            pending.discard(name)
            if not pending:
                self.pending_event_ids_session.pop(str(session), None)
                self.pending_messages_per_session.pop(str(session), None)

    def _waiting(self) -> list[Event]:
        return [event for line in self.event_queue_per_concurrency_id.values() for event in line.queue]

    def _at_work(self) -> list[Event]:
        return [event for job in self.active_jobs if job for event in job]


def _caller(username: str | None, request: Any) -> str:
    return f"login {username}" if username else caller_name(request)


def _caller_of(event: Event) -> str:
    return _caller(event.username, event.request)


def _id(event: Event) -> str:
    """Returns the name by which clients know an event."""
    return event._id


def _unheard_of(seconds: float) -> WordlightError:
    return WordlightError(
        f"Nobody has listened to this job for {seconds:g} seconds, so it was ended.",
        "Start it again, and open its stream of events at once.",
    )
