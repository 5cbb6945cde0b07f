"""Rules of gradio 6.17's routes: the callers that each admits, and the size of its body.

The page's own requests carry its login, and so do those of gradio's clients, so whatever they need beyond
the login form asks for one. A test fails when gradio has a route that is not listed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import gradio as gr
from fastapi.routing import iter_route_contexts
from gradio.route_utils import API_PREFIX
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Scope

from engine.errors import WordlightError
from page.gradio_patches.media_ranges import MediaRanges
from page.identity import login_of
from server import Doorkeeper
from server.body_limits import DOCUMENTS_BYTES, EVENT_BYTES
from server.errors import Unauthorized
from server.route_rules import Caller, Content, KnownRoute, Rule, Rules
from server.routes import live, openai

FILES_FIELD = "files"  # of an upload
STARTUP = f"{API_PREFIX}/startup-events"
OPENAI = "/v1/"

_OPEN = Rule(caller=Caller.ANYONE)
_SIGNED_IN = Rule()
_CLOSED = Rule(caller=Caller.NOBODY)
_IDS = Rule(content=Content.JSON)
_EVENT = Rule(content=Content.JSON, max_bytes=EVENT_BYTES)

# The login form, and what the browser needs to show it.
_BEFORE_LOGIN = (
    "/",
    "/login",
    "/assets/{path:path}",
    "/static/{path:path}",
    "/svelte/{path:path}",
    "/theme.css",
    f"{API_PREFIX}/theme.css",
    "/favicon.ico",
    "/manifest.json",
    "/pwa_icon",
    "/pwa_icon/{size}",
    "/robots.txt",
    f"{API_PREFIX}/user",
    f"{API_PREFIX}/login_check",
    f"{API_PREFIX}/app_id",  # a page that was open over a restart asks whether it is the same
)

# What neither the page nor gradio's clients ask for here.
_NEVER = (
    f"{API_PREFIX}/deep_link",  # writes the state of a session to the disk, for a button that is not here
    f"{API_PREFIX}/token",  # gives the cookie to scripts, from which it is hidden
    f"{API_PREFIX}/dev/reload",
    f"{API_PREFIX}/custom_component/{{id}}/{{environment}}/{{type}}/{{file_name}}",
    f"{API_PREFIX}/proxy={{url_path:path}}",  # for Spaces loaded into a page
    f"{API_PREFIX}/process_recording",  # runs ffmpeg without limits
    f"{API_PREFIX}/stream/{{event_id}}",  # for components that stream
    f"{API_PREFIX}/stream/{{event_id}}/close",
    f"{API_PREFIX}/stream/{{session_hash}}/{{run}}/{{component_id}}/playlist.m3u8",
    f"{API_PREFIX}/stream/{{session_hash}}/{{run}}/{{component_id}}/{{segment_id}}.{{ext}}",
    f"{API_PREFIX}/stream/{{session_hash}}/{{run}}/{{component_id}}/playlist-file",
    "/monitoring",  # how often others ask for what
    "/monitoring/summary",
    "/monitoring/{key}",
    f"{API_PREFIX}/vibe-edit",  # the editor of gradio's own development mode
    f"{API_PREFIX}/undo-vibe-edit",
    f"{API_PREFIX}/vibe-code",
    f"{API_PREFIX}/vibe-starter-queries",
)

_AFTER_LOGIN: Rules = {
    "/config": _SIGNED_IN,
    "/openapi.json": _SIGNED_IN,  # FastAPI's, hidden behind the one of the plain routes
    f"{API_PREFIX}/info": _SIGNED_IN,
    f"{API_PREFIX}/openapi.json": _SIGNED_IN,
    f"{API_PREFIX}/file={{path_or_url:path}}": _SIGNED_IN,
    f"{API_PREFIX}/file/{{path:path}}": _SIGNED_IN,
    f"{API_PREFIX}/heartbeat/{{session_hash}}": _SIGNED_IN,
    f"{API_PREFIX}/upload_progress": _SIGNED_IN,
    f"{API_PREFIX}/queue/data": _SIGNED_IN,
    f"{API_PREFIX}/queue/status": _SIGNED_IN,
    f"{API_PREFIX}/call/{{api_name}}/{{event_id}}": _SIGNED_IN,
    f"{API_PREFIX}/call/v2/{{api_name}}/{{event_id}}": _SIGNED_IN,
    STARTUP: _SIGNED_IN,
    f"{API_PREFIX}/reset": _IDS,
    f"{API_PREFIX}/cancel": _IDS,
    f"{API_PREFIX}/queue/join": _EVENT,
    f"{API_PREFIX}/run/{{api_name}}": _EVENT,
    f"{API_PREFIX}/api/{{api_name}}": _EVENT,
    f"{API_PREFIX}/call/{{api_name}}": _EVENT,
    f"{API_PREFIX}/call/v2/{{api_name}}": _EVENT,
    f"{API_PREFIX}/component_server": Rule(content=Content.JSON, max_bytes=DOCUMENTS_BYTES),
    f"{API_PREFIX}/upload": Rule(content=Content.FILES),
}

RULES: Rules = {
    **dict.fromkeys(_BEFORE_LOGIN, _OPEN),
    **dict.fromkeys(_NEVER, _CLOSED),
    **_AFTER_LOGIN,
    "/logout": Rule(caller=Caller.ANYONE, writes=True),  # else any site could sign a reader out
}


def doorkeeper(demo: gr.Blocks, plain: Rules) -> Doorkeeper:
    """Returns what the ingress must know of the page and of the plain routes beside it.

    demo   knows its share link once that exists
    plain  the rules of the plain routes
    """

    def shared_host() -> tuple[str, ...]:
        host = urlsplit(demo.share_url or "").hostname
        return (host,) if host else ()

    return Doorkeeper(
        rules={**_both_spellings(RULES), **plain},
        routes=known_routes,
        signed_in=signed_in,
        describe=_describer(plain),
        files_field=FILES_FIELD,
        public_hosts=shared_host,
        inside=MediaRanges,
    )


def known_routes(app: Starlette) -> Iterator[KnownRoute]:
    """Yields the application's routes in the order in which they are tried."""
    for route in iter_route_contexts(app.routes):
        if route.path is not None:
            yield KnownRoute(route.path, frozenset(getattr(route, "methods", None) or ()))


def signed_in(scope: Scope) -> bool:
    """Returns whether a request comes with a login, or the page asks for none.

    gradio itself asks for its startup events, before anybody else can and with no login.
    """
    app = scope["app"]
    if app.auth is None and app.auth_dependency is None:
        return True
    if scope["path"] == STARTUP and not app.startup_events_triggered:
        return True
    return login_of(Request(scope)) is not None


def _both_spellings(rules: Rules) -> dict[str, Rule]:
    """Adds each path with a slash at its end: gradio has most of its routes in both forms."""
    return dict(rules) | {f"{path}/": rule for path, rule in rules.items() if path != "/"}


def _describer(plain: Iterable[str]) -> Callable[[str, WordlightError], dict[str, Any]]:
    own = frozenset(plain)

    def describe(path: str, error: WordlightError) -> dict[str, Any]:
        """Returns the body of a refusal: gradio's clients show `detail`, all others read `error`."""
        if path.startswith(OPENAI) and path != live.PATH:
            return openai.error_body(error)
        if path in own:
            return error.to_dict()
        # A dictionary for a missing login: gradio's page reads its keys.
        login = {"error": "Not authenticated", "auth_message": None}
        return error.to_dict() | {"detail": login if isinstance(error, Unauthorized) else str(error)}

    return describe
