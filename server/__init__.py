"""Everything that is asked for over plain HTTP, beside the page and over the same Engine.

    POST /transcribe                one recording in, one transcript out, at once or as events
    GET  /languages                 what can be asked for, and how each language's words are timed
    GET  /health                    what is loaded, on what; 503 where loading has failed
    GET  /health/live, /ready       for orchestrators: the process answers, the models are loaded
    GET  /metrics                   for Prometheus
    GET  /openapi.json              all of this, for programs
    POST /jobs                      one recording in, an id out; see server/routes/jobs.py
    POST /v1/audio/transcriptions   as OpenAI's clients call it, and /v1/audio/translations
    GET  /v1/models                 likewise

Every request, of the page's too, goes through the `ingress` first: it judges the `forwarded` headers, the
`hosts` and origins, and bounds the body by the rule of its route (`route_rules`, `body_limits`). Then it goes
through these modules: a `door` opens for a method and a path, `access` says who may
come in, `forms` reads what is brought, `running` has it transcribed while somebody waits, and
`transcribe` or `openai` puts the answer in words. Failures have one body on every path:
`{"error": {"code", "message", "hint"}}`, or OpenAI's on OpenAI's; `nowhere` has it for paths that are none.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from engine.config import Config
from engine.engine import Engine
from jobs.service import Jobs
from server.access import Access
from server.body_limits import FORM_BYTES, IDS_BYTES
from server.compression import Compression
from server.data_folder import DataFolder
from server.endpoint import Endpoint, ServerState, open_folder
from server.ingress import Doorkeeper, ingress
from server.metrics import Metrics
from server.not_found import exception_handlers
from server.route_rules import Caller, Rule, Rules
from server.routes import jobs as job_routes
from server.routes import openai, system, transcribe

__all__ = [
    "Access",
    "Compression",
    "Doorkeeper",
    "exception_handlers",
    "ingress",
    "open_folder",
    "routes",
    "rules",
]


def routes(
    engine: Engine, access: Access, folder: DataFolder | None = None, jobs: Jobs | None = None
) -> list[BaseRoute]:
    """Returns the routes, to be put before those of the page; `folder` is as in ServerState.

    Without `jobs` there are no routes for them.
    """
    site = ServerState(engine, access, Metrics(engine), folder)
    doors = [*transcribe.endpoints(site), *system.endpoints(site), *openai.endpoints(site)]
    if jobs is not None:
        doors += job_routes.endpoints(site, jobs)
    return [Route(door.path, door, name=door.path) for door in doors]


def rules(routes: list[BaseRoute], config: Config) -> Rules:
    """Returns the rules of these routes; each asks for a key itself, before it reads a body."""
    doors = [
        route.endpoint
        for route in routes
        if isinstance(route, Route) and isinstance(route.endpoint, Endpoint)
    ]
    recording = config.max_bytes + FORM_BYTES
    return {
        door.path: Rule(caller=Caller.ANYONE, max_bytes=recording if door.takes_recordings else IDS_BYTES)
        for door in doors
    }
