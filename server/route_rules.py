"""Rules of routes: the callers that each admits, and the size of its body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from starlette.routing import compile_path

from server.body_limits import IDS_BYTES


class Caller(Enum):
    """The callers that a route admits."""

    ANYONE = "anyone"  # or the route asks for an API key itself, before it reads a body
    SIGNED_IN = "signed in"  # callers with a login, if the installation has logins
    NOBODY = "nobody"


class Content(Enum):
    """What is known of a body while it arrives."""

    ANY = "any"
    JSON = "json"
    FILES = "files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The callers that a route admits, and the body that it takes.

    writes  whether a GET changes something, and is then judged as a write
    socket  whether the route takes WebSockets
    """

    caller: Caller = Caller.SIGNED_IN
    content: Content = Content.ANY
    max_bytes: int = IDS_BYTES
    writes: bool = False
    socket: bool = False


Rules = Mapping[str, Rule]  # by the path of the route, as Starlette writes it

# A route that no rule names is closed without a login and takes the smallest body.
UNNAMED = Rule()
# A path that is no route's; the application answers 404 without reading.
NO_ROUTE = Rule(caller=Caller.ANYONE)


@dataclass(frozen=True, slots=True)
class KnownRoute:
    """One route of the application: its path, as Starlette writes it, and its methods."""

    path: str
    methods: frozenset[str]


class RouteTable:
    """Finds the rule of a request by the application's own routes, in their order."""

    def __init__(self, routes: Iterable[KnownRoute], rules: Rules) -> None:
        self._routes = [(_pattern(route.path), route) for route in routes]
        self._rules = rules

    def rule_of(self, path: str, method: str) -> Rule:
        """Returns the rule for a path and a method."""
        other_method: KnownRoute | None = None
        for pattern, route in self._routes:
            if pattern.match(path):
                if method in route.methods or not route.methods:
                    return self._rules.get(route.path, UNNAMED)
                other_method = other_method or route
        # Answered with 405, by the route of the other method.
        return self._rules.get(other_method.path, UNNAMED) if other_method else NO_ROUTE


def _pattern(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]
