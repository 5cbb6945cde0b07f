"""The public endpoints for gradio's clients that align a text. Parameters are positional there: append only.

/align         a recording and its text in, the text with the time of every word out, with progress
/align_stream  the same, with every update; the last one holds the transcript
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any, Literal

import gradio as gr
from anyio import to_thread
from gradio.data_classes import FileData

from engine import Update
from engine.errors import InvalidOption
from engine.options import specs
from engine.text_alignment.given_text import ALIGN_OPTIONS, GivenText
from engine.text_alignment.text_formats import ONLY, Only, read_text
from page.gradio_api import (
    MAX_TRANSCRIPTIONS,
    Endpoint,
    TranscribeEndpoint,
    by_name,
    described,
    option_parameters,
    progress_of,
    update_of,
)
from page.gradio_errors import as_gradio_error
from page.gradio_patches.parameter_names import describe_parameters
from page.gradio_patches.uploaded_files import uploaded
from server.async_engine import last_transcript
from server.routes.align import MAX_TEXT_BYTES

_SPECS = [spec for name in ALIGN_OPTIONS for spec in specs() if spec.name == name]


def add_align_endpoints(transcriber: TranscribeEndpoint) -> None:
    """Adds the endpoints to the Blocks that is open."""
    for endpoint in (_align(transcriber), _align_stream(transcriber)):
        dependency = gr.api(
            endpoint,
            api_name=endpoint.__name__,
            concurrency_id="transcribe",
            concurrency_limit=MAX_TRANSCRIPTIONS,
        )
        describe_parameters(dependency, endpoint)


def _align(transcriber: TranscribeEndpoint) -> Endpoint:
    async def align(
        file: Any, text: str = "", text_file: Any = None, only: Only = "all", *rest: Any
    ) -> dict[str, Any] | None:
        *values, request = rest
        progress = gr.Progress()  # not a parameter: gr.api would take it for one of the caller's

        def show(update: Update) -> None:
            progress(progress_of(update), desc=update.stage, unit="seconds")

        given = await _text(text, text_file, only)
        updates = transcriber.updates(file, by_name(_SPECS, values), request, given)
        transcript = await last_transcript(updates, show)
        return transcript.to_dict() if transcript else None

    return _endpoint(
        align,
        "Finds the time of every word of a text in its recording.",
        "The transcript, as of /transcribe, with the words of the text; those that were not said have said: false.",
    )


def _align_stream(transcriber: TranscribeEndpoint) -> Endpoint:
    async def align_stream(
        file: Any, text: str = "", text_file: Any = None, only: Only = "all", *rest: Any
    ) -> AsyncIterator[dict[str, Any]]:
        *values, request = rest
        given = await _text(text, text_file, only)
        async with aclosing(transcriber.updates(file, by_name(_SPECS, values), request, given)) as updates:
            async for update in updates:
                yield update_of(update)

    return _endpoint(
        align_stream,
        "Aligns as /align does, and answers with what is found as it is found.",
        "An update, as of /transcribe_stream.",
    )


async def _text(text: str, text_file: Any, only: Only) -> GivenText:
    """Reads the text that a client sent, in either way. Raises gr.Error."""
    path = uploaded(text_file) if text_file else None
    with as_gradio_error():
        if bool(text) == bool(path):
            raise InvalidOption("A text or a text_file is needed, and not both.", "Send one of them.", "text")
        return await to_thread.run_sync(_read, text, path, only)


def _read(text: str, path: Path | None, only: Only) -> GivenText:
    if path is None:
        return read_text(text, only=only)
    with path.open("rb") as file:
        content = file.read(MAX_TEXT_BYTES + 1)
    if len(content) > MAX_TEXT_BYTES:
        raise InvalidOption(
            f"text_file is larger than {MAX_TEXT_BYTES:,} bytes.", "Send it in parts.", "text_file"
        )
    try:
        return read_text(content.decode(), path.name, only=only)
    except UnicodeDecodeError:
        raise InvalidOption("text_file is not written in UTF-8.", "Save it as UTF-8.", "text_file") from None


def _endpoint(function: Endpoint, does: str, returns: str) -> Endpoint:
    """Gives a function of (file, text, text_file, only, *options, request) the signature that gradio reads."""
    kind = Parameter.POSITIONAL_OR_KEYWORD
    parameters = [
        Parameter("file", kind, annotation=FileData),
        Parameter("text", kind, default="", annotation=str),
        Parameter("text_file", kind, default=None, annotation=FileData | None),
        Parameter("only", kind, default=ONLY[0], annotation=Literal[ONLY]),
        *option_parameters(_SPECS),
        Parameter("request", kind, default=None, annotation=gr.Request),
    ]
    helps = {
        "file": "The recording, an uploaded audio or video file.",
        "text": "What is said: plain text, Markdown, SRT, WebVTT, ASS, or JSON as /transcribe or WhisperX writes it.",
        "text_file": "The same as an uploaded file, instead of the text.",
        "only": "With 'changed', the text is a transcript's JSON, and only interpolated words are timed.",
        **{spec.name: spec.sentence for spec in _SPECS},
    }
    return described(
        function, Signature(parameters, return_annotation=dict), does, helps=helps, returns=returns
    )
