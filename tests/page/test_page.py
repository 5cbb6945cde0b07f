"""The page's server side: what its public endpoint takes and refuses, on the running app."""

from __future__ import annotations

import asyncio
import http.server
import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import httpx
import pytest
from gradio_client import Client, handle_file
from starlette.requests import Request

from engine import Config, Engine
from engine.languages import AUTO
from page.handlers import PageContext, localising, on_unload, readiness, transcription, with_vocabulary
from page.identity import caller_name
from page.server_functions import safe_stem
from page.texts import ENGLISH, TEXTS
from page.transcript_store import TranscriptStore
from server import CallerLimits
from server.data_folder import DataFolder
from tests.support.page import PageWork, page_context, page_work
from tests.support.recordings import clip

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = Path("/etc/passwd")
NOT_UPLOADED = ENGLISH["not_uploaded"]


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
    assert NOT_UPLOADED in events


def test_a_path_that_climbs_out_of_the_uploads_is_refused(server: str, speech: Path) -> None:
    with speech.open("rb") as content:
        uploaded = httpx.post(f"{server}/gradio_api/upload", files={"files": content}).json()[0]
    assert "event: complete" in call(server, file_data(uploaded))
    climbing = str(Path(uploaded).parent / Path(*[".."] * 12) / str(SECRET).lstrip("/"))
    assert NOT_UPLOADED in call(server, file_data(climbing))


def test_an_address_is_refused_and_never_asked(server: str, elsewhere: tuple[str, list[str]]) -> None:
    url, asked = elsewhere
    for file in (url, {"path": url}, file_data(url), {**file_data("x.wav"), "url": url}):
        assert NOT_UPLOADED in call(server, file)
    assert asked == []


def test_the_page_s_own_events_refuse_foreign_files_too(
    server: str, elsewhere: tuple[str, list[str]]
) -> None:
    url, asked = elsewhere
    config = httpx.get(f"{server}/config").json()
    parts = {part["id"]: part for part in config["components"]}
    button = next(id for id, part in parts.items() if part["props"].get("elem_id") == "start")
    click = next(
        d for d in config["dependencies"] if [button, "click"] in map(list, d["targets"]) and d["inputs"]
    )
    usual = [parts[id]["props"].get("value") for id in click["inputs"]]
    for path in (str(SECRET), url):
        for place in range(len(usual)):
            data: list[Any] = list(usual)
            data[place] = file_data(path)
            answer = _push(server, click["id"], data)
            assert NOT_UPLOADED in answer
    assert asked == []


def _push(server: str, event: int, data: list[Any]) -> str:
    session = {"session_hash": f"test{event}"}
    httpx.post(
        f"{server}/gradio_api/queue/join", json={"data": data, "fn_index": event, **session}
    ).raise_for_status()
    with httpx.stream("GET", f"{server}/gradio_api/queue/data", params=session, timeout=60) as stream:
        return next(line for line in stream.iter_lines() if "process_completed" in line)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TranscriptStore:
    folder = DataFolder.claim(tmp_path)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder.uploads))
    return TranscriptStore(folder, keep_seconds=60)


@pytest.fixture
def work(engine: Engine, store: TranscriptStore) -> Iterator[PageWork]:
    with page_work(engine, store) as work:
        yield work


@pytest.fixture
def context(work: PageWork) -> PageContext:
    with gr.Blocks():
        return page_context(work)


def test_closing_a_page_deletes_what_has_had_its_time(context: PageContext) -> None:
    store = context.store
    old, young = (store.folder.publish_file(f"{name}.wav", b"sound", "upload") for name in ("old", "young"))
    os.utime(old, (0, 0))
    on_unload(context)()
    assert not old.exists() and young.exists()


def test_a_click_hands_recordings_over_in_their_order(
    context: PageContext, work: PageWork, speech: Path
) -> None:
    shown = _click(context, [speech, speech])
    assert (shown["state"], shown["key"]) == ("working", "handing_over")
    assert [item["name"] for item in shown["items"]] == [speech.name] * 2
    first, second = (item["run"] for item in shown["items"])
    assert work.wait(first, "working")["status"]["name"] == speech.name
    assert work.wait(second)["state"] == "done" and work.wait(first)["state"] == "done"


def test_a_click_without_a_recording_gets_a_card(context: PageContext) -> None:
    assert _click(context, []).items() >= {"state": "failed", "key": "no_file"}.items()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Öl & Käse #1 (100%).mp3", "Öl & Käse #1 (100%)"),
        ("AT&T's 'talk' [2].tar.gz", "AT&T's 'talk' [2].tar"),
        ('why?<no>:"*"|.wav', "why_no_"),
        ("a\\b\x07c\u202egpj.wav", "a_b_c_gpj"),
        ("字" * 90 + ".wav", "字" * 66),
        ("...", "transcript"),
        ("\ud800.wav", "_"),
    ],
)
def test_a_file_keeps_its_source_s_name_as_far_as_file_systems_allow(name: str, kept: str) -> None:
    assert safe_stem(name) == kept


def test_a_batch_of_more_files_than_are_accepted_is_not_begun(context: PageContext, speech: Path) -> None:
    context.engine.config, before = replace(context.engine.config, max_batch=2), context.engine.config
    try:
        said = _click(context, [speech] * 3)
    finally:
        context.engine.config = before
    assert said["state"] == "failed" and said["code"] == "too_many_files" and "2 accepted" in said["text"]


def test_who_has_enough_at_work_is_told_so_by_a_second_try(work: PageWork) -> None:
    limits = CallerLimits(Config(caller_concurrency=1))
    again = work.functions(limits)["again"]
    request = gr.Request(Request({"type": "http"}, _stays), username="ann")
    with limits.slot(caller_name(request)):
        assert "already have 1 transcription running" in asyncio.run(again({"token": "x"}, request))["error"]
    told = asyncio.run(again({"token": "x"}, request))
    assert told["code"] == "not_kept" and "no longer kept" in told["error"]


def test_a_second_try_is_as_the_recording_was_first_asked_for(work: PageWork) -> None:
    (token,) = work.begin(clip("fr/bonjour_monde"), language="fr", task="translate", beam_size=2)
    meta = work.wait(token)["message"]["meta"]
    again = work.functions()["again"]
    stretch = {"token": meta["token"], "start": 0, "end": meta["transcript"]["duration"], "language": "fr"}

    def heard(**chosen: str) -> dict[str, Any]:
        return asyncio.run(again(stretch | chosen, gr.Request(Request({"type": "http"}, _stays), "ann")))

    found = heard(vad_sensitivity="off")["segments"]
    assert {segment["language"] for segment in found} == {"en"}
    assert "hello" in " ".join(word["word"] for segment in found for word in segment["words"]).lower()
    assert "Unknown vad_sensitivity" in heard(vad_sensitivity="deaf")["error"]


async def _stays() -> dict[str, Any]:
    """What a request receives whose client never hangs up."""
    return await asyncio.Future()


def _reader(accepted: str) -> gr.Request:
    """A request from a browser with these languages."""
    headers = [(b"accept-language", accepted.encode())]
    return gr.Request(request=Request({"type": "http", "headers": headers}))


def test_lists_of_choices_come_in_the_browser_s_language(context: PageContext) -> None:
    def choices(accepted: str) -> dict[str, str]:
        update = localising(context)(_reader(accepted)).get(context.parts.inputs.options["task"])
        return {value: name for name, value in update["choices"]} if update else {}

    assert choices("de-CH,en;q=0.5")["translate"] == TEXTS["de"]["choice_task_translate"]
    assert choices("en-GB") == choices("nn") == {}


def test_the_list_of_languages_tells_what_times_the_words_of_each(context: PageContext) -> None:
    changes = readiness(context)(_reader("de"))
    shown = {code: name for name, code in changes[context.parts.inputs.options["language"]]["choices"]}
    known = {entry["code"]: entry["aligner"] for entry in context.engine.languages()}
    assert {"phonetic", "attention"} <= set(known.values())
    assert [code for code, aligner in known.items() if not shown[code].endswith(f" · {aligner}")] == []
    assert shown[AUTO] == TEXTS["de"]["choice_language_auto"]


def test_chosen_words_of_corrections_join_the_hotwords_once() -> None:
    assert with_vocabulary({"hotwords": "Ada"}, ["ada", "Krüger"]) == {"hotwords": "Ada, Krüger"}
    assert with_vocabulary({"hotwords": None}, ["Krüger", "Lovelace"]) == {"hotwords": "Krüger, Lovelace"}
    assert with_vocabulary({"hotwords": ""}, None) == {"hotwords": ""}


def _click(context: PageContext, media: list[Path]) -> dict[str, Any]:
    """Presses Transcribe; returns the status that the page shows then."""
    inputs = context.parts.inputs
    values = {part: getattr(part, "value", None) for part in inputs.options.values()}
    values |= {inputs.file: list(map(str, media)), inputs.microphone: None, inputs.options["language"]: "en"}
    values |= {inputs.vocabulary: None, context.parts.results.queue: None}
    (shown,) = transcription(context)(values, gr.Request(session_hash="tab")).values()
    return dict(shown)
