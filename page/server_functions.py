"""Functions that the page's scripts call: export, zip, subtitles, transcribe and time again, translate.

None of them is part of the public API. Each is a coroutine that takes one JSON object and returns one; the work
runs in a thread. An error that the user can mend is returned as {"error": sentence, "code": for translation}.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from anyio import CapacityLimiter

from engine import Engine
from engine.export.translated import translated_transcript
from engine.export.writers import TEXT_FORMATS, WRITERS, content_type, encode
from page.bundles import Bundles
from page.edited_transcript import parse_edited_transcript
from page.identity import caller_name
from page.retime import retime
from page.retranscribe import retranscribe
from page.script_answers import Answer, answered, result_or_error
from page.selection import name_of_part, selected_part
from page.shown_speakers import with_shown_speakers
from page.subtitles import limits_of, subtitles_of
from page.transcript_store import TranscriptStore
from page.translate import translate
from server.caller_limits import CallerLimits
from server.disconnect import disconnected

MAX_STEM = 200  # bytes of a file name without its ending; file systems allow 255 with it

# Characters that some file system refuses, and marks that change the direction of the letters around them.
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+')


def server_functions(
    engine: Engine, store: TranscriptStore, limits: CallerLimits
) -> list[Callable[..., Any]]:
    """Returns the functions that work with the engine; page/transcript_functions.py has the others."""
    bundles = Bundles()
    # Not anyio's shared threads: a stretch may take minutes.
    slow_threads = CapacityLimiter(max(1, engine.config.max_requests))

    async def export(asked: Any) -> Answer:
        """{document, format, limits, shown, words?, translated?} -> {name, type, text}: one file.

        One that is no text is in `base64`. With `words`, [first, last] by their indices, it has these alone; if it is
        `translated`, it has the translation in the place of the words.
        """
        return await answered(_export, asked)

    async def bundle(asked: Any, request: gr.Request) -> Answer:
        """{documents, limits, formats, shown} -> {name, zip in base64}: each document in each format."""
        async with disconnected(request) as left:
            return await result_or_error(partial(bundles.make, caller_name(request), asked, safe_stem, left))

    async def slow(work: Callable[..., dict[str, Any]], asked: Any, request: gr.Request) -> Answer:
        """Works on a kept recording within the caller's limits, until the client disconnects."""
        async with disconnected(request) as left:

            def limited(asked: Any) -> Answer:
                with limits.slot(caller_name(request)) as slot:
                    return work(engine, store, asked, left=left, note=slot.note)

            return await answered(limited, asked, slow_threads)

    async def again(asked: Any, request: gr.Request) -> Answer:
        """{token, start, end, language, vad_sensitivity} -> {segments}: a stretch, transcribed again."""
        return await slow(retranscribe, asked, request)

    async def times(asked: Any, request: gr.Request) -> Answer:
        """{token, segments, changed} -> {words}: corrected words, timed by the sound; see `page.retime`."""
        return await slow(retime, asked, request)

    async def english(asked: Any, request: gr.Request) -> Answer:
        """{token, start, end} -> {segments}: a stretch in English; see `page.translate`."""
        return await slow(translate, asked, request)

    async def subtitles(asked: Any) -> Answer:
        """{document, limits, shown} -> {cues, issues}: the subtitles as they are cut, and what the rules find."""
        return await answered(subtitles_of, asked)

    return [export, bundle, subtitles, again, times, english]


def _export(asked: Any) -> Answer:
    document, format = asked["document"], asked["format"]
    name = safe_stem(document.get("name", ""))
    transcript = with_shown_speakers(parse_edited_transcript(document), format, asked.get("shown"))
    if "words" in asked:
        transcript = selected_part(transcript, asked["words"])
        name = name_of_part(name, transcript)
    if asked.get("translated"):
        transcript = translated_transcript(transcript)
        name = f"{name}.{transcript.language}"  # by which players know the language of subtitles
    content = encode(transcript, format, limits_of(asked), name)
    held = (
        {"text": content.decode()}
        if format in TEXT_FORMATS
        else {"base64": base64.b64encode(content).decode()}
    )
    return {"name": name + WRITERS[format].extension, "type": content_type(format), **held}


def safe_stem(name: Any) -> str:
    """Returns the name of a recording without its ending, in a form that every file system accepts."""
    safe = _UNSAFE.sub("_", Path(str(name)).stem).strip(" .")
    return safe.encode()[:MAX_STEM].decode(errors="ignore").rstrip(" .") or "transcript"
