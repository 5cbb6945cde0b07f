"""Restricts which other origins may read responses; gradio 6.17 allows all of them."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from server.errors import Forbidden
from server.warning_header import WARNINGS_HEADER


def own_origins(app: ASGIApp, allowed: Collection[str] = ()) -> ASGIApp:
    """Wraps the application so that only pages of its own and of the allowed origins can read responses.

    gradio's own CORS middleware is outside the middleware that an application is started with, so this must go
    around the whole application.
    """
    return _Origins(
        HideOrigin(app),
        allow_origins=tuple(allowed),
        allow_methods=("GET", "POST", "DELETE"),
        allow_headers=("*",),
        expose_headers=("Retry-After", "Location", "Age", WARNINGS_HEADER),
    )


class _Origins(CORSMiddleware):
    """Refuses a preflight request of another origin with the usual error body."""

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        error = Forbidden(
            "This origin is not allowed (CORS).",
            "WORDLIGHT_CORS_ORIGINS lists the allowed origins; they may use GET, POST and DELETE.",
        )
        return JSONResponse(error.to_dict(), error.status, {"Vary": "Origin"})


class HideOrigin:
    """Hides the Origin header from gradio, which would allow every origin to read the response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "headers" in scope:
            scope = {
                **scope,
                "headers": [(name, value) for name, value in scope["headers"] if name != b"origin"],
            }
        await self.app(scope, receive, send)
