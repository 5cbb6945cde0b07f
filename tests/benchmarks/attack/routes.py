"""Every route of the server, asked without credentials: which are open, and which of these need not be."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.benchmarks.attack.raw import request, send, status_of
from tests.benchmarks.attack.tally import Tally
from tests.benchmarks.attack.victim import Victim

GRADIO = "/gradio_api"
# What somebody who is about to sign in needs, and what an orchestrator and a program need without a key.
NEEDED = re.compile(
    r"/(login/?|logout|favicon\.ico|manifest\.json|robots\.txt|theme\.css|health/(live|ready)|openapi\.json)?"
    r"|/(static|assets|svelte|pwa_icon)(/.*)?|/gradio_api/(theme\.css|login_check/?|user/?|app_id/?)"
    r"|/config/?"  # of the page to sign in on, which tells nothing of the other
)
SHUT = (401, 403, 404, 405, 501)
LARGE = 40 * 1024 * 1024  # bytes of a body that nobody who is not let in may have read


class Route(NamedTuple):
    method: str
    path: str  # with its parameters filled in


def routes(victim: Victim) -> list[Route]:
    """Returns the routes of plain HTTP, as its document lists them, and those in gradio's source."""
    document = json.loads(httpx.get(f"{victim.url}/openapi.json", timeout=30).text)
    found = {
        Route(method.upper(), _filled(path))
        for path, methods in document["paths"].items()
        for method in methods
    }
    spec = find_spec("gradio")
    assert spec is not None and spec.origin is not None
    source = (Path(spec.origin).parent / "routes.py").read_text()
    for owner, method, path in re.findall(r"@(app|router)\.(get|head|post)\(\s*f?\"([^\"]*)\"", source):
        prefix = GRADIO if owner == "router" else ""
        found.add(Route(method.upper(), prefix + _filled(path)))
    return sorted(found)


def ask_all(victim: Victim, tally: Tally, patience: float) -> None:
    """Asks for each route without credentials, and sends those that take a body a large one."""
    for route in routes(victim):
        answer = send(victim.url, request(route.method, route.path, key=False), patience)
        status = status_of(answer)
        shut = status in SHUT or status in (302, 303, 307)
        needed = NEEDED.fullmatch(route.path) is not None
        tally.count("shut" if shut else "open, and needed" if needed else f"open with {status}")
        if not shut and not needed:
            tally.find("open without login", f"{route.method} {route.path}: {status}")
        if status == 500:
            tally.find("500", f"{route.method} {route.path}")
        if victim.secret.encode() in answer:
            tally.find("foreign file read", f"{route.method} {route.path}")
    for route in routes(victim):
        if route.method == "POST" and victim.alive():
            _flood(victim, route, tally, patience)


def _flood(victim: Victim, route: Route, tally: Tally, patience: float) -> None:
    before = victim.at_work()
    body = request(route.method, route.path, "Content-Type: application/json", body=bytes(LARGE), key=False)
    answer = send(victim.url, body, patience)
    grown = victim.at_work() - before
    tally.count(f"{LARGE >> 20} MiB without login: {status_of(answer)}")
    if grown > LARGE // 2:
        tally.find("body kept in memory", f"{route.path}: {grown >> 20} MiB of {LARGE >> 20}")


def _filled(path: str) -> str:
    """Returns a path with something for each of its parameters."""
    return re.sub(r"\{[^}]*\}", "x", path)
