"""The plain HTTP API, beside the page and over the same Engine.

    POST /transcribe                one recording in, one transcript out, as one response or as events
    POST /align                     a recording and its text in, the text with times out
    GET  /languages                 the languages, and the aligner of each
    GET  /health                    the models and their device; 503 if loading has failed
    GET  /health/live, /ready       for orchestrators: the process responds, the models are loaded
    GET  /metrics                   for Prometheus
    GET  /openapi.json              the description of these routes
    POST /jobs                      one recording in, an id out; see server/routes/jobs.py
    POST /v1/audio/transcriptions   for OpenAI's clients, and /v1/audio/translations
    GET  /v1/models                 likewise
    POST /asr, /detect-language     for clients of whisper-asr-webservice
    WS   /v1/live                   sound of a microphone in, its words out while it is recorded
    POST /mcp                       tools for language models; see server/mcp

Every request, the page's included, first passes `ingress`: it checks the `forwarded` headers, the `hosts` and
origins, and limits the body by the rule of its route (`route_rules`, `body_limits`). Then an `endpoint` finds the
method's handler, `auth` identifies the caller, `caller_limits` counts its recordings, `uploads` and `multipart`
read the form, `async_engine` transcribes until the client disconnects, and `routes/transcribe` or `routes/openai`
writes the response. Errors have one body on every path: `{"error": {"code", "message", "hint"}}`, or OpenAI's
body on OpenAI's paths; `not_found` sends it for unknown paths.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from starlette.routing import BaseRoute, Route, WebSocketRoute

from engine.config import Config
from engine.engine import Engine
from jobs.service import Jobs
from server.body_limits import IDS_BYTES
from server.caller_limits import CallerLimits
from server.compression import Compression
from server.data_folder import DataFolder
from server.endpoint import Endpoint, ServerState, open_folder
from server.ingress import Doorkeeper, ingress
from server.job_uploads import JobUploads
from server.live_tickets import LiveTickets
from server.metrics import Metrics
from server.not_found import exception_handlers
from server.route_rules import Caller, Rule, Rules
from server.routes import align, asr, lint, live, openai, system, transcribe
from server.routes import jobs as job_routes

__all__ = [
    "CallerLimits",
    "Compression",
    "Doorkeeper",
    "LiveTickets",
    "exception_handlers",
    "ingress",
    "open_folder",
    "routes",
    "rules",
]


def routes(
    engine: Engine,
    limits: CallerLimits,
    folder: DataFolder | None = None,
    jobs: Jobs | None = None,
    *,
    tickets: LiveTickets | None = None,
) -> list[BaseRoute]:
    """Returns the routes, which go before those of the page; `folder` and `tickets` are as in ServerState.

    Without `jobs` there are no routes for them.
    """
    state = ServerState(engine, limits, Metrics(engine), folder=folder, tickets=tickets)
    endpoints = [*transcribe.endpoints(state), *align.endpoints(state), *lint.endpoints(state)]
    endpoints += [*openai.endpoints(state), *asr.endpoints(state), *live.endpoints(state)]
    spaces = [state.folder.space]
    if jobs is not None:
        uploads = JobUploads(jobs, engine.config)
        spaces.append(uploads.space)
        state.metrics.watch(jobs)
        endpoints += job_routes.endpoints(state, jobs, uploads)
        if engine.config.mcp and find_spec("mcp") is not None:  # a light installation does without it
            endpoints += import_module("server.mcp.endpoint").endpoints(state, jobs, uploads)
    endpoints += system.endpoints(state, spaces)
    plain = [Route(endpoint.path, endpoint, name=endpoint.path) for endpoint in endpoints]
    return [*plain, WebSocketRoute(live.PATH, live.LiveSocket(state), name=f"{live.PATH} (WebSocket)")]


def rules(routes: list[BaseRoute], config: Config) -> Rules:
    """Returns the rules of these routes; each checks the API key itself, before it reads a body."""
    endpoints = [
        route.endpoint
        for route in routes
        if isinstance(route, Route) and isinstance(route.endpoint, Endpoint)
    ]
    sockets = {route.path for route in routes if isinstance(route, WebSocketRoute)}
    return {
        endpoint.path: Rule(
            caller=Caller.ANYONE,
            socket=endpoint.path in sockets,
            max_bytes=config.max_bytes + endpoint.form_bytes if endpoint.takes_recordings else IDS_BYTES,
        )
        for endpoint in endpoints
    }
