"""What a server that is about to end still takes."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.responses import PlainTextResponse

from engine import Config, Engine
from server.closing import RefuseNewWork
from tests.support.raw_http import error_of


def ask(engine: Engine, method: str, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(RefuseNewWork(PlainTextResponse("taken"), engine))

    async def once() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            return await client.request(method, path)

    return asyncio.run(once())


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/transcribe", "/below/gradio_api/queue/join"])
def test_new_work_is_refused_before_it_is_read(path: str) -> None:
    engine = Engine(Config())  # is never started
    assert ask(engine, "POST", path).text == "taken"
    engine.refuse()
    refused = ask(engine, "POST", path)
    error_of(refused, 503, "closed")
    assert int(refused.headers["retry-after"]) > 0 and refused.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/gradio_api/cancel"), ("POST", "/gradio_api/component_server"), ("GET", "/health/ready")],
)
def test_what_brings_no_work_is_still_served(method: str, path: str) -> None:
    engine = Engine(Config())
    engine.refuse()
    assert ask(engine, method, path).text == "taken"
