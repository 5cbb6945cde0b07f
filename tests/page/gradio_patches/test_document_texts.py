"""The sentences in the document: of the languages that the browser accepts, and no others."""

from __future__ import annotations

import json
import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from page.gradio_patches.document_texts import AcceptedTexts
from page.texts import TEXTS

CONFIG = re.compile(r"gradio_config = (\{.*\});</script>")


def documents(texts: object) -> TestClient:
    """A client of an app whose document has a config with these texts."""
    config = json.dumps({"title": "é", "i18n_translations": texts, "dependencies": []}, ensure_ascii=False)
    written = config.replace("</", "\\u003c/").replace('": ', '":')

    async def document(_: Request) -> HTMLResponse:
        return HTMLResponse(f"<script>window.gradio_config = {written};</script><p>rest</p>")

    return TestClient(Starlette(routes=[Route("/", document)], middleware=[Middleware(AcceptedTexts)]))


def sent(texts: object, accepted: str) -> dict[str, object]:
    answer = documents(texts).get("/", headers={"Accept-Language": accepted})
    assert answer.text.endswith("<p>rest</p>") and "Accept-Language" in answer.headers["vary"]
    found = CONFIG.search(answer.text)
    assert found
    return dict(json.loads(found[1]))


@pytest.mark.parametrize(
    ("accepted", "languages"),
    [
        ("de-AT,de;q=0.9,fr;q=0.5", {"en", "de", "fr"}),
        ("ja", {"en", "ja"}),
        ("zh-Hant-TW", {"en", "zh"}),
        ("pt-BR, *;q=0.1", {"en"}),
    ],
)
def test_a_document_has_the_languages_that_are_accepted_and_english(
    accepted: str, languages: set[str]
) -> None:
    config = sent(TEXTS, accepted)
    assert config["i18n_translations"] == {language: TEXTS[language] for language in languages}
    assert config["title"] == "é" and config["dependencies"] == []


def test_no_sentence_ends_the_script() -> None:
    texts = {"en": {"bad": "</script><b> & more"}}
    assert "</script><b>" not in documents(texts).get("/", headers={"Accept-Language": "en"}).text
    assert sent(texts, "en")["i18n_translations"] == texts


def test_without_a_header_or_texts_the_document_stays_as_it_is() -> None:
    client = documents(TEXTS)
    client.headers.pop("accept-language", None)
    found = CONFIG.search(client.get("/", headers={"Accept-Language": ""}).text)
    assert found and json.loads(found[1])["i18n_translations"] == TEXTS
    assert sent(None, "de")["i18n_translations"] is None
