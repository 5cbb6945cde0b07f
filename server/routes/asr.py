"""The interface of whisper-asr-webservice, which Bazarr, subgen and some plugins of Obsidian speak.

POST /asr              a recording in, its text or subtitles out; the options are in the URL
POST /detect-language  a recording in, its language out
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from anyio import to_thread
from starlette.responses import JSONResponse, Response

from engine.diarization.speaker_choice import MOST_SPEAKERS
from engine.export.writers import write
from engine.languages import LANGUAGES
from engine.option_parsing import OptionSpec
from engine.options import Options, Task
from engine.transcript import Transcript
from engine.updates import Update
from server.endpoint import ApiRequest, Endpoint, ServerState
from server.form_fields import FormFields
from server.multipart import Form
from server.openai_answers import verbose_segment
from server.openai_request import ABSENT
from server.pcm import PLACEHOLDER, finish_wav
from server.request_headers import IGNORED_HEADER, MODEL_HEADER
from server.uploads import read_choice, receive_form, start_stream, transcript_of, with_age
from server.warning_header import warning_headers

OUTPUTS = ("txt", "vtt", "srt", "tsv", "json")
ENCODE, OUTPUT, DIARIZE, MIN_SPEAKERS, MAX_SPEAKERS = (
    "encode", "output", "diarize", "min_speakers", "max_speakers",
)  # fmt: skip
ASR_NAMES = (
    ENCODE, "task", "language", "initial_prompt", OUTPUT, "word_timestamps",
    DIARIZE, MIN_SPEAKERS, MAX_SPEAKERS,
)  # fmt: skip
# Speech is always detected first; `video_file` is Bazarr's and subgen's, for their logs.
ASR_IGNORED = ("vad_filter", "video_file")
DETECT_NAMES = (ENCODE,)
DETECT_IGNORED = ("video_file", "detect_lang_length", "detect_lang_offset")
ENGINE = "wordlight"
MAX_NAME = 100  # characters of the recording's name that the answer's name is made of
UNKNOWN = ("unknown", "und")  # the name and the code of a language that was not found


@dataclass(frozen=True, slots=True)
class AsrRequest:
    """What a request asks for; `word_times` puts words into JSON."""

    media: Path
    name: str
    options: Options
    output: str
    word_times: bool
    ignored: tuple[str, ...]


def endpoints(state: ServerState) -> list[Endpoint]:
    return [
        Endpoint(state, "/asr", {"POST": partial(_asr, state)}),
        Endpoint(state, "/detect-language", {"POST": partial(_detect, state)}),
    ]


def _fields(names: tuple[str, ...], ignored: tuple[str, ...]) -> FormFields:
    return FormFields(names=names, ignored=ignored, raw=True, in_url=True)


ASR_FIELDS = _fields(ASR_NAMES, ASR_IGNORED)
DETECT_FIELDS = _fields(DETECT_NAMES, DETECT_IGNORED)


async def _asr(state: ServerState, call: ApiRequest) -> Response:
    asked = await receive_form(state, call, _read, ASR_FIELDS, lead=_lead(call))
    found = await transcript_of(state, call, asked.media, options=asked.options)
    response = await to_thread.run_sync(_answer, found.transcript, asked, limiter=state.threads)
    return with_age(response, found)


async def _detect(state: ServerState, call: ApiRequest) -> Response:
    media = await receive_form(state, call, _settle, DETECT_FIELDS, lead=_lead(call))
    updates = await start_stream(state, call, media, options=Options())
    code, probability = await _language(updates)
    name, code = (LANGUAGES[code].name.lower(), code) if code else UNKNOWN
    return JSONResponse(
        {"detected_language": name, "language_code": code, "confidence": round(probability, 4)}
    )


async def _language(updates: AsyncIterator[Update]) -> tuple[str | None, float]:
    """Returns the language and its probability as soon as they are known; the rest is not transcribed."""
    update: Update | None = None
    async with aclosing(cast(Any, updates)):
        async for update in updates:
            if update.language:
                break
    assert update is not None, "the last update holds the transcript"
    return update.language, update.language_probability


def _lead(call: ApiRequest) -> bytes:
    """Returns room for the header of a WAV file, if the client says that it sends bare samples."""
    return b"" if _switch(call.query_params, ENCODE, default=True) else PLACEHOLDER


def _settle(form: Form) -> Path:
    """Returns the recording as a file that ffmpeg reads."""
    if not _switch(form.fields, ENCODE, default=True):
        finish_wav(form.file)
    return form.file


def _read(form: Form) -> AsrRequest:
    fields = {name: text for name, text in form.fields.items() if text.lower() not in ABSENT}
    output = read_choice(fields, OUTPUT, OUTPUTS, default="txt")
    word_times = _switch(fields, "word_timestamps")
    options = Options(
        language=fields.get("language"),
        task=cast(Task, fields.get("task")),
        initial_prompt=fields.get("initial_prompt", ""),
        speakers=_speakers(fields),
    )
    without_effect = {
        "word_timestamps": word_times and output != "json",
        MIN_SPEAKERS: options.speakers == "off" and MIN_SPEAKERS in fields,
        MAX_SPEAKERS: options.speakers == "off" and MAX_SPEAKERS in fields,
    }
    ignored = (*form.ignored, *(name for name, applies in without_effect.items() if applies))
    return AsrRequest(_settle(form), form.name, options, output, word_times, ignored)


def _speakers(fields: Mapping[str, str]) -> str:
    if not _switch(fields, DIARIZE):
        return "off"
    least, most = fields.get(MIN_SPEAKERS), fields.get(MAX_SPEAKERS)
    return f"{least or 1}-{most or MOST_SPEAKERS}" if least or most else "auto"


def _switch(fields: Mapping[str, str], name: str, default: bool = False) -> bool:
    return bool(OptionSpec(name, default, help="").parse(fields.get(name)))


def _answer(transcript: Transcript, asked: AsrRequest) -> Response:
    headers = {
        "Asr-Engine": ENGINE,
        "Content-Disposition": f'attachment; filename="{quote(asked.name[:MAX_NAME])}.{asked.output}"',
        MODEL_HEADER: transcript.model.encode("ascii", "replace").decode(),
        **({IGNORED_HEADER: ", ".join(asked.ignored)} if asked.ignored else {}),
        **warning_headers(transcript.warnings),
    }
    if asked.output == "json":
        body = json.dumps(_document(transcript, asked), ensure_ascii=False)
        return Response(body, media_type="application/json", headers=headers)
    body = _table(transcript) if asked.output == "tsv" else write(transcript, asked.output)
    return Response(body, media_type="text/plain; charset=utf-8", headers=headers)


def _table(transcript: Transcript) -> str:
    """Returns openai-whisper's TSV: a line for each segment, with its times in milliseconds."""
    rows = [
        (str(round(1000 * segment.start)), str(round(1000 * segment.end)), " ".join(segment.text.split()))
        for segment in transcript.segments
    ]
    return "".join("\t".join(row) + "\n" for row in [("start", "end", "text"), *rows])


def _document(transcript: Transcript, asked: AsrRequest) -> dict[str, Any]:
    """Returns openai-whisper's JSON."""
    segments = []
    for segment in transcript.segments:
        shown = verbose_segment(segment)
        if segment.speaker is not None:
            shown["speaker"] = segment.speaker
        if asked.word_times:
            shown["words"] = [
                {name: word[name] for name in ("word", "start", "end", "probability")}
                for word in (word.to_dict() for word in segment.words)
            ]
        segments.append(shown)
    return {"text": transcript.text, "segments": segments, "language": transcript.language}
