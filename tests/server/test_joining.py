"""Who waits for a shared transcription, and for how long it goes on when nobody does."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from anyio import CapacityLimiter
from starlette.requests import ClientDisconnect

from engine import Config, Options, Transcript, Update
from server.joining import Found, SharedKey, SharedTranscriptions

GRACE = 0.65  # seconds
WORK = 2.5


class SlowEngine:
    """Takes its time, so that a test of waiting need not transcribe for minutes."""

    config = Config(grace_seconds=GRACE)
    ended = False

    def __init__(self) -> None:
        self.begun = 0

    def stream(self, _media: Path, _options: Options, stop: threading.Event) -> Iterator[Update]:
        self.begun += 1
        until = time.monotonic() + WORK
        while time.monotonic() < until and not stop.is_set():
            time.sleep(0.02)
            yield Update("transcribing")
        yield Update("done", transcript=Transcript("en", 1.0, 1.0, (), "base", "attention"))


class Client:
    """A client that hangs up after some seconds."""

    def __init__(self, seconds: float) -> None:
        self._gone_at = time.monotonic() + seconds

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(max(0.0, self._gone_at - time.monotonic()))
        return {"type": "http.disconnect"}


def ask(shared: SharedTranscriptions, patience: float) -> Any:
    key = SharedKey("ann", "0" * 64, Options())
    return shared.transcript(
        key, Path("recording"), Client(patience), name="", cleanup=AsyncExitStack(), note=None
    )


def test_a_client_that_comes_back_each_time_within_the_grace_ends_no_work() -> None:
    engine = SlowEngine()

    async def come_and_go() -> Found:
        shared = SharedTranscriptions(engine, CapacityLimiter(4))  # type: ignore[arg-type]
        while True:
            try:
                return await ask(shared, patience=0.2)
            except ClientDisconnect:
                await asyncio.sleep(0.3)

    found = asyncio.run(asyncio.wait_for(come_and_go(), timeout=20))
    assert engine.begun == 1 and found.age is not None


def test_work_that_nobody_comes_back_to_ends_after_the_grace() -> None:
    engine = SlowEngine()

    async def leave() -> None:
        shared = SharedTranscriptions(engine, CapacityLimiter(4))  # type: ignore[arg-type]
        with pytest.raises(ClientDisconnect):
            await ask(shared, patience=0.1)
        await asyncio.sleep(GRACE + 0.3)
        assert (await ask(shared, patience=60)).age is None

    asyncio.run(leave())
    assert engine.begun == 2
