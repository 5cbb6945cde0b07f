"""Answers in OpenAI's forms, derived from a transcript. What Whisper here has not is left out, never pretended."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from engine.export.writers import WRITERS, write
from engine.languages import LANGUAGES, is_spaceless, language_tag
from engine.recognition.hallucinations import compression_ratio
from engine.transcript import Segment, Transcript
from server.openai_request import LOGPROBS, OpenAIRequest
from server.openai_speakers import diarized
from server.request_headers import IGNORED_HEADER, MODEL_HEADER
from server.warning_header import warning_headers

JSON_FORMATS = ("json", "verbose_json", "diarized_json")
LEAST_PROBABILITY = 1e-3  # probabilities are rounded to 3 decimals; the logarithm of 0 is no number


def answer(transcript: Transcript, asked: OpenAIRequest) -> Response:
    """Returns the response with a transcript, in the format of the request."""
    headers = warning_headers(transcript.warnings)
    match asked.format:
        case "json":
            return JSONResponse(_text(transcript) | _logprobs(transcript, asked), headers=headers)
        case "verbose_json":
            return JSONResponse(_verbose(transcript, asked), headers=headers)
        case "diarized_json":
            body = diarized(transcript) | _text(transcript) | _logprobs(transcript, asked)
            return JSONResponse(body, headers=headers)
        case "text":
            return PlainTextResponse(f"{transcript.text}\n", headers=headers)
        case subtitles:
            kind = f"{WRITERS[subtitles].media_type}; charset=utf-8"
            return Response(write(transcript, subtitles), media_type=kind, headers=headers)


def request_headers(asked: OpenAIRequest) -> dict[str, str]:
    """Returns the headers that name the model used and the fields without effect."""
    ignored = {IGNORED_HEADER: ", ".join(asked.ignored)} if asked.ignored else {}
    return {MODEL_HEADER: asked.model.encode("ascii", "replace").decode(), **ignored}


def word_logprobs(segments: Iterable[Segment], begun: bool = False) -> list[dict[str, Any]]:
    """Returns the log-probability of each word; the tokens make the text of the segments.

    begun  whether text stands before the first segment
    """
    found = []
    for segment in segments:
        for word in segment.words:
            token = word.word if is_spaceless(segment.language) or not begun else f" {word.word}"
            logprob = round(math.log(max(word.probability, LEAST_PROBABILITY)), 4)
            found.append({"token": token, "bytes": list(token.encode()), "logprob": logprob})
            begun = True
    return found


def languages_of(transcript: Transcript) -> list[dict[str, str]]:
    """Returns the languages that were spoken, in the order of their first segments.

    The segments of a translation are all in English.
    """
    written = dict.fromkeys(segment.language for segment in transcript.segments)
    codes = (
        written if transcript.language in written else [transcript.language] if transcript.language else []
    )
    return [{"code": language_tag(code)} for code in codes]


def _logprobs(transcript: Transcript, asked: OpenAIRequest) -> dict[str, Any]:
    return {LOGPROBS: word_logprobs(transcript.segments)} if asked.logprobs else {}


def _text(transcript: Transcript) -> dict[str, Any]:
    """Returns the content of `json`; OpenAI's clients pass the warnings through."""
    return {
        "text": transcript.text,
        "languages": languages_of(transcript),
        "usage": _usage(transcript),
        **transcript.warned(),
    }


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
        view["segments"] = [verbose_segment(segment) for segment in transcript.segments]
    if "word" in asked.granularities:
        view["words"] = [
            {"word": word["word"], "start": word["start"], "end": word["end"]}
            for word in (word.to_dict() for word in transcript.words)
        ]
    return view


def verbose_segment(segment: Segment) -> dict[str, Any]:
    """Returns a segment as in openai-whisper's JSON, which `verbose_json` is made of."""
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
