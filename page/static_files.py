"""Serves files that never change while the app runs, under the digest of their content."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

FOLDER = "page-files"
YEAR = 365 * 24 * 3600  # seconds
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of the page; the ending of its name determines its media type."""

    name: str
    content: bytes

    @classmethod
    def read(cls, path: Path) -> StaticFile:
        return cls(path.name, path.read_bytes())

    @property
    def path(self) -> str:
        """The path below the root of the application; new content gets a new path."""
        return f"{FOLDER}/{sha256(self.content).hexdigest()[:16]}/{self.name}"

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[Path(self.name).suffix]


def static_routes(files: Iterable[StaticFile]) -> list[BaseRoute]:
    """Returns a route for each file, open to every client as gradio's own scripts are."""
    return [_route(file) for file in files]


def _route(file: StaticFile) -> Route:
    async def serve(_: Request) -> Response:
        headers = {"Cache-Control": f"public, max-age={YEAR}, immutable"}
        return Response(file.content, media_type=file.media_type, headers=headers)

    return Route(f"/{file.path}", serve)
