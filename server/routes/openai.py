"""OpenAI's interface, for programs that speak it: transcriptions, translations, models.

Everything is a view derived from the transcript. What OpenAI's interface has and Whisper here has not
is left out or refused by name, never pretended.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from anyio import to_thread
from starlette.responses import JSONResponse, Response

from engine.errors import NotFound, WordlightError
from engine.options import Task
from engine.transcript import join_texts
from engine.updates import Update
from server.endpoint import ApiRequest, Endpoint, Handler, ServerState
from server.openai_answers import (
    JSON_FORMATS,
    answer,
    languages_of,
    request_headers,
    word_logprobs,
)
from server.openai_request import DIARIZED, LOGPROBS, OWN_NAME, OpenAIRequest, form_fields, read_request
from server.openai_speakers import diarized_segments
from server.patience import with_blanks
from server.sse import event, stream
from server.uploads import receive_form, start_stream, transcript_of, with_age

_STARTED = int(time.time())


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
    asked = await receive_form(state, call, partial(read_request, state, task), form_fields(task))
    if asked.streamed:
        updates = await start_stream(state, call, asked.media, options=asked.options)
        response: Response = stream(_events(updates, asked), error_body)
    elif asked.format in JSON_FORMATS:
        response = await with_blanks(
            _whole(state, call, asked), state.engine.config.blank_seconds, error_body
        )
    else:
        response = await _whole(state, call, asked)
    response.headers.update(request_headers(asked))
    return response


async def _whole(state: ServerState, call: ApiRequest, asked: OpenAIRequest) -> Response:
    found = await transcript_of(state, call, asked.media, options=asked.options)
    response = await to_thread.run_sync(answer, found.transcript, asked, limiter=state.threads)
    return with_age(response, found)


# Both in threads: the engine may have to import libraries before it knows its models.


async def _models(state: ServerState, _: ApiRequest) -> Response:
    known = await to_thread.run_sync(_known_models, state, limiter=state.threads)
    return JSONResponse({"object": "list", "data": [_entry(name) for name in known]})


async def _model(state: ServerState, call: ApiRequest) -> Response:
    name = call.path_params["model"]
    known = await to_thread.run_sync(_known_models, state, limiter=state.threads)
    if name not in known:
        raise NotFound(f"There is no model {name[:40]!r} here.", f"Known: {', '.join(known)}.", "model")
    return JSONResponse(_entry(name))


def _known_models(state: ServerState) -> list[str]:
    return [OWN_NAME, *state.engine.models()]


def _entry(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _STARTED, "owned_by": "wordlight"}


async def _events(updates: AsyncIterator[Update], asked: OpenAIRequest) -> AsyncIterator[bytes]:
    """Yields a delta for each new segment; together they make the text of the last event.

    With diarized_json an event for each segment follows once the speakers are final, since OpenAI's events cannot
    correct one.
    """
    begun = False
    async for update in updates:
        for segment in update.segments:
            delta = join_texts(("", segment.text), segment.language) if begun else segment.text
            logprobs = {LOGPROBS: word_logprobs([segment], begun)} if asked.logprobs else {}
            yield event({"type": "transcript.text.delta", "delta": delta, **logprobs})
            begun = True
        if (transcript := update.transcript) is not None:
            for one in diarized_segments(transcript) if asked.format == DIARIZED else ():
                yield event(one)
            done = {"type": "transcript.text.done", "text": transcript.text}
            logprobs = {LOGPROBS: word_logprobs(transcript.segments)} if asked.logprobs else {}
            yield event({**done, "languages": languages_of(transcript), **logprobs, **transcript.warned()})
