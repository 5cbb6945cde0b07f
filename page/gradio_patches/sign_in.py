"""Explains on gradio's login page why signing in failed.

gradio 6.17's login form shows wrong passwords, answered with 400, and nothing for any other failure. Its page
loads neither `launch(head=...)` nor our components, so a script is added to its document.
"""

from __future__ import annotations

import json

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from page.components import ASSETS
from page.texts import TEXTS, locale_of

_ASKS_FOR_LOGIN = b'"auth_required":true'  # in the document's configuration
_HEAD_ENDS = b"</head>"


class ExplainSignIn:
    """ASGI middleware that adds assets/sign_in.js to the login page. It goes inside of any compression."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._script = (ASSETS / "sign_in.js").read_text("utf-8").strip().rstrip(";")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        held: Message | None = None

        async def send_with_script(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_document(message):
                held = message
                return
            if held is not None:
                start, held = held, None
                # gradio sends its document whole; a response in parts is none.
                if message["type"] == "http.response.body" and not message.get("more_body", False):
                    message = {**message, "body": self._extended(message.get("body", b""), scope)}
                    headers = MutableHeaders(scope=start)
                    headers["Content-Length"] = str(len(message["body"]))
                    headers.add_vary_header("Accept-Language")
                await send(start)
            await send(message)

        await self.app(scope, receive, send_with_script)

    def _extended(self, document: bytes, scope: Scope) -> bytes:
        if _ASKS_FOR_LOGIN not in document:
            return document
        texts = TEXTS[locale_of(Headers(scope=scope).get("accept-language"))]
        sentences = {"wait": texts["sign_in_wait"], "failed": texts["sign_in_failed"]}
        argument = json.dumps(sentences).replace("<", "\\u003c")
        script = f"<script>({self._script})({argument});</script>".encode()
        return document.replace(_HEAD_ENDS, script + _HEAD_ENDS, 1)


def _is_document(start: Message) -> bool:
    kind = Headers(raw=start.get("headers", [])).get("content-type", "")
    return start["status"] == 200 and kind.startswith("text/html")
