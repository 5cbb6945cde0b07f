"""Changes gradio's document on its way out."""

from __future__ import annotations

from abc import ABC, abstractmethod

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class DocumentRewriter(ABC):
    """ASGI middleware that rewrites the whole documents among the answers to GET."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    @abstractmethod
    def rewrite(self, document: bytes, scope: Scope) -> bytes:
        """Returns the document to be sent; it may differ by the languages that the request accepts,
        and by the one that its reader has chosen (page/chosen_language.py)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            return await self.app(scope, receive, send)
        held: Message | None = None

        async def send_rewritten(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_document(message):
                held = message
                return
            if held is not None:
                start, held = held, None
                # gradio sends its document whole; what comes in parts is none.
                if message["type"] == "http.response.body" and not message.get("more_body", False):
                    message = {**message, "body": self.rewrite(message.get("body", b""), scope)}
                    headers = MutableHeaders(scope=start)
                    headers["Content-Length"] = str(len(message["body"]))
                    headers.add_vary_header("Accept-Language")
                    headers.add_vary_header("Cookie")
                await send(start)
            await send(message)

        await self.app(scope, receive, send_rewritten)


def _is_document(start: Message) -> bool:
    kind = Headers(raw=start.get("headers", [])).get("content-type", "")
    return start["status"] == 200 and kind.startswith("text/html")
