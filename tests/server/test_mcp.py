"""The tools for language models, over the protocol's own client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult
from starlette.routing import Route

from engine import Config, Engine
from jobs.recordings import NAME
from jobs.service import Jobs
from server import CallerLimits, open_folder, routes
from server.body_limits import IDS_BYTES
from tests.support.app import MAX_BYTES, App
from tests.support.raw_http import error_of
from tests.support.route_table import KEY, ClosedApp

TOOLS = {
    "request_upload",
    "transcribe",
    "align",
    "job_status",
    "export_transcript",
    "remove_transcription",
    "list_languages",
}
HEADERS = {"Accept": "application/json, text/event-stream"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}

Conversation = Callable[[ClientSession], Awaitable[Any]]


def talk(url: str, conversation: Conversation, **headers: str) -> Any:
    """Returns what a conversation returns that the client has with the server."""

    async def run() -> Any:
        async with (
            httpx.AsyncClient(headers=headers, timeout=120) as http,
            streamable_http_client(f"{url}/mcp", http_client=http) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await conversation(session)

    return asyncio.run(run())


def facts_of(result: CallToolResult) -> dict[str, Any]:
    return json.loads(result.content[0].text)  # type: ignore[union-attr]


def text_of(result: CallToolResult) -> str:
    return result.content[1].text  # type: ignore[union-attr]


async def uploaded(session: ClientSession, content: bytes) -> str:
    """Sends a file as the tool says, with no key; returns its upload_id."""
    ticket = facts_of(await session.call_tool("request_upload", {}))
    async with httpx.AsyncClient() as http:
        answer = await http.put(ticket["upload_url"], content=content)
    assert answer.status_code == 201 and answer.json()["bytes"] == len(content)
    return ticket["upload_id"]


def held(app: App) -> list[Path]:
    return list((app.folder / "temp" / NAME / "incoming").glob("mcp-*"))


def test_a_client_lists_the_tools_and_what_each_is_for(app: App) -> None:
    found = talk(app.url, lambda session: session.list_tools()).tools
    assert {tool.name for tool in found} == TOOLS
    for tool in found:
        assert tool.description.endswith(".") and tool.inputSchema["additionalProperties"] is False
        assert all(schema["description"] for schema in tool.inputSchema["properties"].values())
    assert [tool.name for tool in found if tool.annotations.destructiveHint] == ["remove_transcription"]
    assert {"language", "speakers", "model"} <= next(
        tool.inputSchema["properties"].keys() for tool in found if tool.name == "transcribe"
    )


def test_a_clip_is_uploaded_transcribed_exported_and_removed(app: App, speech: Path) -> None:
    progress: list[float] = []

    async def note(done: float, _total: float | None, _message: str | None) -> None:
        progress.append(done)

    async def conversation(session: ClientSession) -> None:
        upload = await uploaded(session, speech.read_bytes())
        answer = await session.call_tool(
            "transcribe", {"upload_id": upload, "language": "en", "wait_seconds": 120}, progress_callback=note
        )
        facts = facts_of(answer)
        assert not answer.isError and facts["state"] == "done" and facts["language"] == "en"
        assert "quick brown fox" in text_of(answer).lower()
        assert held(app) == [], "the file went into the job"

        job = {"job_id": facts["job_id"]}
        part = await session.call_tool("export_transcript", {**job, "format": "srt", "max_characters": 20})
        assert text_of(part).startswith("1\n00:00:0") and facts_of(part)["next_offset"] == 20
        rest = await session.call_tool("export_transcript", {**job, "format": "srt", "offset": 20})
        assert facts_of(rest)["next_offset"] is None and "fox" in text_of(rest)
        assert facts_of(await session.call_tool("job_status", job))["state"] == "done"

        again = await session.call_tool("transcribe", {"upload_id": upload})
        assert again.isError and "upload" in facts_of(again)["error"]["hint"]
        assert facts_of(await session.call_tool("remove_transcription", job))["job_id"] == job["job_id"]
        gone = await session.call_tool("job_status", job)
        assert gone.isError and facts_of(gone)["error"]["code"] == "not_found"

    talk(app.url, conversation)
    assert progress and progress == sorted(progress)


def test_a_given_text_is_timed(app: App, speech: Path) -> None:
    text = "The quick brown fox jumps over the lazy dog."

    async def conversation(session: ClientSession) -> None:
        upload = await uploaded(session, speech.read_bytes())
        asked = {"upload_id": upload, "text": text, "language": "en", "format": "tsv", "wait_seconds": 120}
        answer = await session.call_tool("align", asked)
        assert not answer.isError and facts_of(answer)["state"] == "done"
        assert [word for word in ("quick", "lazy", "dog") if word not in text_of(answer)] == []
        await session.call_tool("remove_transcription", {"job_id": facts_of(answer)["job_id"]})

    talk(app.url, conversation)


def test_a_long_recording_answers_with_a_job_that_can_be_cancelled(app: App, long_talk: Path) -> None:
    async def conversation(session: ClientSession) -> None:
        upload = await uploaded(session, long_talk.read_bytes())
        facts = facts_of(await session.call_tool("transcribe", {"upload_id": upload, "wait_seconds": 0}))
        assert facts["state"] in ("queued", "running") and "job_status" in facts["hint"]
        early = await session.call_tool("export_transcript", {"job_id": facts["job_id"]})
        assert early.isError and facts_of(early)["error"]["code"] == "not_done"
        removed = await session.call_tool("remove_transcription", {"job_id": facts["job_id"]})
        assert facts_of(removed)["state"] == "cancelled"
        await session.call_tool("remove_transcription", {"job_id": facts["job_id"]})

    talk(app.url, conversation)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:{port}/health",
        "https://localhost/talk.mp3",
        "https://[::1]/talk.mp3",
        "https://0x7f000001/talk.mp3",
        "https://169.254.169.254/latest/meta-data",
        "http://example.com/talk.mp3",
        "file:///etc/passwd",
    ],
)
def test_a_link_to_this_machine_or_its_network_is_refused(app: App, url: str) -> None:
    link = url.format(port=httpx.URL(app.url).port)
    answer = talk(app.url, lambda session: session.call_tool("transcribe", {"url": link}))
    assert answer.isError and facts_of(answer)["error"]["code"] == "bad_link"


def test_arguments_that_do_not_fit_are_explained(app: App) -> None:
    async def conversation(session: ClientSession) -> None:
        for arguments in ({}, {"url": "https://example.com/a.mp3", "upload_id": "x"}):
            answer = await session.call_tool("transcribe", arguments)
            assert answer.isError and "upload_id or url" in facts_of(answer)["error"]["hint"]
        answer = await session.call_tool("transcribe", {"upload_id": "x", "colour": "red"})
        assert answer.isError and "colour" in answer.content[0].text  # type: ignore[union-attr]
        answer = await session.call_tool("no_such_tool", {})
        assert answer.isError and "transcribe" in answer.content[0].text  # type: ignore[union-attr]
        languages = facts_of(await session.call_tool("list_languages", {}))["languages"]
        assert {"code", "name", "aligner"} <= languages[0].keys() and len(languages) > 90

    talk(app.url, conversation)


def test_the_key_is_required_and_parts_one_caller_s_work_from_others(
    closed_app: ClosedApp, speech: Path
) -> None:
    url = closed_app.url
    error_of(httpx.post(f"{url}/mcp", json=LIST, headers=HEADERS), 401, "unauthorized")
    wrong = httpx.post(f"{url}/mcp", json=LIST, headers=HEADERS | {"X-API-Key": "another"})
    assert wrong.status_code == 401
    with closed_app.signed_in() as reader:  # a login of the page is no key
        assert reader.post("/mcp", json=LIST, headers=HEADERS).status_code == 401

    async def conversation(session: ClientSession) -> None:
        ticket = facts_of(await session.call_tool("request_upload", {}))["upload_url"]
        assert (
            httpx.put(ticket, content=speech.read_bytes()).status_code == 201
        )  # the ticket stands for the key
        forged = ticket[:-1] + ("A" if ticket[-1] != "A" else "B")
        error_of(httpx.put(forged, content=b"x"), 404, "not_found")
        error_of(httpx.put(ticket, content=bytes(MAX_BYTES + 1)), 413, "too_large")
        error_of(httpx.put(ticket, content=b""), 400, "empty_file")

    talk(url, conversation, Authorization=f"Bearer {KEY}")


def test_the_outer_ceilings_hold_for_messages(closed_app: ClosedApp) -> None:
    headers = HEADERS | {"X-API-Key": KEY, "Content-Type": "application/json"}
    url = f"{closed_app.url}/mcp"
    error_of(httpx.post(url, content=b" " * (IDS_BYTES + 1), headers=headers), 413, "too_large")
    deep = b"[" * 1000 + b"]" * 1000
    assert httpx.post(url, content=deep, headers=headers).status_code == 400
    error_of(httpx.get(url, headers=headers), 405, "wrong_method")
    foreign = headers | {"Origin": "https://evil.example"}
    assert httpx.post(url, json=LIST, headers=foreign).status_code == 403


def test_a_setting_turns_it_off(tmp_path: Path) -> None:
    def paths(mcp: bool) -> set[str]:
        config = Config(temp_dir=tmp_path / "temp", data_dir=tmp_path / "data", offline=True, mcp=mcp)
        engine = Engine(config)
        jobs = Jobs(engine)
        found = routes(engine, CallerLimits(config), open_folder(config), jobs)
        jobs.close(0)
        engine.close()
        return {route.path for route in found if isinstance(route, Route)}

    assert paths(True) - paths(False) == {"/mcp", "/mcp/uploads/{ticket}"}
