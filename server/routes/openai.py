"""OpenAI's interface, for programs that speak it: transcriptions, translations, models.

Everything is a view derived from the transcript. What OpenAI's interface has and Whisper here has not
is left out or refused by name, never pretended.
"""

from __future__ import annotations

import time
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
from engine.recognition.hallucinations import compression_ratio
from engine.transcript import Segment, Transcript, join_texts
from engine.updates import Update
from server.endpoint import ApiRequest, Endpoint, Handler, ServerState
from server.multipart import Form
from server.openai_speakers import diarized, diarized_segments
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
DIARIZED = "diarized_json"
TRANSLATION_FORMATS = ("json", "text", "srt", "verbose_json", "vtt")
RESPONSE_FORMATS = (*TRANSLATION_FORMATS, DIARIZED)
GRANULARITIES = ("word", "segment")
GRANULARITY = "timestamp_granularities[]"
FIELDS = ("model", "prompt", FORMAT, "temperature", "strict", "track")
CHUNKING = "chunking_strategy"  # OpenAI's clients must send it with diarized_json
TRANSCRIPTION_FIELDS = (*FIELDS, "language", STREAM, CHUNKING)
MAX_TEMPERATURE = 1.0
MAX_PROMPT_BYTES = (
    64 * 1024
)  # only its end is used, as in OpenAI's own, see `PromptBuilder.previous_text_tokens`
JSON_FORMATS = ("json", "verbose_json", DIARIZED)
STREAMED_FORMATS = ("json", "text", DIARIZED)  # only the last has segments in its stream

_PROMPT_LENGTH = next((spec.max_length for spec in specs() if spec.name == "initial_prompt"), None) or 0
_STARTED = int(time.time())


@dataclass(frozen=True, slots=True)
class OpenAIRequest:
    """What a request asks for; `granularities` are those of the times in `verbose_json`."""

    media: Path
    options: Options
    format: str
    granularities: tuple[str, ...]
    streamed: bool


def endpoints(state: ServerState) -> list[Endpoint]:
    def endpoint(path: str, method: str, handler: Handler) -> Endpoint:
        return Endpoint(state, f"/v1/{path}", {method: handler}, describe=error_body)

    return [
        endpoint("audio/transcriptions", "POST", partial(_transcribe, state, "transcribe")),
        endpoint("audio/translations", "POST", partial(_transcribe, state, "translate")),
        endpoint("models", "GET", partial(_models, state)),
        endpoint("models/{model:path}", "GET", partial(_model, state)),
    ]


def error_body(error: WordlightError) -> dict[str, Any]:
    """Returns the body of an error response in OpenAI's form."""
    kind = "invalid_request_error" if error.status < 500 else "server_error"
    kind = "rate_limit_error" if error.status == 429 else kind
    return {"error": {"message": str(error), "type": kind, "param": error.field, "code": error.code}}


async def _transcribe(state: ServerState, task: Task, call: ApiRequest) -> Response:
    transcribing = task == "transcribe"
    asked = await receive_form(
        state,
        call,
        partial(_read, state, task),
        names=TRANSCRIPTION_FIELDS if transcribing else FIELDS,
        lists=(GRANULARITY,) if transcribing else (),
        longer={"prompt": MAX_PROMPT_BYTES},
    )
    if asked.streamed:
        updates = await start_stream(state, call, asked.media, options=asked.options)
        return stream(_events(updates, asked.format == DIARIZED), error_body)
    if asked.format in JSON_FORMATS:
        return await with_blanks(_whole(state, call, asked), state.engine.config.blank_seconds, error_body)
    return await _whole(state, call, asked)


async def _whole(state: ServerState, call: ApiRequest, asked: OpenAIRequest) -> Response:
    found = await transcript_of(state, call, asked.media, options=asked.options)
    response = await to_thread.run_sync(_answer, found.transcript, asked, limiter=state.threads)
    return with_age(response, found)


def _read(state: ServerState, task: Task, form: Form) -> OpenAIRequest:
    fields = form.fields
    format = read_choice(
        fields, FORMAT, RESPONSE_FORMATS if task == "transcribe" else TRANSLATION_FORMATS, default="json"
    )
    _check_temperature(fields.get("temperature", "0"))
    if (strategy := fields.get(CHUNKING, "auto")) != "auto":
        raise InvalidOption(f"{CHUNKING} is {strategy[:40]!r}.", "It must be auto.", CHUNKING)
    model = fields.get("model", OWN_NAME)
    _check_model(state, model)
    options = Options(
        language=fields.get("language"),
        task=task,
        model=None if model == OWN_NAME else model,
        initial_prompt=fields.get("prompt", "")[-_PROMPT_LENGTH:],
        strict=read_bool(fields, "strict"),
        track=fields.get("track", 0),  # type: ignore[arg-type]  # parsed there
        speakers="auto" if format == DIARIZED else "off",
    )
    granularities = form.lists.get(GRANULARITY, [])
    for one in granularities:
        read_choice({GRANULARITY: one}, GRANULARITY, GRANULARITIES, default="")
    streamed = read_bool(fields, STREAM)
    if streamed:
        _check_streamed(format, granularities)
    return OpenAIRequest(
        form.file, options, format, granularities=tuple(granularities) or ("segment",), streamed=streamed
    )


def _check_streamed(format: str, granularities: Sequence[str]) -> None:
    hint = "Its events contain only the text: send the request without stream to get times."
    if format not in STREAMED_FORMATS:
        raise InvalidOption(f"{FORMAT} is {format!r}, which cannot be streamed.", hint, FORMAT)
    if granularities:
        raise InvalidOption(f"{GRANULARITY} is given, which cannot be streamed.", hint, GRANULARITY)


def _check_temperature(text: str) -> None:
    """Accepts the values that OpenAI accepts; decoding uses beam search and ignores the temperature."""
    try:
        valid = 0 <= float(text) <= MAX_TEMPERATURE
    except ValueError:
        valid = False
    if not valid:
        hint = f"It must be a number from 0 to {MAX_TEMPERATURE:.0f}."
        raise InvalidOption(f"temperature is {text[:40]!r}.", hint, "temperature")


def _check_model(state: ServerState, name: str) -> None:
    known = _known_models(state)
    if name not in known:
        raise NotFound(f"There is no model {name[:40]!r} here.", f"Known: {', '.join(known)}.", "model")


def _known_models(state: ServerState) -> list[str]:
    return [OWN_NAME, *state.engine.models()]


# Both in threads: the engine may have to import libraries before it knows its models.


async def _models(state: ServerState, _: ApiRequest) -> Response:
    known = await to_thread.run_sync(_known_models, state, limiter=state.threads)
    return JSONResponse({"object": "list", "data": [_entry(name) for name in known]})


async def _model(state: ServerState, call: ApiRequest) -> Response:
    name = call.path_params["model"]
    await to_thread.run_sync(_check_model, state, name, limiter=state.threads)
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
        case "diarized_json":
            return JSONResponse(diarized(transcript) | _text(transcript), headers=headers)
        case "text":
            return PlainTextResponse(f"{transcript.text}\n", headers=headers)
        case subtitles:
            kind = f"{WRITERS[subtitles].media_type}; charset=utf-8"
            return Response(write(transcript, subtitles), media_type=kind, headers=headers)


def _text(transcript: Transcript) -> dict[str, Any]:
    """Returns the content of `json`; OpenAI's clients pass the warnings through."""
    return {"text": transcript.text, "usage": _usage(transcript), **transcript.warned()}


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
    return {
        "id": segment.id,
        "seek": round(100 * segment.start),  # hundredths of a second, Whisper's frames
        "start": data["start"],
        "end": data["end"],
        "text": segment.text,
        "tokens": [],  # a transcript keeps words, not their tokens
        "temperature": 0.0,
        "avg_logprob": data["avg_logprob"],
        "compression_ratio": round(compression_ratio(segment.text), 3),
        "no_speech_prob": data["no_speech_prob"],
    }


def _usage(transcript: Transcript) -> dict[str, Any]:
    return {"type": "duration", "seconds": round(float(transcript.duration), 3)}


async def _events(updates: AsyncIterator[Update], speakers: bool) -> AsyncIterator[bytes]:
    """Yields a delta for each new segment; together they make the text of the last event.

    speakers  adds an event for each segment once the speakers are final; OpenAI's events cannot correct one
    """
    begun = False
    async for update in updates:
        for segment in update.segments:
            delta = join_texts(("", segment.text), segment.language) if begun else segment.text
            yield event({"type": "transcript.text.delta", "delta": delta})
            begun = True
        if update.transcript is not None:
            for one in diarized_segments(update.transcript) if speakers else ():
                yield event(one)
            done = {"type": "transcript.text.done", "text": update.transcript.text}
            yield event({**done, **update.transcript.warned()})
