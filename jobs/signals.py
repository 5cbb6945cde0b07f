"""Wakes threads that wait for jobs in this process; other processes poll the database."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict


class Signals:
    """Two signals: a job was queued, and a job has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue_news = threading.Condition()
        self._queue_changes = 0
        self._waiting: defaultdict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = defaultdict(
            set
        )

    def queued(self) -> None:
        """Wakes all that wait for jobs in the queue."""
        with self._queue_news:
            self._queue_changes += 1
            self._queue_news.notify_all()

    @property
    def queue_changes(self) -> int:
        """How often `queued` was called: what a look at the queue may have missed, `wait_queued` does not."""
        return self._queue_changes

    def wait_queued(self, seen: int, timeout: float) -> None:
        """Waits until there are other changes of the queue than those `seen`, or for some seconds."""
        with self._queue_news:
            self._queue_news.wait_for(lambda: self._queue_changes != seen, timeout)

    def changed(self, job_id: str) -> None:
        """Wakes the readers of a job's events."""
        with self._lock:
            waiting = list(self._waiting.get(job_id, ()))
        for loop, news in waiting:
            loop.call_soon_threadsafe(news.set)

    async def wait_changed(self, job_id: str, news: asyncio.Event, timeout: float) -> None:
        """Waits until a job changes, or until the time is over; `news` comes from `watch`."""
        try:
            async with asyncio.timeout(timeout):
                await news.wait()
        except TimeoutError:
            pass
        news.clear()

    def watch(self, job_id: str) -> asyncio.Event:
        """Returns an event that is set whenever a job changes; `unwatch` ends that."""
        news = asyncio.Event()
        with self._lock:
            self._waiting[job_id].add((asyncio.get_running_loop(), news))
        return news

    def unwatch(self, job_id: str, news: asyncio.Event) -> None:
        """Ends `watch`."""
        with self._lock:
            watchers = self._waiting[job_id]
            watchers.discard((asyncio.get_running_loop(), news))
            if not watchers:
                del self._waiting[job_id]
