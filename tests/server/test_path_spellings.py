"""Spellings of paths lead to the route that is meant, and no other path is touched."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.openapi.document import document
from server.path_spellings import PathSpellings

ROUTES = (
    "/transcribe",
    "/jobs",
    "/jobs/{id}",
    "/v1/audio/transcriptions",
    "/v1/models",
    "/v1/models/{model:path}",
)


async def nowhere(*_: Any) -> None:
    raise AssertionError


@pytest.fixture(scope="module")
def spellings() -> PathSpellings:
    return PathSpellings(nowhere, ROUTES)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/transcribe/", "/transcribe"),
        ("/jobs/", "/jobs"),
        ("/jobs/a1/", "/jobs/a1"),
        ("/v1/v1/audio/transcriptions/", "/v1/audio/transcriptions"),
        ("/audio/transcriptions", "/v1/audio/transcriptions"),
        ("//audio//transcriptions", "/v1/audio/transcriptions"),
        ("/models/openai/whisper-1", "/v1/models/openai/whisper-1"),
    ],
)
def test_a_spelling_is_led_to_its_route(spellings: PathSpellings, path: str, meant: str) -> None:
    assert spellings.meant(path) == meant


@pytest.mark.parametrize(
    "path", ["/", "", "//", "/v1", "/v1/", "/v1/transcribe", "/gradio_api/upload/", "/login/", "/v1audio/x"]
)
def test_any_other_path_is_left_alone(spellings: PathSpellings, path: str) -> None:
    assert spellings.meant(path) == path


def test_the_prefix_of_the_application_stays() -> None:
    seen: list[dict[str, Any]] = []

    async def app(scope: dict[str, Any], *_: Any) -> None:
        seen.append(scope)

    scope = {"type": "http", "path": "/speech/audio/transcriptions/", "root_path": "/speech"}
    asyncio.run(PathSpellings(app, ROUTES)(scope, nowhere, nowhere))  # type: ignore[arg-type]
    assert seen[0]["path"] == "/speech/v1/audio/transcriptions"


@pytest.mark.parametrize(("prefix", "url"), [("", "/"), ("/speech", "/speech")])
def test_the_openapi_document_names_the_prefix(prefix: str, url: str) -> None:
    assert document(prefix)["servers"] == [{"url": url}]
