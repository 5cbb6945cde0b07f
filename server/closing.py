"""Refuses new work while the server shuts down; everything else is still served."""

from __future__ import annotations

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.engine import Engine
from engine.errors import ShuttingDown

# Users with running work can still cancel it and save their corrections.
STILL_OPEN = ("/gradio_api/cancel", "/gradio_api/component_server")


def shutting_down() -> ShuttingDown:
    """Returns the error of every request for new work after SIGTERM."""
    return ShuttingDown()


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
    # Anywhere in the path, since the application may be mounted below a prefix.
    return scope["method"] not in ("GET", "HEAD", "OPTIONS") and not any(
        path in scope["path"] for path in STILL_OPEN
    )
