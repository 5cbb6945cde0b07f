"""OpenAI's interface, for programs that speak it: transcriptions, translations, models.

Everything is a view derived from the transcript. What OpenAI's interface has and Whisper here has not
is left out or refused by name, never pretended.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.responses import JSONResponse, PlainTextResponse, Response

from engine.errors import InvalidOption, NotFound, WordlightError
from engine.export.writers import WRITERS, write
from engine.languages import LANGUAGES
from engine.options import Options, Task, specs
from engine.transcript import Segment, Transcript, join_texts
from engine.updates import Update
from server.endpoint import ApiRequest, Endpoint, Handler, ServerState
from server.multipart import Form
from server.patience import with_blanks
from server.sse import event, stream
from server.uploads import (
    FORMAT,
    STREAM,
    read_bool,
    read_choice,
    receive_form,
    start_stream,
    transcript_of,
    with_age,
)
from server.warning_header import warning_headers

OWN_NAME = "whisper-1"  # what OpenAI's clients call the model; here the installation's default
RESPONSE_FORMATS = ("json", "text", "srt", "verbose_json", "vtt")
GRANULARITIES = ("word", "segment")
GRANULARITY = "timestamp_granularities[]"
FIELDS = ("model", "prompt", FORMAT, "temperature", "strict")
TRANSCRIPTION_FIELDS = (*FIELDS, "language", STREAM)
MAX_TEMPERATURE = 1.0
MAX_PROMPT_BYTES = (
    64 * 1024
)  # of which the end is heeded, as OpenAI's own does: `PromptBuilder.previous_text_tokens` sees to it
STREAMED_FORMATS = ("json", "text")  # a stream tells the text alone

_PROMPT_LENGTH = next((spec.max_length for spec in specs() if spec.name == "initial_prompt"), None) or 0
_STARTED = int(time.time())


@dataclass(frozen=True, slots=True)
class OpenAIRequest:
    """What a request asks for; granularities are of the times in `verbose_json`."""

    media: Path
    options: Options
    format: str
    granularities: tuple[str, ...]
    streamed: bool


def endpoints(site: ServerState) -> list[Endpoint]:
    def door(path: str, method: str, handler: Handler) -> Endpoint:
        return Endpoint(site, f"/v1/{path}", {method: handler}, describe=error_body)

    return [
        door("audio/transcriptions", "POST", partial(_hear, site, "transcribe")),
        door("audio/translations", "POST", partial(_hear, site, "translate")),
        door("models", "GET", partial(_models, site)),
        door("models/{model:path}", "GET", partial(_model, site)),
    ]


def error_body(error: WordlightError) -> dict[str, Any]:
    """Returns the body of a failure in OpenAI's shape."""
    kind = "invalid_request_error" if error.status < 500 else "server_error"
    kind = "rate_limit_error" if error.status == 429 else kind
    return {"error": {"message": str(error), "type": kind, "param": error.field, "code": error.code}}


async def _hear(site: ServerState, task: Task, call: ApiRequest) -> Response:
    transcribing = task == "transcribe"
    asked = await receive_form(
        site,
        call,
        partial(_read, site, task),
        names=TRANSCRIPTION_FIELDS if transcribing else FIELDS,
        lists=(GRANULARITY,) if transcribing else (),
        longer={"prompt": MAX_PROMPT_BYTES},
    )
    if asked.streamed:
        return stream(_events(await start_stream(site, call, asked.media, asked.options)), error_body)
    if asked.format in ("json", "verbose_json"):
        return await with_blanks(_whole(site, call, asked), site.engine.config.blank_seconds, error_body)
    return await _whole(site, call, asked)


async def _whole(site: ServerState, call: ApiRequest, asked: OpenAIRequest) -> Response:
    found = await transcript_of(site, call, asked.media, asked.options)
    response = await to_thread.run_sync(_answer, found.transcript, asked, limiter=site.threads)
    return with_age(response, found)


def _read(site: ServerState, task: Task, form: Form) -> OpenAIRequest:
    fields = form.fields
    _check_temperature(fields.get("temperature", "0"))
    model = fields.get("model", OWN_NAME)
    _check_model(site, model)
    options = Options(
        language=fields.get("language"),
        task=task,
        model=None if model == OWN_NAME else model,
        initial_prompt=fields.get("prompt", "")[-_PROMPT_LENGTH:],
        strict=read_bool(fields, "strict"),
    )
    granularities = form.lists.get(GRANULARITY, [])
    for one in granularities:
        read_choice({GRANULARITY: one}, GRANULARITY, GRANULARITIES, "")
    format = read_choice(fields, FORMAT, RESPONSE_FORMATS, default="json")
    streamed = read_bool(fields, STREAM)
    if streamed:
        _check_streamed(format, granularities)
    return OpenAIRequest(form.file, options, format, tuple(granularities) or ("segment",), streamed)


def _check_streamed(format: str, granularities: Sequence[str]) -> None:
    hint = "Its events hold the text alone: ask for times without stream."
    if format not in STREAMED_FORMATS:
        raise InvalidOption(f"{FORMAT} is {format!r}, which no stream has.", hint, FORMAT)
    if granularities:
        raise InvalidOption(f"{GRANULARITY} is given, which no stream has.", hint, GRANULARITY)


def _check_temperature(text: str) -> None:
    """Accepts what OpenAI's accepts. Decoding is by beam search, where a temperature has no say."""
    try:
        valid = 0 <= float(text) <= MAX_TEMPERATURE
    except ValueError:
        valid = False
    if not valid:
        hint = f"It must be a number from 0 to {MAX_TEMPERATURE:.0f}."
        raise InvalidOption(f"temperature is {text[:40]!r}.", hint, "temperature")


def _check_model(site: ServerState, name: str) -> None:
    known = _known_models(site)
    if name not in known:
        raise NotFound(f"There is no model {name[:40]!r} here.", f"Known: {', '.join(known)}.", "model")


def _known_models(site: ServerState) -> list[str]:
    return [OWN_NAME, *site.engine.models()]


# Both in threads: what the engine knows of models it may first have to import.


async def _models(site: ServerState, _: ApiRequest) -> Response:
    known = await to_thread.run_sync(_known_models, site, limiter=site.threads)
    return JSONResponse({"object": "list", "data": [_entry(name) for name in known]})


async def _model(site: ServerState, call: ApiRequest) -> Response:
    name = call.path_params["model"]
    await to_thread.run_sync(_check_model, site, name, limiter=site.threads)
    return JSONResponse(_entry(name))


def _entry(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _STARTED, "owned_by": "wordlight"}


def _answer(transcript: Transcript, asked: OpenAIRequest) -> Response:
    headers = warning_headers(transcript.warnings)
    match asked.format:
        case "json":
            return JSONResponse(_text(transcript), headers=headers)
        case "verbose_json":
            return JSONResponse(_verbose(transcript, asked), headers=headers)
        case "text":
            return PlainTextResponse(f"{transcript.text}\n", headers=headers)
        case subtitles:
            kind = f"{WRITERS[subtitles].media_type}; charset=utf-8"
            return Response(write(transcript, subtitles), media_type=kind, headers=headers)


def _text(transcript: Transcript) -> dict[str, Any]:
    """Returns what `json` holds; warnings are an addition that OpenAI's clients keep as it is."""
    return {"text": transcript.text, "usage": _usage(transcript), "warnings": list(transcript.warnings)}


def _verbose(transcript: Transcript, asked: OpenAIRequest) -> dict[str, Any]:
    translated = asked.options.task == "translate"
    language = "en" if translated else transcript.language
    view: dict[str, Any] = {
        "task": asked.options.task,
        "language": LANGUAGES[language].name.lower() if language in LANGUAGES else "unknown",
        "duration": round(float(transcript.duration), 3),
        **_text(transcript),
    }
    if "segment" in asked.granularities:
        view["segments"] = [_segment(segment) for segment in transcript.segments]
    if "word" in asked.granularities:
        view["words"] = [
            {"word": word["word"], "start": word["start"], "end": word["end"]}
            for word in (word.to_dict() for word in transcript.words)
        ]
    return view


def _segment(segment: Segment) -> dict[str, Any]:
    data = segment.to_dict()
    text = segment.text.encode()
    return {
        "id": segment.id,
        "seek": round(100 * segment.start),  # hundredths of a second, Whisper's frames
        "start": data["start"],
        "end": data["end"],
        "text": segment.text,
        "tokens": [],  # words are kept here, not the tokens they came in
        "temperature": 0.0,
        "avg_logprob": data["avg_logprob"],
        "compression_ratio": round(len(text) / len(zlib.compress(text)), 3),
        "no_speech_prob": data["no_speech_prob"],
    }


def _usage(transcript: Transcript) -> dict[str, Any]:
    return {"type": "duration", "seconds": round(float(transcript.duration), 3)}


async def _events(updates: AsyncIterator[Update]) -> AsyncIterator[bytes]:
    """Yields a delta for what each update adds to the text; together they are the text of the last event."""
    begun = False
    async for update in updates:
        for segment in update.segments:
            delta = join_texts(("", segment.text), segment.language) if begun else segment.text
            yield event({"type": "transcript.text.delta", "delta": delta})
            begun = True
        if update.transcript is not None:
            done = {"type": "transcript.text.done", "text": update.transcript.text}
            yield event({**done, "warnings": list(update.transcript.warnings)})
