"""gradio's queue, made fair: limits each caller, and ends events without a listener.

gradio 6.17 lets one caller fill its queue, serves it in the order of arrival, runs events to whose messages no
client listens, keeps every event that has ended for as long as the process lives, and looks for events a thousand
times a second, which takes 5 % of a core in a server that has nothing to do. `FairQueue` mends that;
`Listeners` tells it which sessions listen.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.queueing import Event, EventQueue, Queue
from gradio.server_messages import ProcessCompletedMessage
from gradio.utils import error_payload

from engine import Engine, WordlightError
from engine.errors import RateLimited
from page.gradio_patches.listeners import Listeners
from page.gradio_patches.uploaded_files import UploadedFilesOnly
from page.identity import caller_name
from server.closing import shutting_down

SHARE = 4  # a caller may hold one part in so many, of the queue and of the running events
POLL_SECONDS = 0.5  # between two checks of the queue
FREE_SECONDS = 0.02  # between two looks for an event to start; a click waits half of it on average
KEPT_SECONDS = 300.0  # that an event stays after its end, for a client that asks for its outcome late


class QueuedBlocks(UploadedFilesOnly):
    """Blocks with a `FairQueue`."""

    def open_queue(
        self,
        max_size: int,
        engine: Engine,
        listeners: Listeners,
        *,
        changed: Callable[[], None] = lambda: None,
    ) -> FairQueue:
        """Opens the queue, with room for `max_size` waiting events; no event bypasses it.

        changed  called when an event starts to wait, and soon after an event has stopped waiting
        """
        self.queue(max_size=max_size, api_open=False)
        self._queue: FairQueue = FairQueue(engine, listeners, self, max_size=max_size, changed=changed)
        return self._queue

    def knows(self, session: str, is_event: bool) -> bool:
        """Returns whether the queue has a session, or messages for an event that are not sent yet."""
        messages = self._queue.pending_messages_per_session.get(session)
        if messages is None or not is_event:
            return messages is not None
        return bool(self._queue.pending_event_ids_session.get(session)) or not messages.empty()

    def end_events(self, error: WordlightError) -> None:
        """Ends all events, waiting or running, with an error. May be called from any thread."""
        self._queue.end_all(error)

    def queued_files(self) -> set[Path]:
        """Returns the files of the waiting events. May be called from any thread."""
        queues = list(self._queue.event_queue_per_concurrency_id.values())
        events = [event for queue in queues for event in list(queue.queue)]
        return {Path(path) for event in events if event.data for path in _paths(event.data.data)}

    def is_abandoned(self, event_id: str) -> bool:
        """Returns whether the stream of an event's messages was closed before its end."""
        event = self._queue.event_ids_to_events.get(event_id)
        return event is not None and not event.alive


class FairQueue(Queue):
    """A queue in which each caller holds at most a quarter of the places, and of the running events.

    places  that one caller may hold, waiting and running
    """

    def __init__(
        self,
        engine: Engine,
        listeners: Listeners,
        blocks: gr.Blocks,
        *,
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
        self.sleep_when_free = FREE_SECONDS
        self._engine = engine
        self._listeners = listeners
        self._changed = changed
        self.places = max(1, max_size // SHARE)
        self._joining: Counter[tuple[str, str | None]] = (
            Counter()
        )  # being pushed, by caller and concurrency id
        self._silent: dict[str, float] = {}  # event -> since when no client has listened to it
        self._ended: dict[str, float] = {}  # event -> when it was first seen to have ended
        self._watching: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # of the server, once it runs

    # Joining

    async def push(self, body: Any, request: Any, username: str | None) -> Any:
        """Adds an event as gradio does. Raises RateLimited or ShuttingDown."""
        if self._engine.closing:
            raise shutting_down()
        known = self.blocks.fns.get(body.fn_index)
        joining = _caller(username, request), known.concurrency_id if known else None
        self._check(*joining)
        self._joining[joining] += 1
        try:
            pushed = await super().push(body, request, username)
            self._changed()
            return pushed
        finally:
            self._joining[joining] -= 1
            if not self._joining[joining]:
                del self._joining[joining]

    def _check(self, caller: str, concurrency_id: str | None) -> None:
        """Raises RateLimited if the caller has its share of a queue: running, waiting or joining."""
        events = [*self._waiting(), *self._running()]
        has = sum(event.concurrency_id == concurrency_id and _caller_of(event) == caller for event in events)
        if has + self._joining[caller, concurrency_id] >= self.places:
            raise RateLimited(
                f"You already have {self.places} jobs in the queue.", "Wait until one of them is done."
            )

    # Choosing the next event

    def get_events(self) -> tuple[list[Event], bool, str] | None:
        """Takes the next event: of the caller with the fewest running events, the one that has waited longest."""
        for name, queue in list(self.event_queue_per_concurrency_id.items()):
            limit = queue.concurrency_limit
            if queue.queue and (limit is None or queue.current_concurrency < limit):
                event = self._next(queue)
                if event is not None:
                    queue.queue.remove(event)
                    return [event], False, name
        return None

    def _next(self, queue: EventQueue) -> Event | None:
        """Returns None if every waiting caller has its share of the running events."""
        running = Counter(
            _caller_of(event) for event in self._running() if event.concurrency_id == queue.concurrency_id
        )
        event = min(queue.queue, key=lambda waiting: running[_caller_of(waiting)])
        limit = queue.concurrency_limit
        has_share = limit is not None and running[_caller_of(event)] >= max(1, limit // SHARE)
        return None if has_share else event

    # Ending events early

    def start(self) -> None:
        super().start()
        self._loop = asyncio.get_running_loop()
        self._watching = self._loop.create_task(self._watch())

    def end_all(self, error: WordlightError) -> None:
        """Ends all events, waiting or running, with an error. May be called from any thread.

        Returns at once. Without this, gradio would report that the server has stopped unexpectedly: its `close`
        replaces every message that has not been sent by then.
        """

        async def end() -> None:
            for event in [*self._waiting(), *self._running()]:
                if event.alive:  # else its end has been sent already
                    await self._end(event, error)

        if self._loop is not None and not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(end(), self._loop)

    async def _watch(self) -> None:
        while not self.stopped:
            await asyncio.sleep(POLL_SECONDS)
            now = time.monotonic()
            self._changed()
            if self._engine.closing:
                for event in self._waiting():
                    await self._end(event, shutting_down())
            for event in self._without_listener(now):
                await self._end(event, _no_listener(self._engine.config.listen_seconds))
            self._forget_the_ended(now)

    def _without_listener(self, now: float) -> list[Event]:
        """Returns the events without a listener for longer than the installation allows."""
        seen = {_id(event): event for event in [*self._waiting(), *self._running()] if event.alive}
        silent = {name for name, event in seen.items() if not self._listeners.any_to(event.session_hash)}
        self._silent = {name: self._silent.get(name, now) for name in silent}
        longest = self._engine.config.listen_seconds
        return [seen[name] for name, since in self._silent.items() if now - since >= longest]

    async def _end(self, event: Event, error: WordlightError) -> None:
        """Ends an event, waiting or running, with an error for a client that comes to listen."""
        content = error_payload(gr.Error(str(error)), True)
        with suppress(KeyError):  # gradio has dropped the session's messages
            self.send_message(event, ProcessCompletedMessage(output=content, title="Error", success=False))
        await self.clean_events(event_id=_id(event))

    def _forget_the_ended(self, now: float) -> None:
        """Drops the data, request and messages of events that have ended; gradio would keep them for good."""
        going_on = {_id(event) for event in [*self._waiting(), *self._running()]}
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
        return [event for queue in self.event_queue_per_concurrency_id.values() for event in queue.queue]

    def _running(self) -> list[Event]:
        return [event for job in self.active_jobs if job for event in job]


def _caller(username: str | None, request: Any) -> str:
    return f"login {username}" if username else caller_name(request)


def _caller_of(event: Event) -> str:
    return _caller(event.username, event.request)


def _id(event: Event) -> str:
    """Returns the id by which clients know an event."""
    return event._id


def _paths(data: Any) -> Iterator[str]:
    left = [data]
    while left:  # not by recursion, since the client decides how deep its data is nested
        value = left.pop()
        if isinstance(value, dict) and isinstance(value.get("path"), str):
            yield value["path"]
        left += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _no_listener(seconds: float) -> WordlightError:
    return WordlightError(
        f"No client has read this job's events for {seconds:g} seconds, so it was ended.",
        "Start it again, and open its stream of events at once.",
    )
