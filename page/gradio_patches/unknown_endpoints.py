"""What gradio's API is asked for and has not: refused in the body that all refusals have.

gradio 6.17 fails where an endpoint or a parameter does not exist: 500 in plain text, and a traceback in the
log of whoever runs this.
"""

from __future__ import annotations

from typing import Any

from gradio.route_utils import FnIndexInferError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from engine.errors import InvalidOption, NotFound, WordlightError
from engine.memory import error_for_caller

CALLS = ("/gradio_api/call/", "/gradio_api/queue/join", "/gradio_api/run/", "/gradio_api/api/")
FUNCTIONS = "/gradio_api/component_server"  # of the page's parts, by the numbers of those
BY_NAME = "/gradio_api/call/v2/"  # where parameters go by name
HINT = "GET /gradio_api/info lists what there is."


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
    """Answers for gradio's routes where ours raise; `detail` is what gradio's page shows of an answer."""
    assert isinstance(error, WordlightError)
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return JSONResponse(error.to_dict() | {"detail": str(error)}, error.status, headers)


async def _no_endpoint(_: Request, error: Exception) -> Response:
    return _answer(NotFound("There is no such endpoint here.", HINT))


async def _no_key(request: Request, error: Exception) -> Response:
    """gradio looks endpoints up by their names and numbers, and the page's parts by theirs."""
    if FUNCTIONS in request.url.path:
        return _answer(NotFound("There is no such component here.", "Reload the page."))
    if not any(call in request.url.path for call in CALLS):
        raise error
    return await _no_endpoint(request, error)


async def _no_parameter(request: Request, error: Exception) -> Response:
    """gradio says in its first sentence which parameter is unknown or missing."""
    if BY_NAME not in request.url.path:
        raise error
    sentence = str(error).partition(". ")[0].removesuffix(".")
    return _answer(InvalidOption(f"{sentence}.", HINT))


async def _failed(request: Request, error: Exception) -> Response:
    """Answers for what nobody foresaw; the log has it all the same."""
    return await _refused(request, error_for_caller(error))


def _answer(error: WordlightError) -> Response:
    return JSONResponse(error.to_dict(), error.status)
