"""The routes that tell of the installation: languages, health, metrics, and the document of all routes."""

from __future__ import annotations

from functools import partial

from anyio import to_thread
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, Response

from engine.errors import Closed, NotReady, SetupError
from server.endpoint import Call, Door, Site
from server.openapi.document import document


def doors(site: Site) -> list[Door]:
    """Returns the doors; an orchestrator and a program that has yet to learn of keys need none."""
    return [
        Door(site, "/languages", {"GET": partial(_languages, site)}),
        Door(site, "/health", {"GET": partial(_health, site)}),
        Door(site, "/health/live", {"GET": _live}, guarded=False),
        Door(site, "/health/ready", {"GET": partial(_ready, site)}, guarded=False),
        Door(site, "/metrics", {"GET": partial(_metrics, site)}),
        Door(site, "/openapi.json", {"GET": _document}, guarded=False),
    ]


async def _languages(site: Site, _: Call) -> Response:
    return JSONResponse(await to_thread.run_sync(site.engine.languages, limiter=site.threads))


async def _health(site: Site, _: Call) -> Response:
    health = await to_thread.run_sync(site.engine.health)
    if health["status"] != "failed":
        return JSONResponse(health)
    return JSONResponse(health, SetupError.status, {"Retry-After": str(SetupError.retry_after)})


async def _live(_: Call) -> Response:
    return JSONResponse({"status": "live"})


async def _ready(site: Site, _: Call) -> Response:
    if site.engine.closing:
        raise Closed("The server is shutting down.", "Another one will take its place.")
    status = site.engine.status
    if status == "failed":
        raise SetupError("The models could not be loaded.", "GET /health says why.")
    if status == "loading":
        raise NotReady("The models are being loaded.", "Ask again in a few seconds.")
    if await to_thread.run_sync(site.folder.space.is_short):
        raise NotReady("The server has too little disk space left for uploads.", "Ask again in a minute.")
    return JSONResponse({"status": "ready"})


async def _metrics(site: Site, _: Call) -> Response:
    page = await to_thread.run_sync(site.metrics.page)
    return Response(page, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _document(_: Call) -> Response:
    return JSONResponse(document())
