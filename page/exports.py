"""What the page's scripts ask the server for: files of a transcript as it stands in the browser, a zip of
many, a kept transcript, its deletion. Nothing here is part of the public API.

Each is a coroutine that takes one JSON object and answers with one; the work is done in a thread. A
failure that the person can mend comes back as {"error": sentence}.
"""

from __future__ import annotations

import asyncio
import base64
import io
import logging
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from engine import Engine
from engine.cues import CueLimits
from engine.documents import read_document
from engine.errors import BadOption, WordlightError
from engine.http.access import Access
from engine.http.running import hanging_up
from engine.writers import FORMATS, WRITERS, write
from page.again import listen_again
from page.callers import name_of
from page.kept import Kept

MAX_STEM = 200  # bytes of the source's name that are kept; file systems allow 255, an ending included
MAX_FILES = 500  # of one zip

_log = logging.getLogger("wordlight.page")

Answer = dict[str, Any]


def server_functions(engine: Engine, kept: Kept, access: Access) -> list[Callable[..., Any]]:
    """Returns the functions, under the names by which the scripts call them."""

    async def export(asked: Any) -> Answer:
        """{document, format, limits} -> {name, type, text}: one file."""
        return await _answer(_export, asked)

    async def bundle(asked: Any) -> Answer:
        """{documents, limits, formats} -> {name, zip in base64}: each document in each format."""
        return await _answer(_bundle, asked)

    async def recall(asked: Any) -> Answer:
        """{token} -> {state, media, message} of a kept transcript, or {state: "working" or "gone"}."""
        return await _answer(lambda asked: kept.ask(asked["token"]), asked)

    async def forget(asked: Any) -> Answer:
        """{tokens} -> {}: deletes kept transcripts and their recordings now."""

        def work(asked: Any) -> Answer:
            for token in list(asked["tokens"])[:MAX_FILES]:
                kept.forget(token)
            return {}

        return await _answer(work, asked)

    async def again(asked: Any, request: gr.Request) -> Answer:
        """{token, start, end, language, vad_sensitivity} -> {segments}: a stretch, heard once more."""
        async with hanging_up(request) as gone:

            def work(asked: Any) -> Answer:
                with access.admit(name_of(request)):
                    return listen_again(engine, kept, asked, gone)

            return await _answer(work, asked)

    return [export, bundle, recall, forget, again]


async def _answer(work: Callable[[Any], Answer], asked: Any) -> Answer:
    try:
        return await asyncio.to_thread(work, asked)
    except WordlightError as error:
        return {"error": str(error)}
    except (KeyError, TypeError, ValueError, AttributeError):
        _log.exception("a request of the page's scripts cannot be read")
        return {"error": str(BadOption("The request cannot be read.", "Reload the page and try again."))}


def _export(asked: Any) -> Answer:
    document, format = asked["document"], asked["format"]
    content = write(read_document(document), format, _limits(asked.get("limits")))
    writer = WRITERS[format]
    return {
        "name": stem(document.get("name", "")) + writer.extension,
        "type": writer.media_type,
        "text": content,
    }


def _bundle(asked: Any) -> Answer:
    formats = [format for format in asked.get("formats") or FORMATS if format in WRITERS]
    limits = _limits(asked.get("limits"))
    packed = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for document in list(asked["documents"])[:MAX_FILES]:
            transcript = read_document(document)
            name = _free(stem(document.get("name", "")), taken)
            for format in formats:
                content = write(transcript, format, limits)
                archive.writestr(f"{name}/{name}{WRITERS[format].extension}", content)
    return {"name": "transcripts.zip", "zip": base64.b64encode(packed.getvalue()).decode()}


def _limits(asked: Any) -> CueLimits:
    """Returns the limits that the page's fields say; an empty one is at its default. Raises BadOption."""
    return CueLimits.of(asked or {})


def stem(name: Any) -> str:
    """Returns the name of a recording without its ending, as any file system takes it."""
    safe = re.sub(r"[^\w .()-]+", "_", Path(str(name)).stem).strip(" .")
    return safe.encode()[:MAX_STEM].decode(errors="ignore").rstrip(" .") or "transcript"


def _free(name: str, taken: set[str]) -> str:
    """Returns the name, or one with a number where it is taken, whichever case file systems tell apart."""
    free = name
    number = 2
    while free.casefold() in taken:
        free = f"{name} ({number})"
        number += 1
    taken.add(free.casefold())
    return free
