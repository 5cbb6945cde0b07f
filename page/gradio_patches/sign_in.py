"""Explains on gradio's login page why signing in failed.

gradio 6.17's login form shows wrong passwords, answered with 400, and nothing for any other failure. Its page
loads neither `launch(head=...)` nor our components, so a script is added to its document.
"""

from __future__ import annotations

import json

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Scope

from page.components import ASSETS
from page.document_rewriter import DocumentRewriter
from page.texts import TEXTS, locale_of

_ASKS_FOR_LOGIN = b'"auth_required":true'  # in the document's configuration
_HEAD_ENDS = b"</head>"


class ExplainSignIn(DocumentRewriter):
    """ASGI middleware that adds assets/sign_in.js to the login page. It goes inside of any compression."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        self._script = (ASSETS / "sign_in.js").read_text("utf-8")

    def rewrite(self, document: bytes, scope: Scope) -> bytes:
        if _ASKS_FOR_LOGIN not in document:
            return document
        texts = TEXTS[locale_of(Headers(scope=scope).get("accept-language"))]
        sentences = {"wait": texts["sign_in_wait"], "failed": texts["sign_in_failed"]}
        argument = json.dumps(sentences).replace("<", "\\u003c")
        script = f'<script type="module">{self._script}explainSignIn({argument});</script>'.encode()
        return document.replace(_HEAD_ENDS, script + _HEAD_ENDS, 1)
