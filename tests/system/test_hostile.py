"""Names, paths, addresses and floods in every field of every door: nothing is read, nothing falls over."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from engine.export.cue_limits import limit_specs
from engine.export.writers import FORMATS
from engine.options import specs
from tests.support.app import App
from tests.support.waiting import eventually

OPTION_NAMES = [spec.name for spec in specs()]
LIMIT_NAMES = [spec.name for spec in limit_specs()]
PLAIN = [*OPTION_NAMES, "response_format", *LIMIT_NAMES, "stream"]
OPENAI = [
    "model",
    "prompt",
    "language",
    "response_format",
    "temperature",
    "stream",
    "timestamp_granularities[]",
    "languages[]",
    "keywords[]",
    "include[]",
]
FORMS = {
    "/transcribe": PLAIN,
    "/align": ["text", "text_file", "only"],
    "/v1/audio/transcriptions": OPENAI,
    "/v1/audio/translations": ["model", "prompt", "response_format", "temperature"],
}
FLOOD = "A" * 10_000_000
HOSTILE = [
    "../../../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "\x00\x1b[31m\r\n\t\x7f",
    "‮\ud7ff😀" * 9,
    FLOOD,
]
IDS = ["climbing", "absolute", "file", "control", "unicode", "flood"]
SECRET = "root:x:"


@pytest.fixture(scope="module")
def inside() -> Iterator[tuple[str, list[str]]]:
    """The address of a server that only this machine can reach, and what it has been asked for."""
    asked: list[str] = []

    class Inside(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Inside) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/private.wav", asked
        server.shutdown()


@pytest.fixture(autouse=True)
def unharmed(app: App, inside: tuple[str, list[str]]) -> Iterator[None]:
    yield
    assert httpx.get(f"{app.url}/health/ready").status_code == 200
    assert eventually(lambda: not app.uploads())
    assert inside[1] == []


def harmless(response: httpx.Response) -> None:
    assert response.status_code < 500, response.text
    assert SECRET not in response.text
    assert len(response.content) < 100_000, "a flood is not sent back"


@pytest.mark.parametrize("value", HOSTILE, ids=IDS)
@pytest.mark.parametrize(("path", "fields"), FORMS.items())
def test_a_hostile_value_in_any_field(app: App, path: str, fields: list[str], value: str) -> None:
    for field in fields:
        harmless(app.post(path, file=b"no sound", **{field: value}))


@pytest.mark.parametrize(("path", "fields"), FORMS.items())
def test_an_address_in_any_field_is_not_asked(
    app: App, inside: tuple[str, list[str]], path: str, fields: list[str]
) -> None:
    for field in fields:
        harmless(app.post(path, file=b"no sound", **{field: inside[0]}))
    harmless(app.post(path, file=f"#EXTM3U\n#EXTINF:1,\n{inside[0]}\n".encode()))
    harmless(httpx.post(app.url + path, files={"file": (None, inside[0])}))


@pytest.mark.parametrize("name", [*HOSTILE[:-1], "A" * 3000], ids=IDS)
def test_a_hostile_file_name(app: App, name: str) -> None:
    for path in FORMS:
        harmless(httpx.post(app.url + path, files={"file": (name, b"no sound")}))
    assert not app.named("passwd")


@pytest.mark.parametrize("size", [10_000, 10_000_000])
def test_a_flood_in_the_form_s_own_headers_and_names(app: App, size: int) -> None:
    head = {"Content-Type": "multipart/form-data; boundary=b"}
    for part in (f'form-data; name="{"A" * size}"', f'form-data; name="file"; filename="{"A" * size}"'):
        body = f"--b\r\nContent-Disposition: {part}\r\n\r\nx\r\n--b--\r\n".encode()
        harmless(httpx.post(f"{app.url}/transcribe", content=body, headers=head))
    harmless(httpx.post(f"{app.url}/transcribe", content=b"--b\r\n" * (size // 5), headers=head))


@pytest.mark.parametrize("value", HOSTILE, ids=IDS)
def test_a_hostile_value_in_any_parameter_of_gradio_s_api(
    app: App, inside: tuple[str, list[str]], speech: Path, value: str
) -> None:
    (path,) = httpx.post(f"{app.url}/gradio_api/upload", files={"files": ("a.wav", b"no sound")}).json()
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    for endpoint in ("transcribe", "transcribe_stream"):
        for place in range(len(OPTION_NAMES) + 1):
            data = [file, *(spec.default for spec in specs())]
            data[place] = value
            assert "event: error" in called(app, endpoint, data)
    for place in range(4):  # a recording that is none, a text, its file, and which words are timed
        data = [file, "", None, "all"]
        data[place] = value
        assert "event: error" in called(app, "align", data)
    empty = {"segments": [], "duration": 1, "language": "en"}
    for place in range(len(LIMIT_NAMES)):
        limits: list = [spec.default for spec in limit_specs()]
        limits[place] = value
        assert "event: error" in called(app, "export", [empty, "srt", *limits])
    assert "event: error" in called(app, "export", [{"text": value}, "srt"])
    for format in (value, [value], {value: value}):
        answer = called(app, "export", [empty, format])
        assert "Known: txt" in answer or (value == FLOOD and answer == "event: error"), "too large to be read"
    assert "event: error" in called(app, "export", [{"path": inside[0], "meta": file["meta"]}, "srt"])


@pytest.mark.parametrize("value", [*HOSTILE, "\ud800"], ids=[*IDS, "half a character"])
def test_a_hostile_text_in_any_place_of_a_transcript(app: App, value: str) -> None:
    word = {"word": value, "start": 0, "end": 1, "probability": 1, "timing": "aligned", "speaker": value}
    segment = {"id": 0, "start": 0, "end": 1, "text": value, "language": value, "speaker": value}
    segment |= {"aligner": value, "words": [word]}
    transcript = {
        "language": value, "duration": 1, "segments": [segment], "model": value, "aligner": value,
        "warnings": [value], "coverage": [{"kind": value, "start": 0, "end": 1}], "timings": {value: 1},
    }  # fmt: skip
    for format in FORMATS:
        events = called(app, "export", [transcript, format])
        assert "event: error" in events or "event: complete" in events
    assert not app.named("passwd")


def called(app: App, endpoint: str, data: list) -> str:
    url = f"{app.url}/gradio_api/call/{endpoint}"
    body = json.dumps({"data": data})  # which writes halves of characters too, as httpx does not
    answer = httpx.post(url, content=body, headers={"Content-Type": "application/json"}, timeout=120)
    assert answer.status_code < 500
    if answer.status_code != 200:
        return "event: error"
    events = httpx.get(f"{url}/{answer.json()['event_id']}", timeout=120).text
    assert SECRET not in events
    return events


@pytest.mark.parametrize("model", ["..%2F..%2Fetc%2Fpasswd", "%00", "A" * 8000, "file:%2F%2F%2Fetc%2Fpasswd"])
def test_a_hostile_model_in_the_path(app: App, model: str) -> None:
    harmless(httpx.get(f"{app.url}/v1/models/{model}"))
