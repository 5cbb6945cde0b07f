"""The public endpoints for gradio's clients. Parameters are positional there: append only.

    /transcribe         a recording in, its transcript out, with progress
    /transcribe_stream  the same, with every update; the last one holds the transcript
    /languages          the languages, and the aligner of each
    /health             the models and their device
    /export             a transcript in, a file of any format out

The parameters are made from the options.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, aclosing
from inspect import Parameter, Signature
from math import ceil
from pathlib import Path
from typing import Any, Literal

import gradio as gr
from anyio import CapacityLimiter, to_thread
from gradio.data_classes import FileData

from engine import Engine, Options, Update, WordlightError
from engine.export.cue_limits import CueLimits, limit_specs
from engine.export.writers import FORMATS, WRITERS, write
from engine.languages import AUTO
from engine.log import log_rejected
from engine.option_parsing import OptionSpec
from engine.options import specs
from engine.text.validation import validate_transcript
from engine.text_alignment.given_text import GivenText
from page.gradio_errors import as_gradio_error
from page.gradio_patches.disconnect import caller_left
from page.gradio_patches.parameter_names import describe_parameters
from page.gradio_patches.uploaded_files import uploaded
from page.identity import caller_name
from page.transcript_store import TranscriptStore
from server.async_engine import last_transcript, stream_detachable
from server.caller_limits import CallerLimits

# Concurrent transcriptions of these endpoints; further ones wait in gradio's queue. Each caller may have a quarter
# of them.
MAX_TRANSCRIPTIONS = 16
MAX_SHORT_CALLS = 8  # concurrent calls of the other endpoints

Endpoint = Callable[..., Any]


def add_endpoints(engine: Engine, limits: CallerLimits, store: TranscriptStore) -> TranscribeEndpoint:
    """Adds the endpoints to the Blocks that is open; returns the one that works at recordings."""
    work: dict[str, Any] = {"concurrency_id": "transcribe", "concurrency_limit": MAX_TRANSCRIPTIONS}
    short: dict[str, Any] = {"concurrency_id": "short", "concurrency_limit": MAX_SHORT_CALLS}
    transcriber = TranscribeEndpoint(engine, limits, store)
    for endpoint, concurrency in (
        (_transcribe(transcriber), work),
        (_transcribe_stream(transcriber), work),
        (_languages(engine), short),
        (_health(engine), short),
        (_export(store), short),
    ):
        describe_parameters(gr.api(endpoint, api_name=endpoint.__name__, **concurrency), endpoint)
    return transcriber


class TranscribeEndpoint:
    """Transcribes a recording for one caller of gradio's API."""

    def __init__(self, engine: Engine, limits: CallerLimits, store: TranscriptStore) -> None:
        self._engine = engine
        self._limits = limits
        self._store = store
        self._threads = CapacityLimiter(2 * MAX_TRANSCRIPTIONS)  # closing a run needs a thread too

    async def updates(
        self, file: Any, options: Mapping[str, Any], request: gr.Request, text: GivenText | None = None
    ) -> AsyncGenerator[Update]:
        """Yields the engine's updates; closing or cancelling it ends the work. Raises gr.Error.

        text  is aligned with the recording, which is transcribed if None

        gradio responds to `/cancel` when this has ended, and its client waits five seconds for that. So cancelling
        does not wait for the current batch.
        """
        media = uploaded(file)
        with as_gradio_error():
            # Slot and file are held until the engine's work has ended.
            chosen, held, note = self._admit(caller_name(request), media, options)
            async with (
                caller_left() as left,
                aclosing(
                    stream_detachable(
                        self._engine,
                        media,
                        chosen,
                        resources=held,
                        threads=self._threads,
                        stop=left,
                        note=note,
                        text=text,
                    )
                ) as updates,
            ):
                async for update in updates:
                    if left.is_set():
                        return
                    yield update

    def _admit(
        self, caller: str, media: Path, values: Mapping[str, Any]
    ) -> tuple[Options, ExitStack, Callable[[Update], None]]:
        """Returns the options, what to close when the work has ended, and a function to call with each update.

        A request that is refused here never reaches the engine, so it is logged here. Raises RateLimited or
        InvalidOption.
        """
        began = time.monotonic()
        try:
            with ExitStack() as held:
                slot = held.enter_context(self._limits.slot(caller))
                options = Options(**{name: none_if_empty(value) for name, value in values.items()})
                held.enter_context(self._store.protect(media))
                return options, held.pop_all(), slot.note
        except WordlightError as error:
            log_rejected(error, None, time.monotonic() - began)
            raise


def _transcribe(transcriber: TranscribeEndpoint) -> Endpoint:
    async def transcribe(file: Any, *rest: Any) -> dict[str, Any] | None:
        *values, request = rest
        progress = gr.Progress()  # not a parameter: gr.api would take it for one of the caller's

        def show(update: Update) -> None:
            progress(progress_of(update), desc=update.stage, unit="seconds")

        given = by_name(specs(), values)
        transcript = await last_transcript(transcriber.updates(file, given, request), show)
        return transcript.to_dict() if transcript else None

    return _recording_endpoint(
        transcribe,
        "Transcribes an audio or video file, with a time for every word.",
        "The transcript: text, language, duration, segments, and words with start, end and probability.",
    )


def _transcribe_stream(transcriber: TranscribeEndpoint) -> Endpoint:
    async def transcribe_stream(file: Any, *rest: Any) -> AsyncIterator[dict[str, Any]]:
        *values, request = rest
        async with aclosing(transcriber.updates(file, by_name(specs(), values), request)) as updates:
            async for update in updates:
                yield update_of(update)

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

    return described(
        languages,
        Signature(return_annotation=list[dict[str, str]]),
        "Lists the languages that can be transcribed.",
        helps={},
        returns="For each language its code, English name, own name, and how its words are timed.",
    )


def _health(engine: Engine) -> Endpoint:
    def health() -> dict[str, Any]:
        with as_gradio_error():
            return engine.health()

    return described(
        health,
        Signature(return_annotation=dict[str, Any]),
        "Tells what is loaded, and on what.",
        helps={},
        returns='status ("loading", "ok" or "failed"), error, device, model, aligners, media_fence, versions, uptime.',
    )


def _export(store: TranscriptStore) -> Endpoint:
    def export(transcript: dict[str, Any], format: str = FORMATS[0], *limits: Any) -> FileData:
        with as_gradio_error():
            content = write(
                validate_transcript(transcript), format, CueLimits.of_all(by_name(limit_specs(), limits))
            )
            return _publish(store, content, f"transcript{WRITERS[format].extension}")

    kind = Parameter.POSITIONAL_OR_KEYWORD
    parameters = [
        Parameter("transcript", kind, annotation=dict[str, Any]),
        Parameter("format", kind, default=FORMATS[0], annotation=Literal[FORMATS]),
        *option_parameters(limit_specs()),
    ]
    helps = {
        "transcript": "The JSON that /transcribe returned.",
        "format": "The format of the file; the limits that follow are for those that are subtitles.",
        **{spec.name: spec.sentence for spec in limit_specs()},
    }
    does = "Writes a transcript as a file, in any of the formats that the page offers."
    return described(
        export, Signature(parameters, return_annotation=FileData), does, helps=helps, returns="The file."
    )


def _publish(store: TranscriptStore, content: str, name: str) -> FileData:
    """Writes a file among the uploads: gradio serves it from there, and it expires as they do."""
    path = store.folder.publish_file(name, content.encode(), "export")
    return FileData(path=str(path), orig_name=name)


def _recording_endpoint(function: Endpoint, does: str, returns: str) -> Endpoint:
    """Gives a function of (file, *options, request) the signature that gradio reads."""
    kind = Parameter.POSITIONAL_OR_KEYWORD
    file = Parameter("file", kind, annotation=FileData)
    request = Parameter("request", kind, default=None, annotation=gr.Request)
    helps = {
        "file": "The recording, an uploaded audio or video file.",
        **{spec.name: spec.sentence for spec in specs()},
    }
    signature = Signature([file, *option_parameters(specs()), request], return_annotation=dict)
    return described(function, signature, does, helps=helps, returns=returns)


def described(
    function: Endpoint, signature: Signature, does: str, helps: Mapping[str, str], returns: str
) -> Endpoint:
    """Gives a function the signature and the docstring that gradio makes its API page from."""
    function.__signature__ = signature  # type: ignore[attr-defined]
    function.__annotations__ = {
        **{parameter.name: parameter.annotation for parameter in signature.parameters.values()},
        "return": signature.return_annotation,
    }
    lines = (f"    {name}: {text}" for name, text in helps.items())
    function.__doc__ = "\n".join((does, "", "Parameters:", *lines, "", "Returns:", f"    {returns}"))
    return function


def option_parameters(specs: Sequence[OptionSpec]) -> list[Parameter]:
    kind = Parameter.POSITIONAL_OR_KEYWORD
    return [Parameter(spec.name, kind, default=_default(spec), annotation=_type(spec)) for spec in specs]


def update_of(update: Update) -> dict[str, Any]:
    """Returns an update with its transcript, which is None but in the last one."""
    return update.to_dict() | {"transcript": update.transcript.to_dict() if update.transcript else None}


def by_name(specs: Sequence[OptionSpec], values: Iterable[Any]) -> dict[str, Any]:
    """Returns positional values by the names of their options."""
    return {spec.name: value for spec, value in zip(specs, values, strict=False)}


def _type(spec: OptionSpec) -> Any:
    if spec.choices:
        return Literal[spec.choices]
    return str if spec.default is None else type(spec.default)


def _default(spec: OptionSpec) -> Any:
    if spec.name == "language":
        return AUTO
    return "" if spec.default is None else spec.default


def none_if_empty(value: Any) -> Any:
    return None if value == "" else value


def progress_of(update: Update) -> tuple[int, int | None] | float:
    """Returns the seconds done and in total, as gr.Progress takes them; 0 while the total is unknown."""
    if not update.seconds_total:
        return 0.0
    return int(update.seconds_done), ceil(update.seconds_total)
