"""Makes the server that gradio starts use our connections.

gradio 6.17 makes its uvicorn server itself and gives no way to set it up, but takes the class from its module.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gradio import http_server
from uvicorn import Config as UvicornConfig

from server.connections import Connections
from server.web_sockets import serve_web_sockets

LAST_RESPONSES_SECONDS = 0.5  # for unfinished responses when the server is closed


@contextmanager
def served_over(connections: Connections) -> Iterator[None]:
    """Makes every server that gradio starts within the block use these connections."""
    plain = http_server.Server

    class LimitedServer(plain):  # type: ignore[misc, valid-type]
        def __init__(self, config: UvicornConfig, *rest: Any, **named: Any) -> None:
            config.http = connections.protocol  # type: ignore[assignment]
            serve_web_sockets(config, connections)
            config.timeout_keep_alive = connections.limits.idle_seconds or config.timeout_keep_alive  # type: ignore[assignment]
            config.timeout_graceful_shutdown = LAST_RESPONSES_SECONDS  # type: ignore[assignment]
            super().__init__(config, *rest, **named)

    http_server.Server = LimitedServer  # type: ignore[misc]
    try:
        yield
    finally:
        http_server.Server = plain  # type: ignore[misc]
