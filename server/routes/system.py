"""Serves the routes about the installation: languages, health, metrics, and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from anyio import to_thread
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, Response

from engine.errors import NotReady, SetupError, ShuttingDown
from server.disk_space import DiskSpace
from server.endpoint import ApiRequest, Endpoint, ServerState, path_prefix
from server.openapi.document import document
from server.operator_report import VERBOSE, OperatorReport, require_operator
from server.uploads import read_bool


def endpoints(state: ServerState, spaces: Sequence[DiskSpace]) -> list[Endpoint]:
    """Returns the endpoints; those for orchestrators and the OpenAPI document need no key.

    spaces  where recordings arrive; the server is ready as long as each has room
    """
    report = OperatorReport(state.engine.config, state.threads)
    return [
        Endpoint(state, "/languages", {"GET": partial(_languages, state)}),
        Endpoint(state, "/health", {"GET": partial(_health, state, report)}),
        Endpoint(state, "/health/live", {"GET": _live}, guarded=False),
        Endpoint(state, "/health/ready", {"GET": partial(_ready, state, spaces)}, guarded=False),
        Endpoint(state, "/metrics", {"GET": partial(_metrics, state)}),
        Endpoint(state, "/openapi.json", {"GET": _document}, guarded=False),
    ]


async def _languages(state: ServerState, _: ApiRequest) -> Response:
    return JSONResponse(await to_thread.run_sync(state.engine.languages, limiter=state.threads))


async def _health(state: ServerState, report: OperatorReport, call: ApiRequest) -> Response:
    """Answers with the state of the models and, if it is asked for, with the report of the whole installation."""
    verbose = (
        read_bool(call.query_params, VERBOSE)
        if call.query_params.get(VERBOSE)
        else VERBOSE in call.query_params
    )
    if verbose:
        require_operator(state.keys, call)
    health = await to_thread.run_sync(state.engine.health)
    if verbose:
        health |= {"installation": await report.get()}
    if health["status"] != "failed":
        return JSONResponse(health)
    return JSONResponse(health, SetupError.status, {"Retry-After": str(SetupError.retry_after)})


async def _live(_: ApiRequest) -> Response:
    return JSONResponse({"status": "live"})


async def _ready(state: ServerState, spaces: Sequence[DiskSpace], _: ApiRequest) -> Response:
    if state.engine.closing:
        raise ShuttingDown("The server is shutting down.", "Send requests to another one.")
    status = state.engine.status
    if status == "failed":
        raise SetupError("The models could not be loaded.", "GET /health says why.")
    if status == "loading":
        raise NotReady("The models are being loaded.", "Try again in a few seconds.")
    for space in spaces:
        if await to_thread.run_sync(space.is_short):
            raise NotReady("The server has too little disk space left for uploads.", "Try again in a minute.")
    return JSONResponse({"status": "ready"})


async def _metrics(state: ServerState, _: ApiRequest) -> Response:
    page = await to_thread.run_sync(state.metrics.render)
    return Response(page, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _document(call: ApiRequest) -> Response:
    return JSONResponse(document(path_prefix(call)))
