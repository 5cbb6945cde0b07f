"""The page's sentences in gradio's document: those of the languages that the request accepts, and the English ones.

gradio 6.17 writes all languages into every document, of which they are more than half. Browsers show the page in the
first language that they accept, if it has that, and else in English. So has gradio's own list of languages, in its
settings, for a language that the browser does not accept.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import Scope

from page.gradio_patches.document_rewriter import DocumentRewriter

OTHERWISE = "en"
_MARK = b'"i18n_translations":'


class AcceptedTexts(DocumentRewriter):
    """ASGI middleware that takes the other languages out of gradio's document. It goes inside of any compression."""

    def rewrite(self, document: bytes, scope: Scope) -> bytes:
        accepted = Headers(scope=scope).get("accept-language")
        before, mark, rest = document.partition(_MARK)
        if not mark or not accepted:
            return document
        text = rest.decode("utf-8")
        try:
            texts, end = json.JSONDecoder().raw_decode(text)
        except ValueError:
            return document
        if not isinstance(texts, dict):  # null, if the page has none
            return document
        wanted = accepted_languages(accepted, texts)
        shown = json.dumps({language: texts[language] for language in wanted}, ensure_ascii=False)
        # As gradio writes it: no tag begins or ends in a script.
        safe = shown.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
        return before + mark + (safe + text[end:]).encode("utf-8")


def accepted_languages(header: str, known: Collection[str]) -> list[str]:
    """Returns those of the known languages that an Accept-Language header names, after English, if that is known."""
    tags = [part.split(";")[0].strip().lower() for part in header.split(",")]
    named = [code for tag in tags for code in (tag, tag.split("-")[0])]
    return [code for code in dict.fromkeys([OTHERWISE, *named]) if code in known]
