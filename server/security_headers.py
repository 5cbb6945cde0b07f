"""Security headers that every response carries."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors import SetupError

AUTO = "auto"
SPACE_HOSTS = ("https://huggingface.co",)  # a Space is shown in a frame of its host


def frame_policy(ancestors: Collection[str], on_space: bool) -> str:
    """Returns the Content-Security-Policy that says which sites may show the page in a frame.

    ancestors  sources such as `https://example.org`; `auto` is the page itself and, on a Space, its host;
               an empty list is no site. Raises SetupError for a source that could end the directive.
    """
    sources: list[str] = []
    for source in ancestors:
        if any(mark in source for mark in ";, \t\r\n"):
            raise SetupError(
                f"WORDLIGHT_FRAME_ANCESTORS holds {source!r}.", "Each entry must be one origin, or *."
            )
        sources += ["'self'", *(SPACE_HOSTS if on_space else ())] if source == AUTO else [source]
    return " ".join(["frame-ancestors", *(sources or ["'none'"])])


class SecurityHeaders:
    """Adds the headers to every response, refusals included, unless the response has its own."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self.app = app
        self._headers = {
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": policy,
            # Only the page's own requests carry the address of the page.
            "Referrer-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)
