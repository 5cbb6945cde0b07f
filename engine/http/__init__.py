"""Everything that is asked for over plain HTTP, beside the page and over the same Engine.

    POST /transcribe                one recording in, one transcript out, at once or as events
    GET  /languages                 what can be asked for, and how each language's words are timed
    GET  /health                    what is loaded, on what; 503 where loading has failed
    GET  /health/live, /ready       for orchestrators: the process answers, the models are loaded
    GET  /metrics                   for Prometheus
    GET  /openapi.json              all of this, for programs
    POST /v1/audio/transcriptions   as OpenAI's clients call it, and /v1/audio/translations
    GET  /v1/models                 likewise

A request goes through these modules: a `door` opens for a method and a path, `access` says who may
come in, `forms` reads what is brought, `running` has it transcribed while somebody waits, and
`transcribe` or `openai` puts the answer in words. Failures have one body on every path:
`{"error": {"code", "message", "hint"}}`, or OpenAI's on OpenAI's; `nowhere` has it for paths that are none.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from engine.engine import Engine
from engine.http import about, openai, transcribe
from engine.http.access import Access
from engine.http.compression import Compression
from engine.http.door import Site
from engine.http.guard import middleware, own_origins_only
from engine.http.metrics import Metrics
from engine.http.nowhere import exception_handlers

__all__ = ["Access", "Compression", "exception_handlers", "middleware", "own_origins_only", "routes"]


def routes(engine: Engine, access: Access) -> list[BaseRoute]:
    """Returns the routes, to be put before those of the page."""
    site = Site(engine, access, Metrics(engine))
    doors = [*transcribe.doors(site), *about.doors(site), *openai.doors(site)]
    return [Route(door.path, door, name=door.path) for door in doors]
