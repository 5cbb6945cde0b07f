"""The plain HTTP routes on the real app: the documented line, formats, events, and the log."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from engine import Config
from engine.export.writers import WRITERS
from engine.languages import LANGUAGES
from engine.options import specs
from engine.transcript import Transcript
from server import CallerLimits
from server.endpoint import ServerState
from server.metrics import Metrics
from server.routes import system
from tests.support.app import TOKEN, App
from tests.support.raw_http import error_of, events, upload, wav
from tests.support.subtitle_readers import READERS
from tests.support.word_documents import text_of

pytestmark = pytest.mark.usefixtures("nothing_left")

FOX = "The quick brown fox jumps over the lazy dog."


@pytest.fixture(scope="module")
def app(small_app: App) -> App:
    return small_app


# The documented line


def test_curl_gets_the_transcript(app: App, speech: Path) -> None:
    line = ["curl", "-sS", "--fail", "-F", f"file=@{speech}", "-F", "language=en", f"{app.url}/transcribe"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=True)
    data = json.loads(done.stdout)
    assert "fox" in data["text"].lower()
    assert data["language"] == "en"
    assert Transcript.from_dict(data).to_dict() == data
    assert data["word_segments"] == [word for segment in data["segments"] for word in segment["words"]]


def test_the_language_is_found_where_none_is_given(app: App, speech: Path) -> None:
    data = app.post(file=speech.read_bytes()).json()
    assert data["language"] == "en"
    assert 0.5 < data["language_probability"] <= 1


def test_every_option_is_a_field(app: App, speech: Path) -> None:
    options = {spec.name: str(spec.default) for spec in specs() if spec.default is not None}
    options |= {"language": "English", "task": "translate", "model": "base", "aligner": "attention"}
    data = app.post(file=speech.read_bytes(), **options).json()
    assert (data["model"], data["aligner"]) == ("base", "attention")


def test_an_empty_field_is_as_good_as_none(app: App, speech: Path) -> None:
    response = app.post(file=speech.read_bytes(), language="", model="")
    assert response.status_code == 200


def test_silence_is_an_empty_transcript_with_a_note(app: App, tmp_path: Path) -> None:
    response = app.post(file=wav(tmp_path / "silence.wav", seconds=3))
    assert response.status_code == 200
    data = response.json()
    assert (data["text"], data["segments"], data["duration"]) == ("", [], 3.0)
    assert any("speech" in warning for warning in data["warnings"])


# Formats and events


@pytest.mark.parametrize("format", [*WRITERS, "text"])
def test_every_format_is_an_answer_of_its_kind(app: App, speech: Path, format: str) -> None:
    # A format of turns alone is empty unless speakers are asked for.
    asked, expected = ({"speakers": "1"}, "speaker talk 1 ") if format == "rttm" else ({}, "fox")
    response = app.post(file=speech.read_bytes(), language="en", response_format=format, **asked)
    assert response.status_code == 200, response.text
    writer = WRITERS["txt" if format == "text" else format]
    assert response.headers["content-type"].split(";")[0] == writer.media_type
    text = text_of(response.content) if format == "docx" else response.text
    assert expected in text.lower()


def test_health_that_has_failed_says_when_to_ask_again() -> None:
    engine = SimpleNamespace(config=Config(), health=lambda: {"status": "failed"}, stats=lambda: None)
    folder = SimpleNamespace()  # the route needs none
    state = ServerState(engine, CallerLimits(engine.config), Metrics(engine), folder)  # type: ignore[arg-type]
    (endpoint,) = (found for found in system.endpoints(state, []) if found.path == "/health")

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(endpoint), base_url="http://app"
        ) as client:
            return await client.get("/health")

    response = asyncio.run(ask())
    assert response.status_code == 503 and int(response.headers["retry-after"]) > 0


@pytest.mark.parametrize("path", ["/transcribe", "/v1/audio/transcriptions"])
def test_an_option_in_the_address_is_refused_not_overlooked(app: App, speech: Path, path: str) -> None:
    answer = app.post(f"{path}?response_format=srt&utm_source=x", file=speech.read_bytes())
    assert answer.status_code == 422 and "-F response_format=" in answer.json()["error"]["message"] + str(
        answer.json()["error"].get("hint")
    )


def test_an_unknown_format_is_refused_and_the_known_are_told(app: App, speech: Path) -> None:
    error = error_of(app.post(file=speech.read_bytes(), response_format="doc"), 422, "bad_option")
    assert "srt" in error["hint"]


@pytest.mark.parametrize(
    "asked",
    [
        {"data": {"stream": "true"}},
        {"data": {"stream": "Yes"}},
        {"headers": {"Accept": "text/event-stream"}},
        {"headers": {"Accept": "application/json;q=0.5, Text/Event-Stream; q=0.9"}},
    ],
)
def test_events_tell_the_progress_and_end_in_the_result(app: App, speech: Path, asked: dict) -> None:
    with httpx.stream("POST", f"{app.url}/transcribe", files=upload(speech), timeout=240, **asked) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        found = events(answer)
    assert {name for name, _ in found[:-1]} == {"update"}
    name, result = found[-1]
    assert name == "result"
    assert Transcript.from_dict(result).to_dict() == result
    updates = [data for _, data in found[:-1]]
    assert [segment for update in updates for segment in update["segments"]] == result["segments"]
    done = [update["seconds_done"] for update in updates]
    assert done == sorted(done) and updates[-1]["stage"] == "done"


@pytest.mark.parametrize(
    "asked",
    [
        {"data": {"stream": "false"}, "headers": {"Accept": "text/event-stream"}},
        {"headers": {"Accept": "text/event-stream;q=0, application/json"}},
    ],
)
def test_who_does_not_want_events_gets_none(app: App, speech: Path, asked: dict) -> None:
    answer = httpx.post(f"{app.url}/transcribe", files=upload(speech), timeout=240, **asked)
    assert answer.headers["content-type"] == "application/json" and answer.json()["word_segments"]


def test_a_stream_ends_in_the_document_asked_for(app: App, speech: Path) -> None:
    fields = {"stream": "true", "response_format": "srt"}
    with httpx.stream(
        "POST", f"{app.url}/transcribe", files=upload(speech), data=fields, timeout=240
    ) as answer:
        name, result = events(answer)[-1]
    assert (name, result["response_format"]) == ("result", "srt")
    assert " --> " in result["document"] and "fox" in result["document"].lower()
    assert "encoding" not in result


def test_a_stream_ends_in_a_document_that_is_no_text(app: App, speech: Path) -> None:
    fields = {"stream": "true", "response_format": "docx", "language": "en"}
    *_, (_, result) = events(app.post(file=speech.read_bytes(), **fields))
    assert (result["response_format"], result["encoding"]) == ("docx", "base64")
    assert "fox" in text_of(base64.b64decode(result["document"])).lower()


@pytest.mark.parametrize("format", ["srt", "vtt"])
def test_subtitles_are_cut_as_asked_for(app: App, speech: Path, format: str) -> None:
    fields = {"language": "en", "response_format": format, "max_lines": "1", "max_width": "12"}
    told = app.post(file=speech.read_bytes(), **fields).text
    shown = READERS[format](told)
    assert len(shown) > 2
    assert all(len(cue.text) <= 12 for cue in shown)
    assert "".join(shown[0].text.split()) in "Thequickbrownfoxjumps"
    streamed = app.post(file=speech.read_bytes(), stream="true", **fields).text
    result = json.loads(streamed.split("event: result\ndata: ")[1])
    assert result["document"] == told


@pytest.mark.parametrize("fields", [{"max_words": "1"}, {"preset": "word"}])
def test_one_word_a_subtitle(app: App, speech: Path, fields: dict[str, str]) -> None:
    told = app.post(file=speech.read_bytes(), language="en", response_format="srt", **fields).text
    assert [cue.text for cue in READERS["srt"](told)] == FOX.split()


def test_subtitles_are_as_short_as_asked_for(app: App, speech: Path) -> None:
    told = app.post(file=speech.read_bytes(), language="en", response_format="srt", max_seconds="0.8").text
    shown = READERS["srt"](told)
    assert len(shown) > 2 and all(cue.end - cue.start <= 800 for cue in shown)


def test_what_is_wrong_with_a_recording_has_its_status_in_a_stream_too(app: App) -> None:
    error_of(app.post(file=b"a letter, not a recording\n" * 99, stream="true"), 415, "not_media")


# The other routes, and the log


def test_health_tells_what_runs(app: App) -> None:
    health = httpx.get(f"{app.url}/health").json()
    assert health["status"] == "ok"
    assert {"device", "gpu", "model", "aligners", "versions", "uptime"} <= health.keys()
    assert {"torch", "whisperx"} <= health["versions"].keys()


def test_every_language_tells_its_aligner(app: App) -> None:
    languages = httpx.get(f"{app.url}/languages").json()
    assert len(languages) in (99, 100)  # base lacks Cantonese, large-v3-turbo has it
    assert all(language.keys() >= {"code", "name", "native", "aligner"} for language in languages)
    assert all(language["aligner"] for language in languages)
    assert {language["code"] for language in languages} <= LANGUAGES.keys()


@pytest.mark.parametrize("path", ["/health", "/languages"])
def test_what_is_only_read_takes_no_post(app: App, path: str) -> None:
    response = httpx.post(f"{app.url}{path}")
    error_of(response, 405, "wrong_method")
    assert response.headers["allow"] == "GET, HEAD"


def test_the_log_has_a_line_a_request_and_nothing_private(app: App, speech: Path) -> None:
    before = len(app.logged())
    files = {"file": ("my-private-talk.wav", speech.read_bytes())}
    data = httpx.post(f"{app.url}/transcribe", files=files, timeout=120).json()
    (line,) = app.logged()[before:]
    assert line["outcome"] == "ok"
    said = {word["word"].strip(".,!?").lower() for word in data["word_segments"]}
    assert said and not said & set(re.findall(r"\w+", json.dumps(line).lower()))
    everything = (app.folder / "server.log").read_text()
    assert data["text"] not in everything
    assert "my-private-talk" not in everything
    assert TOKEN not in everything
