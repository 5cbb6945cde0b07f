"""Serves POST /lint: subtitles or a transcript in, the findings of the rules for subtitles out.

GET /jobs/{id}/lint checks the subtitles of a job's transcript (server/routes/jobs.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from anyio import to_thread
from starlette.responses import JSONResponse, Response

from engine.errors import TooLarge
from engine.export.cue_limits import CueLimits
from engine.lint.report import check
from engine.lint.subtitle_file import of_transcript, read_subtitles
from engine.text.language_names import code_of
from engine.transcript import Transcript
from server.endpoint import ApiRequest, Endpoint, ServerState
from server.multipart import Form
from server.uploads import LIMIT_NAMES, receive_form

PATH = "/lint"
LANGUAGE = "language"
LINT_FIELDS = (LANGUAGE, *LIMIT_NAMES)
MAX_BYTES = 32 * 1024 * 1024  # of the file; a transcript of a day has less


@dataclass(frozen=True, slots=True)
class LintRequest:
    """What to check, and by which limits."""

    content: bytes
    limits: CueLimits
    language: str | None


def endpoints(state: ServerState) -> list[Endpoint]:
    return [Endpoint(state, PATH, {"POST": partial(_lint, state)})]


def transcript_report(transcript: Transcript, limits: CueLimits) -> Response:
    """Returns the answer with the findings at the subtitles of a transcript."""
    return JSONResponse(check(of_transcript(transcript, limits), limits).to_dict())


async def _lint(state: ServerState, call: ApiRequest) -> Response:
    asked = await receive_form(state, call, _read, names=LINT_FIELDS)

    def answer() -> Response:
        file = read_subtitles(asked.content, asked.limits)
        return JSONResponse(check(file, asked.limits, asked.language).to_dict())

    # In a thread: hours of subtitles would block the event loop.
    return await to_thread.run_sync(answer, limiter=state.threads)


def _read(form: Form) -> LintRequest:
    if form.file.stat().st_size > MAX_BYTES:
        raise TooLarge.than(MAX_BYTES)
    fields = form.fields
    limits = CueLimits.of({name: fields[name] for name in LIMIT_NAMES if name in fields})
    language = code_of(fields[LANGUAGE]) if LANGUAGE in fields else None
    return LintRequest(form.file.read_bytes(), limits, language)
