"""A run that is left: who waits for the step at work, and what is held until it has ended."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import Any

import pytest

from engine import Options, Update
from engine.errors import ShuttingDown
from server.async_engine import stream_detachable, stream_updates
from tests.support.waiting import eventually

PATIENCE = 20.0  # seconds until a test gives up


class SlowEngine:
    """Gives one update, then is at work until it is let go on."""

    def __init__(self) -> None:
        self.at_work, self.go_on, self.closed = threading.Event(), threading.Event(), threading.Event()
        self.stop: threading.Event | None = None
        self.ended = False

    def stream(self, media: Path, options: Options, stop: threading.Event) -> Iterator[Update]:
        self.stop = stop
        try:
            yield Update("reading")
            self.at_work.set()
            assert self.go_on.wait(PATIENCE)
            yield Update("transcribing")
        finally:
            self.closed.set()


def updates_of(engine: Any, resources: ExitStack | None) -> AsyncGenerator[Update]:
    """Returns the updates, which are detachable if there are resources."""
    media, options = Path("talk.wav"), Options()
    if resources is None:
        return stream_updates(engine, media, options)
    return stream_detachable(engine, media, options, resources=resources)


async def leave_at_work(engine: SlowEngine, resources: ExitStack | None) -> asyncio.Task:
    """Returns the task of a caller that has been cancelled while a step is at work."""

    async def listen() -> None:
        async with aclosing(updates_of(engine, resources)) as found:
            async for _ in found:
                pass

    task = asyncio.create_task(listen())
    assert await asyncio.to_thread(engine.at_work.wait, PATIENCE)
    task.cancel()
    await asyncio.wait([task], timeout=0.2)
    return task


def test_who_has_a_place_leaves_at_once_and_holds_it_until_the_work_has_ended() -> None:
    engine, resources, freed = SlowEngine(), ExitStack(), threading.Event()
    resources.callback(freed.set)

    async def scene() -> None:
        task = await leave_at_work(engine, resources)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, PATIENCE)

    asyncio.run(scene())
    assert engine.stop is not None and engine.stop.is_set()
    assert not engine.closed.is_set() and not freed.is_set()
    engine.go_on.set()
    assert eventually(freed.is_set) and engine.closed.is_set()


def test_who_has_none_waits_until_the_work_has_ended() -> None:
    engine = SlowEngine()

    async def scene() -> None:
        task = await leave_at_work(engine, None)
        assert not task.done() and engine.stop is not None and engine.stop.is_set()
        engine.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, PATIENCE)

    asyncio.run(scene())
    assert engine.closed.is_set()


@pytest.mark.parametrize("detachable", [True, False])
def test_nobody_waits_for_a_step_once_the_engine_has_ended(detachable: bool) -> None:
    engine, resources = SlowEngine(), ExitStack()

    async def scene() -> None:
        found = updates_of(engine, resources if detachable else None)
        async with aclosing(found):
            assert (await anext(found)).stage == "reading"
            following = asyncio.ensure_future(anext(found))
            assert await asyncio.to_thread(engine.at_work.wait, PATIENCE)
            engine.ended = True
            with pytest.raises(ShuttingDown):
                await asyncio.wait_for(following, PATIENCE / 2)
        assert not engine.closed.is_set(), "the step is still under way"

    asyncio.run(scene())
    engine.go_on.set()
    assert eventually(engine.closed.is_set)


def test_a_place_is_free_when_a_run_has_come_to_its_end() -> None:
    engine, resources, freed = SlowEngine(), ExitStack(), threading.Event()
    resources.callback(freed.set)
    engine.go_on.set()

    async def scene() -> list[str]:
        async with aclosing(updates_of(engine, resources)) as found:
            return [update.stage async for update in found]

    assert asyncio.run(scene()) == ["reading", "transcribing"]
    assert freed.is_set() and engine.closed.is_set()
