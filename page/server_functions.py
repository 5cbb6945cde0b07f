"""Functions that the page's scripts call: export, zip, load, correct, delete and transcribe again.

None of them is part of the public API. Each is a coroutine that takes one JSON object and returns one; the work
runs in a thread. An error that the user can mend is returned as {"error": sentence, "code": for translation}.
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
from page.edited_transcript import parse_edited_transcript
from page.identity import caller_name
from page.old_messages import current_form
from page.retranscribe import retranscribe
from page.transcript_store import TranscriptStore
from server.caller_limits import CallerLimits
from server.disconnect import disconnected

MAX_STEM = 200  # bytes of a file name without its ending; file systems allow 255 with it
MAX_TOKENS = 500  # deleted with one request

# Characters that some file system refuses, and marks that change the direction of the letters around them.
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+')

_log = logging.getLogger("wordlight.page")

Answer = dict[str, Any]


def server_functions(
    engine: Engine, store: TranscriptStore, limits: CallerLimits
) -> list[Callable[..., Any]]:
    """Returns the functions; the scripts call them by their names."""
    bundles = Bundles()
    # Not anyio's shared threads: a stretch may take minutes.
    slow_threads = CapacityLimiter(max(1, engine.config.max_requests))

    async def export(asked: Any) -> Answer:
        """{document, format, limits} -> {name, type, text}: one file."""
        return await _answer(_export, asked)

    async def bundle(asked: Any, request: gr.Request) -> Answer:
        """{documents, limits, formats} -> {name, zip in base64}: each document in each format."""
        async with disconnected(request) as left:
            return await _result_or_error(partial(bundles.make, caller_name(request), asked, safe_stem, left))

    async def recall(asked: Any) -> Answer:
        """{token, brief} -> {state, media, message} of a kept transcript, or {state: "working" or "gone"}.

        A brief answer has the state alone.
        """

        def work(asked: Any) -> Answer:
            found = store.state(asked["token"])
            if asked.get("brief") or "message" not in found:
                return {"state": found["state"]}
            return found | {"message": current_form(found["message"])}

        return await _answer(work, asked)

    async def revise(asked: Any) -> Answer:
        """{token, segments, by_hand, speakers} -> {kept_until, coverage}: keeps a transcript as it was corrected.

        Everyone with the link may do so, and may delete it. by_hand: the indices of words that were typed.
        speakers: those of the contract; if they are left out, they stay as they are.
        """
        return await _answer(lambda asked: _revise(store, asked), asked)

    async def forget(asked: Any) -> Answer:
        """{tokens} -> {}: deletes kept transcripts and their recordings now."""

        def work(asked: Any) -> Answer:
            for token in list(asked["tokens"])[:MAX_TOKENS]:
                store.delete(token)
            return {}

        return await _answer(work, asked)

    async def again(asked: Any, request: gr.Request) -> Answer:
        """{token, start, end, language, vad_sensitivity} -> {segments}: a stretch, transcribed again."""
        async with disconnected(request) as left:

            def work(asked: Any) -> Answer:
                with limits.slot(caller_name(request)) as slot:
                    return retranscribe(engine, store, asked, left=left, note=slot.note)

            return await _answer(work, asked, slow_threads)

    return [export, bundle, recall, revise, forget, again]


async def _answer(
    work: Callable[[Any], Answer], asked: Any, threads: CapacityLimiter | None = None
) -> Answer:
    return await _result_or_error(partial(to_thread.run_sync, work, asked, limiter=threads))


async def _result_or_error(work: Callable[[], Awaitable[Answer | None]]) -> Answer:
    """Returns the result of the work, or its error; empty if the client has disconnected."""
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
    name = safe_stem(document.get("name", ""))
    content = write(parse_edited_transcript(document), format, _limits(asked.get("limits")), name)
    writer = WRITERS[format]
    return {
        "name": name + writer.extension,
        "type": writer.media_type,
        "text": content,
    }


def _revise(store: TranscriptStore, asked: Any) -> Answer:
    """Stores corrected segments. Raises NotKept, StorageFull, and InvalidOption if they cannot be read."""
    token = asked["token"]
    answer: Answer = {}

    def corrected(message: Answer) -> Answer:
        meta = message["meta"]
        speakers = asked.get("speakers", meta["transcript"].get("speakers", []))
        document = {
            "transcript": meta["transcript"] | {"speakers": speakers},
            "segments": asked["segments"],
        }
        edited = parse_edited_transcript(document)
        segments = edited.segments
        meta["transcript"]["speakers"] = [speaker.to_dict() for speaker in edited.speakers]
        words = sum(len(segment.words) for segment in segments)
        meta |= {"by_hand": sorted(set(map(int, asked["by_hand"])) & set(range(words)))}
        meta |= {"kept_until": time.time() + store.keep_seconds}
        meta["transcript"]["coverage"] = answer["coverage"] = _coverage(meta, segments)
        return message | messages.transcript_message(token, segments, 0, done=True)

    return {"kept_until": store.replace(token, corrected), **answer}


def _coverage(meta: dict[str, Any], segments: Sequence[Segment]) -> list[dict[str, Any]]:
    """Returns the stretches in which speech and the corrected words disagree, as far as both are known."""
    if not meta.get("sound"):
        return list(meta["transcript"].get("coverage", []))
    until = meta.get("checked", math.inf)
    if until is None:  # speech was not detected
        return []
    speech = [SpeechRegion(start, end) for start, end in meta["sound"]["speech"]]
    words = [word for segment in segments for word in segment.words]
    return [found.to_dict() for found in find_mismatches(speech, words, until)]


def _limits(asked: Any) -> CueLimits:
    """Returns the limits of the page's fields; an empty field is at its default. Raises InvalidOption."""
    return CueLimits.of(asked or {})


def safe_stem(name: Any) -> str:
    """Returns the name of a recording without its ending, in a form that every file system accepts."""
    safe = _UNSAFE.sub("_", Path(str(name)).stem).strip(" .")
    return safe.encode()[:MAX_STEM].decode(errors="ignore").rstrip(" .") or "transcript"
