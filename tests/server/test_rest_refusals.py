"""Every bad file and bad request over plain HTTP gets its status and its sentence, and leaves nothing."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from engine.export.cue_limits import limit_specs
from engine.options import specs
from tests.support.app import MAX_BYTES, MAX_SECONDS, App
from tests.support.media_files import ffmpeg
from tests.support.raw_http import BOUNDARY, connected, error_of, file_part, head, post_raw, wav

pytestmark = pytest.mark.usefixtures("nothing_left")

PROSE = 600  # characters of the options that take any text


@pytest.fixture(scope="module")
def app(small_app: App) -> App:
    return small_app


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


@pytest.mark.parametrize(
    "option", [spec.name for spec in (*specs(), *limit_specs()) if spec.max_length != PROSE]
)
def test_an_unknown_value_is_refused_and_the_known_are_told(app: App, speech: Path, option: str) -> None:
    error = error_of(app.post(file=speech.read_bytes(), **{option: "klingon"}), 422, "bad_option")
    assert option in error["message"] and "klingon" in error["message"]
    assert error["hint"]


@pytest.mark.parametrize(
    ("limit", "value"),
    [("max_lines", "0"), ("max_width", "501"), ("max_seconds", "inf"), ("max_words", "1.5")],
)
def test_a_limit_out_of_range_is_refused_with_the_range_before_any_work(
    app: App, speech: Path, limit: str, value: str
) -> None:
    for fields in ({}, {"response_format": "srt"}, {"response_format": "vtt", "stream": "true"}):
        error = error_of(app.post(file=speech.read_bytes(), **fields, **{limit: value}), 422, "bad_option")
        assert limit in error["message"] and "number from" in error["hint"]


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


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "HEAD"])
def test_another_method_is_refused_and_the_possible_ones_told(app: App, method: str) -> None:
    response = httpx.request(method, f"{app.url}/transcribe")
    assert response.status_code == 405
    assert response.headers["allow"] == "POST, DELETE"
    if method != "HEAD":
        error_of(response, 405, "wrong_method")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_path_that_is_none_is_refused_in_the_body_of_its_neighbours(app: App, method: str) -> None:
    for path in ("/nothing", "/transcribe/nothing", "/health/nothing", "/v2/models"):
        assert error_of(httpx.request(method, app.url + path), 404, "not_found")["hint"]
    for path in ("/v1", "/v1/nothing", "/v1/chat/completions"):
        response = httpx.request(method, app.url + path)
        assert response.status_code == 404
        assert response.json()["error"].keys() == {"message", "type", "param", "code"}


def test_what_gradio_lacks_it_says_itself(app: App) -> None:
    for path in ("/gradio_api/file=nothing", "/assets/nothing.js"):
        assert httpx.get(app.url + path).status_code in (403, 404)
    assert "detail" in httpx.get(f"{app.url}/assets/nothing.js").json()
    assert httpx.get(f"{app.url}/theme.css").status_code == 200


def test_a_file_name_is_never_a_path(app: App, speech: Path) -> None:
    name = "../../../escaped\x00.wav"
    files = {"file": (name, speech.read_bytes())}
    assert httpx.post(f"{app.url}/transcribe", files=files, timeout=120).status_code == 200
    assert not app.named("escaped")
