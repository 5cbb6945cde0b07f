"""Forms as clients of OpenAI's interface send them, read by the server's own parts without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from starlette.requests import Request
from starlette.types import Message

from engine import Config, Engine
from engine.options import Task
from server import CallerLimits
from server.disk_space import DiskSpace
from server.endpoint import ServerState
from server.form_fields import FormFields
from server.metrics import Metrics
from server.multipart import Form, read_form
from server.openai_request import OpenAIRequest, form_fields, read_request

MAX_BYTES = 1_000_000
Part = tuple[str, str]  # name and value of a field


@contextmanager
def server_state(folder: Path, **settings: object) -> Iterator[ServerState]:
    """Gives the state of a server whose models are not loaded."""
    engine = Engine(Config(temp_dir=folder, offline=True, **settings))  # type: ignore[arg-type]
    yield ServerState(engine, CallerLimits(engine.config), Metrics(engine))
    engine.close()


def encode(parts: Sequence[Part], file: str = "file", content: bytes = b"sound") -> tuple[str, bytes]:
    """Returns content type and body of a form with a recording."""
    files = [(name, (None, value.encode())) for name, value in parts]
    request = httpx.Request(
        "POST",
        "http://localhost",
        files=[*files, (file, ("a.wav", content))],  # type: ignore[list-item]
    )
    return request.headers["content-type"], request.read()


def receive(content_type: str, body: bytes, fields: FormFields, query: str = "") -> Form:
    """Reads a body as the server does."""
    chunks = [body[at : at + 1000] for at in range(0, len(body), 1000)] or [b""]
    messages: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": chunk is not chunks[-1]} for chunk in chunks
    ]

    async def next_message() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": query.encode(),
        "headers": [(b"content-type", content_type.encode())],
    }

    async def read() -> Form:
        with TemporaryDirectory() as folder:
            request = Request(scope, next_message)
            return await read_form(
                request, Path(folder), DiskSpace(Path(folder)), max_bytes=MAX_BYTES, fields=fields
            )

    return asyncio.run(read())


def understood(
    state: ServerState, parts: Sequence[Part], task: Task = "transcribe", file: str = "file"
) -> OpenAIRequest:
    """Returns what the server makes of a form. Raises WordlightError."""
    return read_request(state, task, receive(*encode(parts, file), form_fields(task)))
