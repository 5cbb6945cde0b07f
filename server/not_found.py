"""Responds to unknown paths with the error body of their neighbours."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from engine.errors import NotFound
from server.endpoint import error_body
from server.routes import openai


def exception_handlers() -> dict[Any, Any]:
    """Returns the handler of 404 that the application is started with."""
    return {404: _not_found}


async def _not_found(request: Request, error: HTTPException) -> Response:
    if "endpoint" in request.scope:  # one of gradio's routes, which describes its own errors
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    under_openai = path == "/v1" or path.startswith("/v1/")
    missing = NotFound(f"There is nothing at {path[:80]!r}.", "GET /openapi.json lists all routes.")
    return JSONResponse((openai.error_body if under_openai else error_body)(missing), missing.status)
