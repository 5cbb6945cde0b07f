"""The language that the reader has chosen for the page comes before those of the browser."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from page.chosen_language import COOKIE, ChosenLanguage


def accepted(cookie: str, browsers: str | None) -> str:
    """What an app below the middleware is told of the languages that a request accepts."""

    async def told(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.headers.get("accept-language", ""))

    app = Starlette(routes=[Route("/", told)], middleware=[Middleware(ChosenLanguage)])
    with TestClient(app) as client:
        client.headers.pop("accept-language", None)
        headers = {"cookie": cookie.encode("latin-1")} | (
            {"accept-language": browsers.encode()} if browsers else {}
        )
        return client.get("/", headers=headers).text


@pytest.mark.parametrize(
    ("cookie", "browsers", "told"),
    [
        (f"a=b; {COOKIE}=de", "fr-FR, en;q=0.5", "de, fr-FR, en;q=0.5"),
        (f"{COOKIE}=ja", None, "ja"),
        ("a=b", "fr-FR", "fr-FR"),
        (f"{COOKIE}=it", "fr-FR", "fr-FR"),  # none of the page's
        (f"{COOKIE}=de\u00e9", "fr-FR", "fr-FR"),
    ],
)
def test_a_chosen_language_is_the_first_that_is_accepted(
    cookie: str, browsers: str | None, told: str
) -> None:
    assert accepted(cookie, browsers) == told
