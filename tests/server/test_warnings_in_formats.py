"""A recording of which only part could be read: every format says so, and a strict request is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import openai
import pysubs2
import pytest
from gradio_client import Client, handle_file
from openai import OpenAI

from engine import Transcript
from engine.errors import BadTranscript
from engine.export.writers import write
from engine.text.validation import validate_transcript
from server.openai_request import RESPONSE_FORMATS as OPENAI_FORMATS
from server.routes.transcribe import RESPONSE_FORMATS
from server.warning_header import MAX_BYTES, WARNINGS_HEADER, warning_headers
from tests.support.app import App
from tests.support.media_files import cut, make
from tests.support.raw_http import error_of, events
from tests.support.recordings import ROOT
from tests.support.subtitle_readers import read_srt, read_vtt
from tests.support.transcripts import sentence, transcript

CUT_OFF = "The file seems to be cut off or damaged."
WARNED = ["The language is uncertain.", "What --> is\nthis [00:12.00] & <b>?"]
MADE = replace(transcript(sentence("Hello, dear world.", 1.0)), warnings=tuple(WARNED))


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory, talk_file: Path) -> Path:
    """Six of ten seconds of talk, as a download leaves them that has been cut off."""
    path = make(tmp_path_factory.mktemp("part") / "talk.flac", "-ss", "8", "-t", "10", "-i", talk_file)
    return cut(path, path.stat().st_size * 6 // 10)


@pytest.fixture(scope="module")
def client(app: App) -> OpenAI:
    return OpenAI(base_url=f"{app.url}/v1", api_key="-", timeout=240, max_retries=0)


def told(answer: httpx.Response) -> list[str]:
    warnings: list[str] = json.loads(answer.headers[WARNINGS_HEADER])
    return warnings


def warned_of(warnings: list[str]) -> bool:
    return any(warning.endswith(CUT_OFF) for warning in warnings)


# Over HTTP


@pytest.mark.parametrize("format", RESPONSE_FORMATS)
def test_every_format_comes_with_the_warnings(app: App, part: Path, format: str) -> None:
    answer = app.post(file=part.read_bytes(), language="en", response_format=format)
    warning = next(entry for entry in told(answer) if entry.endswith(CUT_OFF))
    if format in ("vtt", "ass", "lrc", "json", "rttm", "md"):
        assert warning in answer.text
    else:
        assert CUT_OFF not in answer.text


@pytest.mark.parametrize("format", OPENAI_FORMATS)
def test_every_format_for_openai_s_clients_does_too(app: App, part: Path, format: str) -> None:
    answer = app.post("/v1/audio/transcriptions", file=part.read_bytes(), response_format=format)
    assert warned_of(told(answer))
    if "json" in format:
        assert answer.json()["warnings"] == told(answer)


def test_openai_s_client_keeps_them(client: OpenAI, part: Path) -> None:
    for format in ("json", "verbose_json"):
        found: Any = client.audio.transcriptions.create(model="whisper-1", file=part, response_format=format)
        assert found.text and warned_of(found.warnings)
    *_, done = client.audio.transcriptions.create(model="whisper-1", file=part, stream=True)
    assert done.type == "transcript.text.done"
    assert warned_of(done.warnings)


def test_the_result_of_a_stream_has_them(app: App, part: Path) -> None:
    *_, (name, result) = events(app.post(file=part.read_bytes(), stream="true", response_format="srt"))
    assert name == "result" and warned_of(result["warnings"])


def test_a_whole_recording_has_no_such_header(app: App, speech: Path) -> None:
    answer = app.post(file=speech.read_bytes(), response_format="srt", strict="true", language="en")
    assert answer.status_code == 200 and WARNINGS_HEADER not in answer.headers


# Strict


def test_a_strict_request_is_refused(app: App, part: Path) -> None:
    answer = app.post(file=part.read_bytes(), strict="true", response_format="srt")
    assert "cut off or damaged" in error_of(answer, 422, "incomplete")["message"]


def test_a_strict_stream_ends_with_the_refusal(app: App, part: Path) -> None:
    *_, (name, data) = events(app.post(file=part.read_bytes(), strict="true", stream="true"))
    assert (name, data["error"]["code"]) == ("error", "incomplete")


def test_openai_s_client_can_be_strict(client: OpenAI, part: Path) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as caught:
        client.audio.transcriptions.create(model="whisper-1", file=part, extra_body={"strict": True})
    assert caught.value.code == "incomplete"


def test_gradio_s_client_can_be_strict(app: App, part: Path) -> None:
    client = Client(app.url, verbose=False, httpx_kwargs={"timeout": 60})
    with pytest.raises(Exception, match="cut off or damaged"):
        client.predict(handle_file(str(part)), "en", strict=True, api_name="/transcribe")


@pytest.mark.parametrize("strict", [False, True])
def test_the_command_line_warns_or_refuses(part: Path, strict: bool) -> None:
    words = [sys.executable, "-m", "engine", str(part), "--format", "srt", *(["--strict"] if strict else [])]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert CUT_OFF in done.stderr and "Traceback" not in done.stderr
    assert (done.returncode, bool(done.stdout)) == ((1, False) if strict else (0, True))


# Comments, and the header by itself


def test_comments_are_none_of_what_players_show() -> None:
    plain = transcript(*MADE.segments)
    assert read_vtt(write(MADE, "vtt")) == read_vtt(write(plain, "vtt"))
    assert write(MADE, "vtt").startswith("WEBVTT\n\nNOTE Warning: The language is uncertain.\n\nNOTE ")
    assert write(MADE, "vtt").count("-->") == len(read_vtt(write(plain, "vtt")))
    ours, theirs = (pysubs2.SSAFile.from_string(write(entry, "ass")) for entry in (MADE, plain))
    assert list(ours) == list(theirs)
    assert "; Warning: The language is uncertain.\n" in write(MADE, "ass")
    lines = write(MADE, "lrc").splitlines()
    assert [line for line in lines if not line.startswith("[#:")] == write(plain, "lrc").splitlines()
    assert "[#:Warning: What → is this (00:12.00) & <b>?]" in lines


@pytest.mark.parametrize("format", ["txt", "srt", "tsv", "csv"])
def test_formats_without_comments_are_as_they_were(format: str) -> None:
    assert write(MADE, format) == write(transcript(*MADE.segments), format)
    assert format != "srt" or read_srt(write(MADE, format))


def test_the_header_is_one_line_of_ascii_and_bounded() -> None:
    assert warning_headers(()) == {}
    assert json.loads(warning_headers(["Grüße\r\nX: 1"])[WARNINGS_HEADER]) == ["Grüße\r\nX: 1"]
    for warnings in ([f"Warning {n} ☃" for n in range(1000)], ["x" * 10_000] * 20):
        value = warning_headers(warnings)[WARNINGS_HEADER]
        assert len(value) <= MAX_BYTES and value.isascii() and value.isprintable()
        *kept, rest = json.loads(value)
        assert rest == f"And {len(warnings) - len(kept)} more." and kept


def test_warnings_that_are_no_texts_are_refused_by_export() -> None:
    with pytest.raises(BadTranscript, match="warnings"):
        validate_transcript(MADE.to_dict() | {"warnings": [{"a": 1}]})
    assert isinstance(validate_transcript(MADE.to_dict()), Transcript)
