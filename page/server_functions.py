"""What the page's scripts ask the server for: files of a transcript as it stands in the browser, a zip of
many, a kept transcript, its correction and its deletion. Nothing here is part of the public API.

Each is a coroutine that takes one JSON object and answers with one; the work is done in a thread. A
failure that the person can mend comes back as {"error": sentence, "code": what the page translates}.
"""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from anyio import CapacityLimiter, to_thread

from engine import Engine, Segment
from engine.errors import InvalidOption, WordlightError
from engine.export.cues import CueLimits
from engine.export.writers import WRITERS, write
from engine.regions import SpeechRegion
from engine.text.coverage import find_mismatches
from page import messages
from page.bundles import Bundles
from page.callers import caller_name
from page.edited_transcript import parse_edited_transcript
from page.kept import Kept
from page.old_messages import current_form
from page.retranscribe import listen_again
from server.access import Access
from server.async_engine import disconnected

MAX_STEM = 200  # bytes of the source's name that are kept; file systems allow 255, an ending included
MAX_TOKENS = 500  # deleted with one request

# What some file system refuses, and marks that would turn the letters around them.
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+')

_log = logging.getLogger("wordlight.page")

Answer = dict[str, Any]


def server_functions(engine: Engine, kept: Kept, access: Access) -> list[Callable[..., Any]]:
    """Returns the functions, under the names by which the scripts call them."""
    bundles = Bundles()
    # Threads of their own: what hears a stretch for minutes must not take those that answer everyone.
    hearing = CapacityLimiter(max(1, engine.config.max_requests))

    async def export(asked: Any) -> Answer:
        """{document, format, limits} -> {name, type, text}: one file."""
        return await _answer(_export, asked)

    async def bundle(asked: Any, request: gr.Request) -> Answer:
        """{documents, limits, formats} -> {name, zip in base64}: each document in each format."""
        async with disconnected(request) as gone:
            return await _told(partial(bundles.make, caller_name(request), asked, safe_stem, gone))

    async def recall(asked: Any) -> Answer:
        """{token, brief} -> {state, media, message} of a kept transcript, or {state: "working" or "gone"}.

        A brief answer has the state alone.
        """

        def work(asked: Any) -> Answer:
            found = kept.ask(asked["token"])
            if asked.get("brief") or "message" not in found:
                return {"state": found["state"]}
            return found | {"message": current_form(found["message"])}

        return await _answer(work, asked)

    async def revise(asked: Any) -> Answer:
        """{token, segments, by_hand} -> {kept_until, coverage}: keeps a transcript as its reader has corrected it.

        Who has the link may do so, as they may delete it. by_hand: the indices of words that were typed.
        """
        return await _answer(lambda asked: _revise(kept, asked), asked)

    async def forget(asked: Any) -> Answer:
        """{tokens} -> {}: deletes kept transcripts and their recordings now."""

        def work(asked: Any) -> Answer:
            for token in list(asked["tokens"])[:MAX_TOKENS]:
                kept.forget(token)
            return {}

        return await _answer(work, asked)

    async def again(asked: Any, request: gr.Request) -> Answer:
        """{token, start, end, language, vad_sensitivity} -> {segments}: a stretch, heard once more."""
        async with disconnected(request) as gone:

            def work(asked: Any) -> Answer:
                with access.admit(caller_name(request)) as place:
                    return listen_again(engine, kept, asked, gone, place.note)

            return await _answer(work, asked, hearing)

    return [export, bundle, recall, revise, forget, again]


async def _answer(
    work: Callable[[Any], Answer], asked: Any, threads: CapacityLimiter | None = None
) -> Answer:
    return await _told(partial(to_thread.run_sync, work, asked, limiter=threads))


async def _told(work: Callable[[], Awaitable[Answer | None]]) -> Answer:
    """Returns what the work does, or why it failed; nothing where nobody waits for it any more."""
    try:
        return await work() or {}
    except WordlightError as error:
        return _failed(error)
    except (KeyError, TypeError, ValueError, AttributeError):
        _log.exception("a request of the page's scripts cannot be read")
        return _failed(InvalidOption("The request cannot be read.", "Reload the page and try again."))


def _failed(error: WordlightError) -> Answer:
    return {"error": str(error), "code": error.code}


def _export(asked: Any) -> Answer:
    document, format = asked["document"], asked["format"]
    content = write(parse_edited_transcript(document), format, _limits(asked.get("limits")))
    writer = WRITERS[format]
    return {
        "name": safe_stem(document.get("name", "")) + writer.extension,
        "type": writer.media_type,
        "text": content,
    }


def _revise(kept: Kept, asked: Any) -> Answer:
    """Raises NotKept, StorageFull, and BadTranscript where the segments cannot be read."""
    token = asked["token"]
    answer: Answer = {}

    def corrected(message: Answer) -> Answer:
        meta = message["meta"]
        document = {"transcript": meta["transcript"], "segments": asked["segments"]}
        segments = parse_edited_transcript(document).segments
        words = sum(len(segment.words) for segment in segments)
        meta |= {"by_hand": sorted(set(map(int, asked["by_hand"])) & set(range(words)))}
        meta |= {"kept_until": time.time() + kept.keep_seconds}
        meta["transcript"]["coverage"] = answer["coverage"] = _coverage(meta, segments)
        return message | messages.transcript_message(token, segments, 0, done=True)

    return {"kept_until": kept.replace(token, corrected), **answer}


def _coverage(meta: dict[str, Any], segments: Sequence[Segment]) -> list[dict[str, Any]]:
    """Returns where speech and the words as they now stand disagree, up to where both are known."""
    if not meta.get("sound"):
        return list(meta["transcript"].get("coverage", []))
    until = meta.get("checked", math.inf)
    if until is None:  # no speech was looked for
        return []
    speech = [SpeechRegion(start, end) for start, end in meta["sound"]["speech"]]
    words = [word for segment in segments for word in segment.words]
    return [found.to_dict() for found in find_mismatches(speech, words, until)]


def _limits(asked: Any) -> CueLimits:
    """Returns the limits that the page's fields say; an empty one is at its default. Raises InvalidOption."""
    return CueLimits.of(asked or {})


def safe_stem(name: Any) -> str:
    """Returns the name of a recording without its ending, as any file system takes it."""
    safe = _UNSAFE.sub("_", Path(str(name)).stem).strip(" .")
    return safe.encode()[:MAX_STEM].decode(errors="ignore").rstrip(" .") or "transcript"
