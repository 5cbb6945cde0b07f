"""Clients that keep a server busy."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def amid(clients: int, ask: Callable[[], object], work: Callable[[], T]) -> T:
    """Returns what `work` gives while clients ask again and again. Raises what any of them met."""
    over = threading.Event()

    def keep_asking() -> None:
        while not over.is_set():
            ask()

    with ThreadPoolExecutor(clients) as pool:
        asking = [pool.submit(keep_asking) for _ in range(clients)]
        try:
            given = work()
        finally:
            over.set()
    for client in asking:
        client.result()
    return given
