"""Notices that the client of a request has disconnected."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any, Protocol


class Connected(Protocol):
    """A request whose client may disconnect: Starlette's, or gradio's around it."""

    @property
    def receive(self) -> Callable[[], Awaitable[MutableMapping[str, Any]]]: ...


@asynccontextmanager
async def disconnected(request: Connected) -> AsyncGenerator[threading.Event]:
    """Yields an event that is set once the client has disconnected. The body must have been read."""
    left = threading.Event()

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        left.set()

    watcher = asyncio.create_task(watch())
    try:
        yield left
    finally:
        watcher.cancel()
