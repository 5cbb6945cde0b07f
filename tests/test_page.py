"""The page's server side: what its public endpoint takes and refuses, on the running app."""

from __future__ import annotations

import http.server
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import httpx
import pytest
from gradio_client import Client, handle_file

from engine import Config, Engine
from page import strings
from page.handlers import stopping, transcription
from page.layout import Parts, lay_out
from page.stops import Stops

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = Path("/etc/passwd")


@pytest.fixture(scope="module")
def client(server: str) -> Client:
    return Client(server, verbose=False)


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """The address of another server on this machine, and the paths that it has been asked for."""
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as listener:
        thread = threading.Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.server_port}/secret.wav", asked
        listener.shutdown()


def call(server: str, file: Any) -> str:
    """Posts to the endpoint as any program may, past what gradio's client checks; returns the events."""
    url = f"{server}/gradio_api/call/transcribe"
    event = httpx.post(url, json={"data": [file, "en", "transcribe", "", "auto"]}).json()["event_id"]
    return httpx.get(f"{url}/{event}", timeout=60).text


def file_data(path: str) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


def test_a_client_gets_the_json_of_the_contract(client: Client, speech: Path) -> None:
    found = client.predict(handle_file(str(speech)), "auto", api_name="/transcribe")
    assert found["language"] == "en"
    assert "fox" in found["text"].lower()
    assert found["word_segments"][0]["timing"] in ("aligned", "attention", "interpolated")


@pytest.mark.parametrize("language", ["klingon", "xx"])
def test_a_client_gets_the_sentence_of_an_error(client: Client, speech: Path, language: str) -> None:
    with pytest.raises(Exception, match=language):
        client.predict(handle_file(str(speech)), language, api_name="/transcribe")


@pytest.mark.parametrize("file", [str(SECRET), {"path": str(SECRET)}, file_data(str(SECRET)), None, {}])
def test_a_path_of_the_server_is_refused(server: str, file: Any) -> None:
    events = call(server, file)
    assert "event: error" in events
    assert strings.NOT_UPLOADED in events


def test_a_path_that_climbs_out_of_the_uploads_is_refused(server: str, speech: Path) -> None:
    with speech.open("rb") as content:
        uploaded = httpx.post(f"{server}/gradio_api/upload", files={"files": content}).json()[0]
    assert "event: complete" in call(server, file_data(uploaded))
    climbing = str(Path(uploaded).parent / Path(*[".."] * 12) / str(SECRET).lstrip("/"))
    assert strings.NOT_UPLOADED in call(server, file_data(climbing))


def test_an_address_is_refused_and_never_asked(server: str, elsewhere: tuple[str, list[str]]) -> None:
    url, asked = elsewhere
    for file in (url, {"path": url}, file_data(url), {**file_data("x.wav"), "url": url}):
        assert strings.NOT_UPLOADED in call(server, file)
    assert asked == []


def test_the_page_s_own_events_refuse_foreign_files_too(
    server: str, elsewhere: tuple[str, list[str]]
) -> None:
    url, asked = elsewhere
    dependencies = httpx.get(f"{server}/config").json()["dependencies"]
    click = next(d for d in dependencies if len(d["inputs"]) == 6)
    for path in (str(SECRET), url):
        for place in range(6):
            data: list[Any] = [None, None, "en", "transcribe", "", "auto"]
            data[place] = file_data(path)
            answer = _push(server, click["id"], data)
            assert strings.NOT_UPLOADED in answer
    assert asked == []


def _push(server: str, event: int, data: list[Any]) -> str:
    session = {"session_hash": f"test{event}"}
    httpx.post(
        f"{server}/gradio_api/queue/join", json={"data": data, "fn_index": event, **session}
    ).raise_for_status()
    with httpx.stream("GET", f"{server}/gradio_api/queue/data", params=session, timeout=60) as stream:
        return next(line for line in stream.iter_lines() if "process_completed" in line)


def test_a_click_while_the_models_load_waits_for_them(
    speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    engine = Engine(Config.from_env())
    parts = _parts(engine)
    steps = _run(engine, parts, Stops(), speech, "auto")
    status = [dict(step)[parts.results.status] for step in steps]
    engine.close()
    assert strings.STAGES["loading"] in [said.get("text") for said in status]
    assert status[-1] == {"state": "idle"}


def test_closing_the_page_s_work_closes_the_engine_s(
    engine: Engine, speech: Path, caplog: pytest.LogCaptureFixture
) -> None:
    parts = _parts(engine)
    steps = _run(engine, parts, Stops(), speech, "en")
    while next(steps)[parts.results.status].get("text") != strings.STAGES["transcribing"]:
        pass
    with caplog.at_level(logging.INFO, "wordlight"):
        steps.close()
    assert "cancelled" in [getattr(record, "entry", {}).get("outcome") for record in caplog.records]


def test_stop_is_the_last_word_of_its_own_tab_s_run(engine: Engine, speech: Path) -> None:
    parts, stops = _parts(engine), Stops()
    mine, other = (_run(engine, parts, stops, speech, "en", tab) for tab in ("mine", "other"))
    next(mine), next(other)
    assert stopping(stops)(gr.Request(session_hash="mine"))["interactive"] is False
    *_, last = mine
    assert last[parts.results.status] == {"state": "note", "text": strings.STOPPED}
    assert last[parts.inputs.start]["interactive"] is True and last[parts.inputs.stop]["visible"] is False
    *_, last = other
    assert last[parts.results.status] == {"state": "idle"}


def test_stop_without_a_run_does_nothing_and_the_next_run_is_whole(engine: Engine, speech: Path) -> None:
    parts, stops = _parts(engine), Stops()
    stops.stop("tab")
    for _ in range(2):
        *_, last = _run(engine, parts, stops, speech, "en", "tab")
        assert last[parts.results.status] == {"state": "idle"}
        stops.stop("tab")


def _run(
    engine: Engine, parts: Parts, stops: Stops, media: Path, language: str, tab: str = "tab"
) -> Iterator[dict[Any, Any]]:
    request = gr.Request(session_hash=tab)
    click = transcription(engine, parts, stops)
    return click(str(media), None, language, "transcribe", "", "auto", request)


def _parts(engine: Engine) -> Parts:
    with gr.Blocks():
        return lay_out(engine.config)
