"""The server that gradio starts, with our connections.

gradio 6.17 makes its uvicorn server itself and gives no way to set it up, but takes the class from its module.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gradio import http_server
from uvicorn import Config as UvicornConfig

from server.connections import Connections

LAST_ANSWERS_SECONDS = 0.5  # that answers under way have when the server is closed


@contextmanager
def served_over(connections: Connections) -> Iterator[None]:
    """Has every server that gradio starts meanwhile take these connections."""
    plain = http_server.Server

    class LimitedServer(plain):  # type: ignore[misc, valid-type]
        def __init__(self, config: UvicornConfig, *rest: Any, **named: Any) -> None:
            config.http = connections.protocol  # type: ignore[assignment]
            config.ws = "none"  # nothing here speaks WebSocket, and its connections would not be watched
            config.timeout_keep_alive = connections.limits.idle_seconds or config.timeout_keep_alive  # type: ignore[assignment]
            config.timeout_graceful_shutdown = LAST_ANSWERS_SECONDS  # type: ignore[assignment]
            super().__init__(config, *rest, **named)

    http_server.Server = LimitedServer  # type: ignore[misc]
    try:
        yield
    finally:
        http_server.Server = plain  # type: ignore[misc]
