"""Blocks unsafe gradio 6.17 routes that this app does not use.

gradio answers `/gradio_api/file=<any URL>` with a redirect to that URL, so that a link to this application can lead
anywhere (gradio 6.20 refuses it). It also runs ffmpeg, without limits of time or memory, on every
file that a client sends to `/gradio_api/process_recording`, its screen recorder.
"""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from page.gradio_patches.cancelling import CancelOne
from server.errors import Forbidden

FILES = "/gradio_api/file"
CLOSED = "/gradio_api/process_recording"


def middleware() -> list[Middleware]:
    """Returns the ASGI middleware that the application is started with."""
    return [Middleware(BlockRedirects), Middleware(CancelOne)]


class BlockRedirects:
    """Refuses with 403 every redirect from the route of cached files, and the closed routes altogether.

    It judges the answer, not the URL that was asked for: files are served there and never redirected
    to, so there is no spelling of a URL to be missed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        # Anywhere in the path, for the application may be mounted below a prefix.
        if CLOSED in path:
            await _refuse(Forbidden("This route is closed."), scope, receive, send=send)
        elif FILES in path:
            await self._serve_without_redirect(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _serve_without_redirect(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def send_unless_redirect(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and _is_redirect(message):
                refused = True
                error = Forbidden(
                    "This address leads elsewhere.", "Only files of this application are served."
                )
                await _refuse(error, scope, receive, send=send)
            elif not refused:
                await send(message)

        await self.app(scope, receive, send_unless_redirect)


def _is_redirect(start: Message) -> bool:
    return any(name.lower() == b"location" for name, _ in start.get("headers", ()))


async def _refuse(error: Forbidden, scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse(error.to_dict(), error.status)(scope, receive, send)
