"""Which other origins' pages may read answers; gradio 6.17 lets all of them."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.errors import Forbidden
from server.warning_header import WARNINGS_HEADER


def own_origins(app: ASGIApp, allowed: Collection[str] = ()) -> ASGIApp:
    """Returns the application so that pages of other origins than the allowed ones can read no answer.

    gradio's own CORS middleware is outside of the middleware that an application is started with, so this
    must be put around the whole of it.
    """
    return _Origins(
        HideOrigin(app),
        allow_origins=tuple(allowed),
        allow_methods=("GET", "POST", "DELETE"),
        allow_headers=("*",),
        expose_headers=("Retry-After", "Location", "Age", WARNINGS_HEADER),
    )


class _Origins(CORSMiddleware):
    """Refuses a question of another origin in the body that every refusal has."""

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        error = Forbidden(
            "Pages of this origin may not ask this here.",
            "WORDLIGHT_CORS_ORIGINS names the origins that may, by GET, POST or DELETE.",
        )
        return JSONResponse(error.to_dict(), error.status, {"Vary": "Origin"})


class HideOrigin:
    """Keeps the Origin header from gradio, which would answer it with leave to read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "headers" in scope:
            scope = {
                **scope,
                "headers": [(name, value) for name, value in scope["headers"] if name != b"origin"],
            }
        await self.app(scope, receive, send)
