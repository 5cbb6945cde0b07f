"""Leads the spellings of a path that clients make of a base address to the route that is meant, without a redirect.

Clients put `/v1` or a slash before or after an address that has one already. A redirect would come after the upload,
and many clients do not follow it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.routing import compile_path, get_route_path
from starlette.types import ASGIApp, Receive, Scope, Send

VERSION = "/v1"
_VERSIONS = re.compile(rf"^({VERSION}(?=/))+")


class PathSpellings:
    """Rewrites the path of a request, if it is a spelling of one of the given routes."""

    def __init__(self, app: ASGIApp, routes: Iterable[str]) -> None:
        """`routes` are paths as Starlette writes them."""
        self.app = app
        known = tuple(routes)
        self._exact = frozenset(known)
        self._patterns = [compile_path(route)[0] for route in known if "{" in route]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            asked = get_route_path(scope)
            meant = self.meant(asked)
            if meant != asked:
                path = f"{scope['path'].removesuffix(asked)}{meant}"
                scope = {**scope, "path": path, "raw_path": path.encode()}
        await self.app(scope, receive, send)

    def meant(self, path: str) -> str:
        """Returns the path of the route that a spelling means; any other path as it is."""
        bare = re.sub("/+", "/", path).rstrip("/")
        spellings = (path, bare, VERSION + _VERSIONS.sub("", bare))
        for is_known in (self._exact.__contains__, self._matches):
            for spelling in spellings:
                if is_known(spelling):
                    return spelling
        return path

    def _matches(self, path: str) -> bool:
        return any(pattern.match(path) for pattern in self._patterns)
