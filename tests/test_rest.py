"""The plain HTTP routes on the real app: the documented line, every bad request, and nothing left behind."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from engine.languages import LANGUAGES
from engine.options import specs
from engine.transcript import Transcript
from engine.writers import WRITERS
from tests.conftest import App, eventually, ffmpeg, serve

MAX_BYTES = 1_000_000
MAX_SECONDS = 20
PROSE = 600  # characters of the options that take any text
TOKEN = "hf_notARealToken"
BOUNDARY = "x-boundary-x"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("rest")
    limits = {"WORDLIGHT_MAX_BYTES": str(MAX_BYTES), "WORDLIGHT_MAX_SECONDS": str(MAX_SECONDS)}
    for url in serve(folder, HF_TOKEN=TOKEN, **limits):
        yield App(url, folder)


@pytest.fixture(autouse=True)
def nothing_left(app: App) -> Iterator[None]:
    """After every test the app is alive and holds no upload."""
    yield
    assert eventually(lambda: not app.uploads())
    assert httpx.get(f"{app.url}/health").json()["status"] == "ok"


def error_of(response: httpx.Response, status: int, code: str) -> dict[str, str]:
    assert response.status_code == status, response.text
    body = response.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "message", "hint"}
    assert body["error"]["code"] == code
    assert body["error"]["message"].endswith(".")
    return body["error"]


def wav(path: Path, seconds: float, rate: int = 8000) -> bytes:
    """Returns silence, 16 bits, one channel."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(2 * int(seconds * rate)))
    return path.read_bytes()


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
    response = app.post(file=speech.read_bytes(), language="en", response_format=format)
    assert response.status_code == 200, response.text
    writer = WRITERS["txt" if format == "text" else format]
    assert response.headers["content-type"].split(";")[0] == writer.media_type
    assert "fox" in response.text.lower()


def test_an_unknown_format_is_refused_and_the_known_are_told(app: App, speech: Path) -> None:
    error = error_of(app.post(file=speech.read_bytes(), response_format="docx"), 422, "bad_option")
    assert "srt" in error["hint"]


@pytest.mark.parametrize(
    "asked", [{"data": {"stream": "true"}}, {"headers": {"Accept": "text/event-stream"}}]
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


def test_a_stream_ends_in_the_document_asked_for(app: App, speech: Path) -> None:
    fields = {"stream": "true", "response_format": "srt"}
    with httpx.stream(
        "POST", f"{app.url}/transcribe", files=upload(speech), data=fields, timeout=240
    ) as answer:
        name, result = events(answer)[-1]
    assert (name, result["response_format"]) == ("result", "srt")
    assert " --> " in result["document"] and "fox" in result["document"].lower()


def test_what_is_wrong_with_a_recording_has_its_status_in_a_stream_too(app: App) -> None:
    error_of(app.post(file=b"a letter, not a recording\n" * 99, stream="true"), 415, "not_media")


# Bad files


def test_what_is_not_media_is_refused(app: App) -> None:
    assert error_of(app.post(file=b"a letter, not a recording\n" * 99), 415, "not_media")["hint"]


def test_an_empty_file_is_refused(app: App) -> None:
    assert error_of(app.post(file=b""), 400, "empty_file")["hint"]


def test_a_film_without_sound_is_refused(app: App, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=size=64x64:duration=1", film)
    assert error_of(app.post(file=film.read_bytes()), 422, "no_audio")["hint"]


def test_a_recording_of_no_length_is_refused(app: App, tmp_path: Path) -> None:
    assert error_of(app.post(file=wav(tmp_path / "zero.wav", seconds=0)), 422, "no_sound")["hint"]


def test_a_recording_that_is_cut_off_is_refused(app: App, speech: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.m4a"
    ffmpeg("-i", speech, whole)
    half = whole.read_bytes()[: whole.stat().st_size // 2]  # its index is at the end
    assert error_of(app.post(file=half), 422, "damaged_media")["hint"]


def test_a_recording_that_is_too_long_is_refused(app: App, tmp_path: Path) -> None:
    hours = wav(tmp_path / "long.wav", seconds=MAX_SECONDS + 1)
    assert len(hours) < MAX_BYTES
    assert error_of(app.post(file=hours), 413, "too_long")["hint"]


def test_a_file_that_is_too_large_is_refused(app: App) -> None:
    assert error_of(app.post(file=bytes(MAX_BYTES + 1)), 413, "too_large")["hint"]


def test_a_file_announced_as_too_large_is_refused_unread(app: App) -> None:
    with connected(app) as connection:
        connection.sendall(head("Content-Length: 10000000000"))
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_file_of_unknown_size_is_refused_while_it_arrives(app: App) -> None:
    with connected(app) as connection:
        connection.sendall(head("Transfer-Encoding: chunked"))
        body = file_part() + bytes(MAX_BYTES + 1)
        connection.sendall(b"%x\r\n%b\r\n" % (len(body), body))  # and more to come
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")


# Bad requests


@pytest.mark.parametrize("option", [spec.name for spec in specs() if spec.longest != PROSE])
def test_an_unknown_value_is_refused_and_the_known_are_told(app: App, speech: Path, option: str) -> None:
    error = error_of(app.post(file=speech.read_bytes(), **{option: "klingon"}), 422, "bad_option")
    assert option in error["message"] and "klingon" in error["message"]
    assert error["hint"]


def test_an_unknown_field_is_refused_and_the_known_are_told(app: App, speech: Path) -> None:
    error = error_of(app.post(file=speech.read_bytes(), lang="en"), 422, "bad_option")
    assert "'lang'" in error["message"]
    assert error["hint"].startswith("Known: file, language, task, model, aligner,")


def test_a_form_without_a_file_is_refused(app: App) -> None:
    body = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="language"\r\n\r\nen\r\n--{BOUNDARY}--\r\n'
    assert "'file'" in error_of(post_raw(app, body.encode()), 400, "bad_input")["message"]


def test_text_in_place_of_the_file_is_refused_with_the_way_to_do_it(app: App) -> None:
    response = httpx.post(f"{app.url}/transcribe", files={"file": (None, "talk.wav")})
    assert "@" in error_of(response, 400, "bad_input")["hint"]


def test_a_second_file_is_refused(app: App, speech: Path) -> None:
    files = [("file", ("a.wav", speech.read_bytes())), ("file", ("b.wav", speech.read_bytes()))]
    error_of(httpx.post(f"{app.url}/transcribe", files=files), 400, "bad_input")


def test_a_huge_field_is_refused(app: App, speech: Path) -> None:
    error_of(app.post(file=speech.read_bytes(), language="e" * 100_000), 422, "bad_option")


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "audio/wav", ""])
def test_a_body_that_is_not_a_form_is_refused(app: App, speech: Path, kind: str) -> None:
    response = httpx.post(
        f"{app.url}/transcribe", content=speech.read_bytes(), headers={"Content-Type": kind}
    )
    assert error_of(response, 415, "not_a_form")["hint"]


@pytest.mark.parametrize(
    "body", [b"", b"garbage", b"--x-boundary-x\r\nname: file\r\n\r\n", b"--x-boundary-x--"]
)
def test_a_form_that_is_damaged_is_refused(app: App, body: bytes) -> None:
    response = post_raw(app, body)
    assert response.status_code in (400, 422)
    assert response.json()["error"]["message"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_another_method_is_refused_and_the_possible_one_told(app: App, method: str) -> None:
    response = httpx.request(method, f"{app.url}/transcribe")
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    if method != "HEAD":
        error_of(response, 405, "wrong_method")


def test_a_file_name_is_never_a_path(app: App, speech: Path) -> None:
    name = "../../../escaped\x00.wav"
    files = {"file": (name, speech.read_bytes())}
    assert httpx.post(f"{app.url}/transcribe", files=files, timeout=120).status_code == 200
    assert not [path for path in app.folder.rglob("*") if "escaped" in path.name]


# A client that goes away


def test_a_client_that_leaves_during_the_upload_leaves_no_file(app: App) -> None:
    with connected(app) as connection:
        connection.sendall(head("Content-Length: 500000") + file_part() + bytes(100_000))
        assert eventually(lambda: bool(app.uploads()))
    assert eventually(lambda: not app.uploads())


def test_a_client_that_leaves_during_the_work_ends_it(app: App, speech: Path, tmp_path: Path) -> None:
    talk = tmp_path / "talk.ogg"
    ffmpeg("-stream_loop", "-1", "-i", speech, "-t", str(MAX_SECONDS - 1), "-ar", "16000", talk)
    body = file_part() + talk.read_bytes() + f"\r\n--{BOUNDARY}--\r\n".encode()
    before = len(app.logged())
    with connected(app) as connection:
        connection.sendall(head(f"Content-Length: {len(body)}") + body)
        assert eventually(lambda: bool(app.uploads()))
        time.sleep(0.3)  # well into the work, which takes seconds
    assert eventually(lambda: len(app.logged()) > before)
    (line,) = app.logged()[before:]
    assert line["outcome"] == "cancelled"


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


def upload(recording: Path) -> dict[str, tuple[str, bytes]]:
    return {"file": (recording.name, recording.read_bytes())}


def events(answer: httpx.Response) -> list[tuple[str, dict]]:
    """Returns the events of an answer as (name, data)."""
    blocks = "".join(answer.iter_text()).strip().split("\n\n")
    fields = (dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks)
    return [(it["event"], json.loads(it["data"])) for it in fields]


def connected(app: App) -> socket.socket:
    url = httpx.URL(app.url)
    return socket.create_connection((url.host, url.port), timeout=60)


def head(*headers: str) -> bytes:
    lines = [
        "POST /transcribe HTTP/1.1",
        "Host: app",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
    ]
    return "\r\n".join([*lines, *headers, "", ""]).encode()


def file_part() -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'.encode()


def post_raw(app: App, body: bytes) -> httpx.Response:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return httpx.post(f"{app.url}/transcribe", content=body, headers=headers)
