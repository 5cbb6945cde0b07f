"""The public endpoints for gradio's clients. Parameters are positional there: append only.

    /transcribe         a recording in, its transcript out, with progress on the way
    /transcribe_stream  the same, answering with every update and with the transcript in the last
    /languages          what can be asked for
    /health             what is loaded, on what
    /export             a transcript in, a file of any format out

The options' parameters are made from the options themselves.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, aclosing
from inspect import Parameter, Signature
from math import ceil
from pathlib import Path
from typing import Any, Literal

import gradio as gr
from anyio import CapacityLimiter, to_thread
from gradio.context import get_blocks_context
from gradio.data_classes import FileData
from gradio.utils import get_function_description

from engine import Engine, Options, Update, WordlightError
from engine.export.cues import CueLimits, limit_specs
from engine.export.writers import FORMATS, WRITERS, write
from engine.languages import AUTO
from engine.log import log_rejected
from engine.option_specs import OptionSpec
from engine.options import specs
from engine.text.validation import validate_transcript
from page.callers import as_gradio_error, caller_left, caller_name
from page.components import uploaded
from page.kept import Kept
from server.access import Access
from server.async_engine import last_transcript, stream_updates

# Transcriptions of the page and of these endpoints at a time; more wait in line. A caller has a quarter of them.
AT_ONCE = 16
ANSWERS_AT_ONCE = 8  # of the short endpoints

Endpoint = Callable[..., Any]


def add_endpoints(engine: Engine, access: Access, kept: Kept) -> None:
    """Adds the endpoints to the Blocks that is open."""
    work: dict[str, Any] = {"concurrency_id": "transcribe", "concurrency_limit": AT_ONCE}
    short: dict[str, Any] = {"concurrency_id": "short", "concurrency_limit": ANSWERS_AT_ONCE}
    hearing = _TranscribeEndpoint(engine, access, kept)
    for endpoint, limits in (
        (_transcribe(hearing), work),
        (_transcribe_stream(hearing), work),
        (_languages(engine), short),
        (_health(engine), short),
        (_export(kept), short),
    ):
        _describe_parameters(gr.api(endpoint, api_name=endpoint.__name__, **limits), endpoint)


def _describe_parameters(added: Mapping[str, Any], endpoint: Endpoint) -> None:
    """Names and describes what an endpoint takes and returns, where gradio has it as "1st", "2nd" and so on."""
    _, helps, (returns,) = get_function_description(endpoint)
    blocks = get_blocks_context()
    assert blocks is not None, "gr.api has added to it"
    for identity, (name, text) in zip(added["inputs"], helps.items(), strict=False):  # the request is none
        _label(blocks.blocks[identity], name, additional_description=text)
    for identity in added["outputs"]:
        _label(blocks.blocks[identity], "Returns", description=returns)


def _label(part: Any, label: str, **description: str) -> None:
    part.label = label
    part._api_info = {**part._api_info, **description}


class _TranscribeEndpoint:
    """A recording on its way through the engine, for one caller."""

    def __init__(self, engine: Engine, access: Access, kept: Kept) -> None:
        self._engine = engine
        self._access = access
        self._kept = kept
        self._threads = CapacityLimiter(2 * AT_ONCE)  # those who close a run need a thread too

    async def updates(self, file: Any, values: Sequence[Any], request: gr.Request) -> AsyncGenerator[Update]:
        """Yields the engine's updates; closing or cancelling it ends the work. Raises gr.Error.

        gradio answers to `/cancel` when this has ended, and its client waits five seconds for that: so who
        cancels does not wait for the batch at work.
        """
        media = uploaded(file)
        with as_gradio_error():
            # The place is held for as long as the engine is at work.
            options, place, note = self._let_in(caller_name(request), media, values)
            async with (
                caller_left() as left,
                aclosing(
                    stream_updates(self._engine, media, options, self._threads, place, left, note)
                ) as found,
            ):
                async for update in found:
                    if left.is_set():
                        return
                    yield update

    def _let_in(
        self, caller: str, media: Path, values: Sequence[Any]
    ) -> tuple[Options, ExitStack, Callable[[Update], None]]:
        """Returns what is asked for, what to close when the work is over, and what is to be told of each update.

        The engine never hears of what is refused here, so it is logged here. Raises RateLimited or InvalidOption.
        """
        began = time.monotonic()
        try:
            with ExitStack() as place:
                admitted = place.enter_context(self._access.admit(caller))
                options = Options(*(_none_if_empty(value) for value in values))
                place.enter_context(self._kept.using(media))
                return options, place.pop_all(), admitted.note
        except WordlightError as error:
            log_rejected(error, None, time.monotonic() - began)
            raise


def _transcribe(hearing: _TranscribeEndpoint) -> Endpoint:
    async def transcribe(file: Any, *rest: Any) -> dict[str, Any] | None:
        *values, request = rest
        progress = gr.Progress()  # not a parameter: gr.api would take it for one of the caller's

        def show(update: Update) -> None:
            progress(_done(update), desc=update.stage, unit="seconds")

        transcript = await last_transcript(hearing.updates(file, values, request), show)
        return transcript.to_dict() if transcript else None

    return _recording_endpoint(
        transcribe,
        "Transcribes an audio or video file, with a time for every word.",
        "The transcript: text, language, duration, segments, and words with start, end and probability.",
    )


def _transcribe_stream(hearing: _TranscribeEndpoint) -> Endpoint:
    async def transcribe_stream(file: Any, *rest: Any) -> AsyncIterator[dict[str, Any]]:
        *values, request = rest
        async with aclosing(hearing.updates(file, values, request)) as found:
            async for update in found:
                transcript = update.transcript.to_dict() if update.transcript else None
                yield update.to_dict() | {"transcript": transcript}

    return _recording_endpoint(
        transcribe_stream,
        "Transcribes as /transcribe does, and answers with what is found as it is found.",
        "An update: stage, seconds_done of seconds_total, language, the segments found since the last "
        "update; transcript is null until the last one, which holds all of it.",
    )


def _languages(engine: Engine) -> Endpoint:
    async def languages() -> list[dict[str, str]]:
        with as_gradio_error():
            return await to_thread.run_sync(engine.languages)

    return _described(
        languages,
        Signature(return_annotation=list[dict[str, str]]),
        "Lists the languages that can be transcribed.",
        {},
        "For each language its code, English name, own name, and how its words are timed.",
    )


def _health(engine: Engine) -> Endpoint:
    def health() -> dict[str, Any]:
        with as_gradio_error():
            return engine.health()

    return _described(
        health,
        Signature(return_annotation=dict[str, Any]),
        "Tells what is loaded, and on what.",
        {},
        'status ("loading", "ok" or "failed"), error, device, model, aligners, media_fence, versions, uptime.',
    )


def _export(kept: Kept) -> Endpoint:
    def export(transcript: dict[str, Any], format: str = FORMATS[0], *limits: Any) -> FileData:
        with as_gradio_error():
            content = write(validate_transcript(transcript), format, CueLimits(*limits))
            return _kept(kept, content, f"transcript{WRITERS[format].extension}")

    kind = Parameter.POSITIONAL_OR_KEYWORD
    parameters = [
        Parameter("transcript", kind, annotation=dict[str, Any]),
        Parameter("format", kind, default=FORMATS[0], annotation=Literal[FORMATS]),
        *_parameters(limit_specs()),
    ]
    helps = {
        "transcript": "The JSON that /transcribe returned.",
        "format": "The format of the file; the limits that follow are for those that are subtitles.",
        **{it.name: it.sentence for it in limit_specs()},
    }
    does = "Writes a transcript as a file, in any of the formats that the page offers."
    return _described(export, Signature(parameters, return_annotation=FileData), does, helps, "The file.")


def _kept(kept: Kept, content: str, name: str) -> FileData:
    """Writes a file among the uploads, where gradio serves it and where it expires as they do."""
    path = kept.folder.publish_file(name, content.encode(), "export")
    return FileData(path=str(path), orig_name=name)


def _recording_endpoint(function: Endpoint, does: str, returns: str) -> Endpoint:
    """Gives a function of (file, *options, request) the signature that gradio and people read."""
    kind = Parameter.POSITIONAL_OR_KEYWORD
    file = Parameter("file", kind, annotation=FileData)
    request = Parameter("request", kind, default=None, annotation=gr.Request)
    helps = {
        "file": "The recording, an uploaded audio or video file.",
        **{it.name: it.sentence for it in specs()},
    }
    signature = Signature([file, *_parameters(specs()), request], return_annotation=dict)
    return _described(function, signature, does, helps, returns)


def _described(
    function: Endpoint, signature: Signature, does: str, helps: Mapping[str, str], returns: str
) -> Endpoint:
    """Gives a function the signature, and the docstring that gradio's page of the API is made from."""
    function.__signature__ = signature  # type: ignore[attr-defined]
    function.__annotations__ = {
        **{it.name: it.annotation for it in signature.parameters.values()},
        "return": signature.return_annotation,
    }
    lines = (f"    {name}: {text}" for name, text in helps.items())
    function.__doc__ = "\n".join((does, "", "Parameters:", *lines, "", "Returns:", f"    {returns}"))
    return function


def _parameters(specs: Sequence[OptionSpec]) -> list[Parameter]:
    kind = Parameter.POSITIONAL_OR_KEYWORD
    return [Parameter(it.name, kind, default=_default(it), annotation=_type(it)) for it in specs]


def _type(spec: OptionSpec) -> Any:
    if spec.choices:
        return Literal[spec.choices]
    return str if spec.default is None else type(spec.default)


def _default(spec: OptionSpec) -> Any:
    if spec.name == "language":
        return AUTO
    return "" if spec.default is None else spec.default


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


def _done(update: Update) -> tuple[int, int | None] | float:
    """Returns seconds done and seconds in all, as gr.Progress takes them; 0 while these are not known."""
    if not update.seconds_total:
        return 0.0
    return int(update.seconds_done), ceil(update.seconds_total)
