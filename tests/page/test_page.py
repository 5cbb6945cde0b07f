"""The page's server side: what its public endpoint takes and refuses, on the running app."""

from __future__ import annotations

import asyncio
import http.server
import logging
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

from engine import Config, Engine, Options, Segment, Update, Word
from engine.languages import AUTO
from engine.updates import Waveform
from page.handlers import localising, on_unload, readiness, stopping, transcribe_batch, transcription
from page.identity import caller_name
from page.runs import PageContext, PageRun
from page.server_functions import safe_stem, server_functions
from page.stop_signals import StopSignal
from page.texts import ENGLISH, TEXTS
from page.transcript_store import TranscriptStore
from server import CallerLimits
from server.data_folder import DataFolder
from tests.support.page import page_context
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
def context(engine: Engine, store: TranscriptStore) -> PageContext:
    with gr.Blocks():
        return page_context(engine, store)


def test_a_click_while_the_models_load_waits_for_them(speech: Path, store: TranscriptStore) -> None:
    engine = Engine(Config.from_env())
    with gr.Blocks():
        context = page_context(engine, store)
    status = [step[context.parts.results.status] for step in _click(context, speech, "auto")]
    engine.close()
    assert "stage_loading" in [said.get("key") for said in status]
    assert status[-1] == {"state": "idle"}


def test_a_page_that_is_left_stops_the_engine_and_keeps_what_was_found(
    context: PageContext, talk_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    steps = _click(context, talk_file, "en")
    run = None
    for step in steps:
        run = step[context.parts.results.status].get("run")
        if step[context.parts.results.status].get("key") == "stage_transcribing":
            break
    with caplog.at_level(logging.INFO, "wordlight"):
        steps.close()
    assert "cancelled" in [getattr(record, "entry", {}).get("outcome") for record in caplog.records]
    left = context.store.load(run)
    assert left and left["state"] == "left" and left["message"]["meta"]["state"] == "left"


class Heard:
    """An engine that has heard ten of thirty seconds, and found speech further on, when it is told to stop."""

    def stream(self, *_: object) -> Iterator[Update]:
        words = (Word("Light.", 0.5, 1.5, 0.9, "attention"),)
        found = (Segment(0, 0.5, 1.5, "Light.", "en", words, -0.1, 0.0),)
        sound = Waveform(bytes(600), ((0.0, 2.0), (4.0, 29.0)))
        yield Update("transcribing", 10.0, 30.0, "en", 0.9, found, sound=sound)


@pytest.mark.parametrize(
    ("sensitivity", "until", "stretches"), [("normal", 10.0, [[4.0, 10.0]]), ("off", None, [])]
)
def test_what_was_heard_before_a_stop_is_checked_and_nothing_else(
    context: PageContext, speech: Path, sensitivity: str, until: float | None, stretches: list[list[float]]
) -> None:
    context.engine = Heard()  # type: ignore[assignment]
    told = StopSignal()
    told.set()
    run = PageRun(context, speech, {"model": "base", "vad_sensitivity": sensitivity})
    *_, last = run.steps(Options(), told)
    meta = last[context.parts.results.transcript]["meta"]
    assert (meta["state"], meta["checked"]) == ("stopped", until)
    assert [[entry["start"], entry["end"]] for entry in meta["transcript"]["coverage"]] == stretches


def test_closing_a_page_deletes_what_has_had_its_time(store: TranscriptStore) -> None:
    engine = Engine(Config.from_env())  # never started: no model is needed
    with gr.Blocks():
        context = page_context(engine, store)
    old, young = (store.folder.publish_file(f"{name}.wav", b"sound", "upload") for name in ("old", "young"))
    os.utime(old, (0, 0))
    on_unload(context)(gr.Request(session_hash="tab"))
    assert not old.exists() and young.exists()


def test_stop_is_the_last_word_of_its_own_tab_s_run(context: PageContext, speech: Path) -> None:
    mine, other = (_click(context, speech, "en", tab) for tab in ("mine", "other"))
    next(mine), next(other)
    assert stopping(context.stops)(gr.Request(session_hash="mine"))["interactive"] is False
    *_, last = mine
    inputs, status = context.parts.inputs, context.parts.results.status
    assert last[status] == {"state": "note", "key": "stopped"}
    assert last[inputs.start]["interactive"] is True and last[inputs.stop]["visible"] is False
    *_, last = other
    assert last[status] == {"state": "idle"}


def test_stop_without_a_run_does_nothing_and_the_next_run_is_whole(
    context: PageContext, speech: Path
) -> None:
    context.stops.stop("tab")
    for _ in range(2):
        *_, last = _click(context, speech, "en")
        assert last[context.parts.results.status] == {"state": "idle"}
        context.stops.stop("tab")


def test_one_bad_file_of_a_batch_costs_the_others_nothing(
    context: PageContext, speech: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "shopping.txt"
    bad.write_text("milk, bread, a very small lamp\n" * 20)
    *_, last = transcribe_batch(context, [bad, speech], {"language": "en"}, gr.Request(session_hash="tab"))
    assert last[context.parts.results.status] == {
        "state": "note",
        "key": "batch_done",
        "values": {"done": 1, "failed": 1},
    }
    first, second = last[context.parts.results.queue]
    assert (first["state"], second["state"]) == ("failed", "done") and "shopping" not in first["error"]
    assert context.store.load(second["token"])["state"] == "done"


def test_what_a_stop_keeps_from_being_begun_waits_no_longer(context: PageContext, speech: Path) -> None:
    steps = transcribe_batch(context, [speech, speech], {"language": "en"}, gr.Request(session_hash="tab"))
    next(steps)
    context.stops.stop("tab")
    *_, last = steps
    queue = last[context.parts.results.queue]
    assert [item["state"] for item in queue] == ["unstarted", "unstarted"]
    assert not any("token" in item for item in queue)


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


def test_who_has_enough_at_work_is_told_so_on_the_page(context: PageContext, speech: Path) -> None:
    context.limits = CallerLimits(replace(context.engine.config, caller_concurrency=1))
    first, second = (_click(context, speech, "en", tab) for tab in ("first", "second"))
    for _ in range(2):  # the second step is the recording's own
        next(first)
    *_, last = second
    said = last[context.parts.results.status]
    assert said["state"] == "failed" and "already have 1 transcription running" in said["text"]
    *_, last = first
    assert last[context.parts.results.status] == {"state": "idle"}


def test_a_batch_of_more_files_than_are_accepted_is_not_begun(context: PageContext, speech: Path) -> None:
    files, inputs = [str(speech)] * 3, context.parts.inputs
    values = {part: None for part in (inputs.microphone, *inputs.options.values())} | {inputs.file: files}
    context.engine.config, before = replace(context.engine.config, max_batch=2), context.engine.config
    try:
        (only,) = transcription(context)(values, gr.Request(session_hash="tab"))
    finally:
        context.engine.config = before
    said = only[context.parts.results.status]
    assert said["state"] == "failed" and said["code"] == "too_many_files" and "2 accepted" in said["text"]


def test_who_has_enough_at_work_is_told_so_by_a_second_try(context: PageContext) -> None:
    limits = CallerLimits(Config(caller_concurrency=1))
    *_, again = server_functions(context.engine, context.store, limits)
    request = gr.Request(Request({"type": "http"}, _stays), username="ann")
    with limits.slot(caller_name(request)):
        assert "already have 1 transcription running" in asyncio.run(again({"token": "x"}, request))["error"]
    told = asyncio.run(again({"token": "x"}, request))
    assert told["code"] == "not_kept" and "no longer kept" in told["error"]


def test_a_second_try_is_as_the_recording_was_first_asked_for(context: PageContext) -> None:
    asked = {"language": "fr", "task": "translate", "beam_size": 2}
    *_, last = transcribe_batch(context, [clip("fr/bonjour_monde")], asked, gr.Request(session_hash="tab"))
    meta = last[context.parts.results.transcript]["meta"]
    *_, again = server_functions(context.engine, context.store, context.limits)
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


def _click(context: PageContext, media: Path, language: str, tab: str = "tab") -> Iterator[dict[Any, Any]]:
    inputs = context.parts.inputs
    values = {part: getattr(part, "value", None) for part in inputs.options.values()}
    values |= {inputs.file: [str(media)], inputs.microphone: None, inputs.options["language"]: language}
    return transcription(context)(values, gr.Request(session_hash=tab))
