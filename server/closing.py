"""What a server that is shutting down still answers: everything but new work."""

from __future__ import annotations

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.engine import Engine
from engine.errors import ShuttingDown

# What helps those who have work here already: to cancel it, and to save what they have corrected.
STILL_OPEN = ("/gradio_api/cancel", "/gradio_api/component_server")


def shutting_down() -> ShuttingDown:
    """Returns what every caller is told from SIGTERM on."""
    return ShuttingDown("The server is shutting down.", "Try again in a minute.")


class RefuseNewWork:
    """Refuses uploads and new work with 503 `closed` once the engine takes no more."""

    def __init__(self, app: ASGIApp, engine: Engine) -> None:
        self.app = app
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._engine.closing and _brings_work(scope):
            error = shutting_down()
            headers = {"Retry-After": str(error.retry_after), "Connection": "close"}
            await JSONResponse(error.to_dict(), error.status, headers)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _brings_work(scope: Scope) -> bool:
    # Anywhere in the path, for the application may be mounted below a prefix.
    return scope["method"] not in ("GET", "HEAD", "OPTIONS") and not any(
        path in scope["path"] for path in STILL_OPEN
    )
