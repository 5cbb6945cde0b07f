"""gradio's line: who gets in, whose turn it is, and that nothing is kept of what has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest
from gradio.data_classes import PredictBodyInternal
from gradio.queueing import Event
from gradio.server_messages import ProcessCompletedMessage
from starlette.requests import Request

from engine import Config, Engine
from engine.errors import RateLimited, ShuttingDown
from page.gradio_patches import queue as queue_module
from page.gradio_patches.listeners import Listeners, NoteListeners
from page.gradio_patches.queue import FairQueue, QueuedBlocks

LINE = 8
AT_ONCE = 8


@pytest.fixture
def engine() -> Engine:
    """An engine that is never started."""
    return Engine(Config())


@pytest.fixture
def queue(engine: Engine) -> Iterator[FairQueue]:
    """The queue of a page with one endpoint."""
    with QueuedBlocks(analytics_enabled=False) as demo:
        gr.api(lambda: "done", api_name="work", concurrency_id="work", concurrency_limit=AT_ONCE)
    queue = demo.open_queue(LINE, engine, Listeners())
    queue.active_jobs = [None] * LINE  # as `start` does
    yield queue


def request(host: str) -> Request:
    return Request({"type": "http", "headers": [], "client": (host, 1), "app": None})


def join(queue: FairQueue, login: str, session: str = "tab") -> Any:
    """Puts an event into the line, as a join over HTTP does."""
    body = PredictBodyInternal(fn_index=0, session_hash=session, data=[])
    return asyncio.run(queue.push(body, request("1.2.3.4"), login))


def taken(queue: FairQueue) -> list[Event]:
    """Takes events out of the line until none may be taken, and has them at work."""
    events = []
    while found := queue.get_events():
        queue.active_jobs[queue.active_jobs.index(None)] = found[0]
        queue.event_queue_per_concurrency_id[found[2]].current_concurrency += 1
        events += found[0]
    return events


def test_a_caller_holds_a_quarter_of_the_line_waiting_and_at_work_together(queue: FairQueue) -> None:
    join(queue, "ann")
    assert len(taken(queue)) == 1  # at work from now on
    join(queue, "ann")
    for _ in range(70):
        with pytest.raises(RateLimited) as caught:
            join(queue, "ann", "another tab")
        assert caught.value.retry_after
    assert join(queue, "bob")[0] and join(queue, "cid")[0]


def test_joins_that_come_together_are_counted_at_the_door(queue: FairQueue) -> None:
    async def scene() -> list[Any]:
        bodies = [PredictBodyInternal(fn_index=0, session_hash=f"tab {n}", data=[]) for n in range(9)]
        async with queue.pending_message_lock:  # which each join waits for before it is in the line
            pushes = (queue.push(body, request("1.2.3.4"), "ann") for body in bodies)
            joins = [asyncio.create_task(push) for push in pushes]
            await asyncio.sleep(0)  # all of them are at the door now
        return await asyncio.gather(*joins, return_exceptions=True)

    outcomes = asyncio.run(scene())
    assert sum(isinstance(entry, RateLimited) for entry in outcomes) == 9 - LINE // 4


def test_a_share_of_what_is_at_work_is_left_to_others(queue: FairQueue) -> None:
    queue.max_size = queue.places = 10**6
    for _ in range(20):
        join(queue, "ann")
    for _ in range(2):
        join(queue, "bob")
    events = taken(queue)
    assert [event.username for event in events].count("ann") == AT_ONCE // 4
    assert [event.username for event in events].count("bob") == 2


def test_nobody_joins_a_line_that_is_about_to_end(queue: FairQueue, engine: Engine) -> None:
    engine.refuse()
    with pytest.raises(ShuttingDown):
        join(queue, "ann")


def test_of_an_event_that_has_ended_nothing_is_kept(
    queue: FairQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(queue_module, "KEPT_SECONDS", 0.1)

    async def scene() -> None:
        body = PredictBodyInternal(fn_index=0, session_hash="tab", data=[], request=request("1.2.3.4"))
        assert (await queue.push(body, request("1.2.3.4"), "ann"))[0]
        assert queue.event_ids_to_events and queue.event_analytics
        queue.start()
        for _ in range(500):
            await asyncio.sleep(0.01)
            if not queue.event_ids_to_events:
                break
        queue.close()

    asyncio.run(scene())
    assert not queue.event_ids_to_events and not queue.event_analytics
    assert not queue.pending_event_ids_session and not queue.pending_messages_per_session


def test_who_waits_is_told_when_all_events_are_ended(
    queue: FairQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "get_events", lambda: None)  # so that it stays in the line

    async def scene() -> ProcessCompletedMessage:
        body = PredictBodyInternal(fn_index=0, session_hash="tab", data=[], request=request("1.2.3.4"))
        assert (await queue.push(body, request("1.2.3.4"), "ann"))[0]
        queue.start()
        queue.end_all(ShuttingDown())
        async with asyncio.timeout(20):
            while True:
                message = await queue.pending_messages_per_session["tab"].get()
                if isinstance(message, ProcessCompletedMessage):
                    queue.close()
                    return message

    end = asyncio.run(scene())
    assert not end.success and "shutting down" in str(end.output)


@pytest.mark.parametrize(
    ("path", "query", "session"),
    [
        ("/gradio_api/queue/data", "session_hash=abc", "abc"),
        ("/below/gradio_api/queue/data/", "x=1&session_hash=abc", "abc"),
        ("/gradio_api/call/transcribe/abc", "", "abc"),
        ("/gradio_api/call/v2/transcribe/abc", "", "abc"),
        ("/gradio_api/queue/status", "session_hash=abc", None),
    ],
)
def test_an_open_stream_is_known_for_as_long_as_it_is_open(
    path: str, query: str, session: str | None
) -> None:
    listeners, seen = Listeners(), []

    async def app(*_: Any) -> None:
        seen.append(listeners.any_to("abc"))

    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
    asyncio.run(NoteListeners(app, listeners)(scope, None, None))  # type: ignore[arg-type]
    assert seen == [session is not None] and not listeners.any_to("abc")


def test_a_queue_without_events_is_seldom_looked_at(engine: Engine) -> None:
    looks = 0

    class Counted(FairQueue):
        def __len__(self) -> int:
            nonlocal looks
            looks += 1
            return super().__len__()

    with QueuedBlocks(analytics_enabled=False) as demo:
        queue = Counted(engine, Listeners(), demo, max_size=LINE)

    async def rest() -> None:
        working = asyncio.create_task(queue.start_processing())
        await asyncio.sleep(0.5)
        queue.stopped = True
        await working

    asyncio.run(rest())
    assert 0 < looks <= 50, "gradio looks a thousand times a second"
