"""Error responses for unknown gradio endpoints and parameters.

If an endpoint or a parameter does not exist, gradio 6.17 responds with 500 in plain text and logs a traceback.
"""

from __future__ import annotations

from typing import Any

from gradio.route_utils import FnIndexInferError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from engine.errors import InvalidOption, NotFound, WordlightError
from engine.memory import error_for_caller

CALLS = ("/gradio_api/call/", "/gradio_api/queue/join", "/gradio_api/run/", "/gradio_api/api/")
FUNCTIONS = "/gradio_api/component_server"  # of the page's components, by their numbers
BY_NAME = "/gradio_api/call/v2/"  # takes parameters by name
HINT = "GET /gradio_api/info lists all endpoints and parameters."


def exception_handlers() -> dict[Any, Any]:
    """Returns the handlers that the application is started with."""
    return {
        FnIndexInferError: _no_endpoint,
        WordlightError: _refused,
        KeyError: _no_key,
        TypeError: _no_parameter,
        500: _failed,
    }


async def _refused(_: Request, error: Exception) -> Response:
    """Responds to an error of our code in gradio's routes; gradio's page shows `detail`."""
    assert isinstance(error, WordlightError)
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return JSONResponse(error.to_dict() | {"detail": str(error)}, error.status, headers)


async def _no_endpoint(_: Request, error: Exception) -> Response:
    return _answer(NotFound("There is no such endpoint here.", HINT))


async def _no_key(request: Request, error: Exception) -> Response:
    """Responds to an unknown endpoint or component, which gradio looks up by name or number."""
    if FUNCTIONS in request.url.path:
        return _answer(NotFound("There is no such component here.", "Reload the page."))
    if not any(call in request.url.path for call in CALLS):
        raise error
    return await _no_endpoint(request, error)


async def _no_parameter(request: Request, error: Exception) -> Response:
    """Responds with the first sentence of gradio's error, which names the parameter."""
    if BY_NAME not in request.url.path:
        raise error
    sentence = str(error).partition(". ")[0].removesuffix(".")
    return _answer(InvalidOption(f"{sentence}.", HINT))


async def _failed(request: Request, error: Exception) -> Response:
    """Responds to an unexpected error, which is logged elsewhere."""
    return await _refused(request, error_for_caller(error))


def _answer(error: WordlightError) -> Response:
    return JSONResponse(error.to_dict(), error.status)
