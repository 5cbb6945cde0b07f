"""The routes that tell of the installation: languages, health, metrics, and the document of all routes."""

from __future__ import annotations

from functools import partial

from anyio import to_thread
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, Response

from engine.errors import NotReady, SetupError, ShuttingDown
from server.endpoint import ApiRequest, Endpoint, ServerState
from server.openapi.document import document


def endpoints(site: ServerState) -> list[Endpoint]:
    """Returns the doors; an orchestrator and a program that has yet to learn of keys need none."""
    return [
        Endpoint(site, "/languages", {"GET": partial(_languages, site)}),
        Endpoint(site, "/health", {"GET": partial(_health, site)}),
        Endpoint(site, "/health/live", {"GET": _live}, guarded=False),
        Endpoint(site, "/health/ready", {"GET": partial(_ready, site)}, guarded=False),
        Endpoint(site, "/metrics", {"GET": partial(_metrics, site)}),
        Endpoint(site, "/openapi.json", {"GET": _document}, guarded=False),
    ]


async def _languages(site: ServerState, _: ApiRequest) -> Response:
    return JSONResponse(await to_thread.run_sync(site.engine.languages, limiter=site.threads))


async def _health(site: ServerState, _: ApiRequest) -> Response:
    health = await to_thread.run_sync(site.engine.health)
    if health["status"] != "failed":
        return JSONResponse(health)
    return JSONResponse(health, SetupError.status, {"Retry-After": str(SetupError.retry_after)})


async def _live(_: ApiRequest) -> Response:
    return JSONResponse({"status": "live"})


async def _ready(site: ServerState, _: ApiRequest) -> Response:
    if site.engine.closing:
        raise ShuttingDown("The server is shutting down.", "Another one will take its place.")
    status = site.engine.status
    if status == "failed":
        raise SetupError("The models could not be loaded.", "GET /health says why.")
    if status == "loading":
        raise NotReady("The models are being loaded.", "Ask again in a few seconds.")
    if await to_thread.run_sync(site.folder.space.is_short):
        raise NotReady("The server has too little disk space left for uploads.", "Ask again in a minute.")
    return JSONResponse({"status": "ready"})


async def _metrics(site: ServerState, _: ApiRequest) -> Response:
    page = await to_thread.run_sync(site.metrics.render)
    return Response(page, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _document(_: ApiRequest) -> Response:
    return JSONResponse(document())
