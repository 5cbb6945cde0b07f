"""The language that a reader has chosen for the page, in the place of the browser's.

assets/shared/page_language.js notes it in a cookie. The server then takes it for the first language that the browser
accepts, and so do gradio's scripts and ours, which ask `navigator.language`.
"""

from __future__ import annotations

import json

from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from page.texts import TEXTS

COOKIE = "wordlight_language"
# Before any other script. Nothing else of the page is redefined by it. gradio 6.17 knows Chinese as zh-CN and zh-TW
# alone: of every other tag, such as zh or zh-Hans-CN, it would show its own parts and our sentences in them in English.
EARLY = f"""try {{
  const chosen = document.cookie.match(/(?:^|; ){COOKIE}=(\\w+)/)?.[1];
  const wanted = {json.dumps(sorted(TEXTS))}.includes(chosen) ? chosen : navigator.language;
  const chinese = /-(hant|tw|hk|mo)\\b/i.test(wanted) && !/-hans\\b/i.test(wanted) ? "zh-TW" : "zh-CN";
  const language = /^zh\\b/i.test(wanted) ? chinese : wanted;
  if (language !== navigator.language)
    Object.defineProperty(navigator, "language", {{ configurable: true, get: () => language }});
}} catch {{}}"""


class ChosenLanguage:
    """ASGI middleware that puts the chosen language before those that the browser accepts."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = MutableHeaders(raw=list(scope["headers"]))
            chosen = cookie_parser(headers.get("cookie", "")).get(COOKIE)
            if chosen in TEXTS:
                accepted = headers.get("accept-language")
                headers["accept-language"] = f"{chosen}, {accepted}" if accepted else str(chosen)
                scope = {**scope, "headers": headers.raw}
        await self.app(scope, receive, send)
