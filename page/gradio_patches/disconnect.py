"""Notices that the caller of a running gradio event has disconnected."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from gradio.context import LocalContext

from page.gradio_patches.queue import QueuedBlocks

POLL_SECONDS = 0.1  # between two checks of whether the caller is still connected


@asynccontextmanager
async def caller_left() -> AsyncGenerator[threading.Event]:
    """Yields an event that is set soon after the caller of the running event has disconnected."""
    left = threading.Event()

    async def watch() -> None:
        while not _has_left():
            await asyncio.sleep(POLL_SECONDS)
        left.set()

    watcher = asyncio.create_task(watch())
    try:
        yield left
    finally:
        watcher.cancel()


def _has_left() -> bool:
    """Returns whether the stream of the running event is closed; gradio notes that and goes on."""
    blocks, event = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    return isinstance(blocks, QueuedBlocks) and event is not None and blocks.is_abandoned(event)
