"""Writes zips of many transcripts in many formats, few at a time, until the client disconnects."""

from __future__ import annotations

import base64
import io
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from anyio import CapacityLimiter, to_thread

from engine.errors import Busy, InvalidOption, RateLimited, TooLarge
from engine.export.cue_limits import CueLimits
from engine.export.writers import FORMATS, WRITERS, encode
from page.edited_transcript import parse_edited_transcript
from page.shown_speakers import with_shown_speakers

MAX_FILES = 500  # documents of one zip
MAX_BYTES = 256 * 1024 * 1024  # of what is packed
CONCURRENCY = 2  # zips written at a time, on threads of their own
MAX_WAITING = 16  # zips that are written or wait
MAX_OF_ONE_CALLER = 2  # of these

Asked = Mapping[str, Any]


class Bundles:
    """Writes zips for the page."""

    def __init__(self) -> None:
        self._threads = CapacityLimiter(CONCURRENCY)
        self._lock = threading.Lock()
        self._of: Counter[str] = Counter()  # zips by caller, waiting included

    async def make(
        self, caller: str, asked: Asked, name_of: Callable[[Any], str], left: threading.Event
    ) -> dict[str, str] | None:
        """Writes each document in each format: {documents, limits, formats} -> {name, zip in base64}.

        Returns None once `left` is set, since the client has disconnected. Raises RateLimited, Busy, TooLarge,
        and InvalidOption if a document cannot be read.
        """
        with self._admitted(caller):
            return await to_thread.run_sync(_pack, asked, name_of, left, limiter=self._threads)

    @contextmanager
    def _admitted(self, caller: str) -> Iterator[None]:
        with self._lock:
            if self._of[caller] >= MAX_OF_ONE_CALLER:
                raise RateLimited(
                    "You already have two downloads in progress.", "Wait until one of them is done."
                )
            if self._of.total() >= MAX_WAITING:
                raise Busy("Too many downloads are in progress.", "Try again in a minute.")
            self._of[caller] += 1
        try:
            yield
        finally:
            with self._lock:
                self._of[caller] -= 1
                if not self._of[caller]:
                    del self._of[caller]


def _pack(asked: Asked, name_of: Callable[[Any], str], left: threading.Event) -> dict[str, str] | None:
    documents = list(asked["documents"])
    if len(documents) > MAX_FILES:
        raise InvalidOption(
            f"{len(documents)} transcripts are too many for one zip.", f"Up to {MAX_FILES} fit."
        )
    formats = _formats(asked.get("formats"))
    limits = CueLimits.of(asked.get("limits") or {})
    packed = io.BytesIO()
    taken: set[str] = set()
    room = MAX_BYTES
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for document in documents:
            transcript = parse_edited_transcript(document)
            name = free_name(name_of(document.get("name", "")), taken)
            for format in formats:
                if left.is_set():
                    return None
                shown = with_shown_speakers(transcript, format, asked.get("shown"))
                content = encode(shown, format, limits, name)
                room -= len(content)
                if room < 0:
                    raise TooLarge(
                        f"This zip would hold more than {MAX_BYTES // 2**20} MiB.",
                        "Download fewer at a time.",
                    )
                archive.writestr(f"{name}/{name}{WRITERS[format].extension}", content)
    return {"name": "transcripts.zip", "zip": base64.b64encode(packed.getvalue()).decode()}


def _formats(asked: Any) -> list[str]:
    """Returns the requested formats that are known, each once; all formats if none is requested."""
    return [format for format in dict.fromkeys(map(str, asked or FORMATS)) if format in WRITERS]


def free_name(name: str, taken: set[str]) -> str:
    """Returns the name, or one with a number if it is taken; upper and lower case count as equal."""
    free = name
    number = 2
    while free.casefold() in taken:
        free = f"{name} ({number})"
        number += 1
    taken.add(free.casefold())
    return free
