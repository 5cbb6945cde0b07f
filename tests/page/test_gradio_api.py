"""gradio's API by its real clients: what it promises, what it answers, and how it is left."""

from __future__ import annotations

import json
import logging
import os
import subprocess
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio_client import Client, handle_file

from engine.errors import internal_error
from engine.export.cue_limits import CueLimits
from engine.export.writers import FORMATS, TEXT_FORMATS, encode, write
from engine.transcript import Transcript
from page.gradio_errors import as_gradio_error
from tests.support.app import App
from tests.support.recordings import ROOT
from tests.support.waiting import eventually
from tests.support.word_documents import text_of

GOLDEN = ROOT / "tests" / "golden" / "gradio_api.json"
ENDPOINTS = [
    "/transcribe",
    "/transcribe_stream",
    "/languages",
    "/health",
    "/export",
    "/align",
    "/align_stream",
]


@pytest.fixture(scope="module")
def client(app: App) -> Client:
    return Client(app.url, verbose=False, httpx_kwargs={"timeout": 60})


@pytest.fixture(scope="module")
def transcript(client: Client, speech: Path) -> dict[str, Any]:
    return client.predict(handle_file(str(speech)), "en", api_name="/transcribe")


# The contract


def schema(app: App) -> dict[str, Any]:
    """Returns what programs rely on: each endpoint's parameters in order, with types, and its answers.

    How they are described in words is for people, and may be put better at any time.
    """
    found = httpx.get(f"{app.url}/gradio_api/info").json()["named_endpoints"]
    of_parameter = ("parameter_name", "parameter_has_default", "parameter_default", "type")
    return {
        name: {
            "parameters": [
                {key: wordless(entry[key]) for key in of_parameter} for entry in endpoint["parameters"]
            ],
            "returns": [wordless(entry["type"]) for entry in endpoint["returns"]],
        }
        for name, endpoint in found.items()
    }


def wordless(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    return {key: part for key, part in schema.items() if key not in ("description", "additional_description")}


def test_the_schema_is_the_golden_one(app: App) -> None:
    found = schema(app)
    if os.environ.get("GOLDEN") == "write":  # this change is meant
        GOLDEN.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    assert found == json.loads(GOLDEN.read_text()), "if this is meant: GOLDEN=write pytest " + __file__


def test_every_endpoint_is_described_and_nothing_else_is_public(app: App) -> None:
    endpoints = httpx.get(f"{app.url}/gradio_api/info").json()["named_endpoints"]
    assert list(endpoints) == ENDPOINTS
    for endpoint in endpoints.values():
        assert endpoint["description"].endswith(".")
        for part in (*endpoint["parameters"], *endpoint["returns"]):
            assert part["python_type"]["description"].endswith(".") and part["python_type"]["type"] != "Any"
        assert all(entry["label"] == entry["parameter_name"] for entry in endpoint["parameters"])


def test_a_positional_list_may_end_early(app: App, speech: Path) -> None:
    with speech.open("rb") as content:
        (path,) = httpx.post(f"{app.url}/gradio_api/upload", files={"files": content}).json()
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    url = f"{app.url}/gradio_api/call/transcribe"
    event = httpx.post(url, json={"data": [file, "en"]}).json()["event_id"]
    events = httpx.get(f"{url}/{event}", timeout=240).text
    assert "event: complete" in events and "fox" in events


def test_nobody_goes_past_the_line(app: App) -> None:
    assert httpx.post(f"{app.url}/gradio_api/run/transcribe", json={"data": [None]}).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("call/nope", {"data": []}, 404, "not_found"),
        ("call/v2/nope", {}, 404, "not_found"),
        ("run/nope", {"data": []}, 404, "not_found"),
        ("queue/join", {"fn_index": 999, "data": [], "session_hash": "a"}, 404, "not_found"),
        ("call/v2/transcribe", {"file": None, "langauge": "de"}, 422, "bad_option"),
        ("call/v2/transcribe", {"language": "de"}, 422, "bad_option"),
    ],
)
def test_what_the_api_has_not_is_said_to_be_missing(
    app: App, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    answer = httpx.post(f"{app.url}/gradio_api/{path}", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    for name in body.keys() - {"data", "file", "fn_index", "session_hash", "language"}:
        assert name in answer.json()["error"]["message"]


# gradio_client


def test_predict_answers_with_the_contract(transcript: dict[str, Any]) -> None:
    assert Transcript.from_dict(transcript).to_dict() == transcript
    assert "fox" in transcript["text"].lower()


def test_options_go_by_name(client: Client, speech: Path) -> None:
    found = client.predict(
        file=handle_file(str(speech)),
        language="English",
        aligner="attention",
        beam_size=1,
        api_name="/transcribe",
    )
    assert (found["language"], found["aligner"]) == ("en", "attention")


def test_submit_tells_the_progress(client: Client, long_talk: Path) -> None:
    job = client.submit(handle_file(str(long_talk)), "en", api_name="/transcribe")
    try:
        assert eventually(lambda: bool(job.status().progress_data))
        assert eventually(lambda: any(entry.index for entry in job.status().progress_data or []))
        (unit,) = job.status().progress_data
        assert unit.length == 960 and unit.unit == "seconds" and unit.desc
    finally:
        job.cancel()


def test_the_streaming_variant_yields_updates(
    client: Client, speech: Path, transcript: dict[str, Any]
) -> None:
    updates = list(client.submit(handle_file(str(speech)), "en", api_name="/transcribe_stream"))
    *steps, last = updates
    assert steps and all(step["transcript"] is None for step in steps)
    assert last["transcript"]["text"] == transcript["text"]
    assert [entry for update in updates for entry in update["segments"]] == last["transcript"]["segments"]


def test_languages_and_health(client: Client) -> None:
    assert {"code": "en", "name": "English"}.items() <= client.predict(api_name="/languages")[0].items()
    assert client.predict(api_name="/health")["status"] == "ok"


@pytest.mark.parametrize("format", FORMATS)
def test_export_writes_what_the_engine_writes(
    client: Client, transcript: dict[str, Any], format: str
) -> None:
    file = client.predict(transcript, format, api_name="/export")
    content, expected = Path(file).read_bytes(), encode(Transcript.from_dict(transcript), format)
    if format in TEXT_FORMATS:
        assert content == expected
    else:  # the archive holds the moment at which it was written
        assert text_of(content) == text_of(expected) != ""


def test_export_cuts_subtitles_as_asked_for(client: Client, transcript: dict[str, Any]) -> None:
    limits = {"max_lines": 1, "max_width": 20, "max_seconds": 2.5, "max_words": 3}
    file = client.predict(transcript, "srt", **limits, api_name="/export")
    found = Path(file).read_text()
    assert found == write(Transcript.from_dict(transcript), "srt", CueLimits(**limits))
    assert found != write(Transcript.from_dict(transcript), "srt")
    in_order = client.predict(transcript, "srt", *limits.values(), api_name="/export")
    assert Path(in_order).read_text() == found


def test_a_preset_sets_the_limits_that_are_at_their_defaults(
    client: Client, transcript: dict[str, Any]
) -> None:
    file = client.predict(transcript, "srt", preset="bbc", max_lines=1, api_name="/export")
    limits = CueLimits.of({"preset": "bbc", "max_lines": 1})
    assert limits.max_width == 37
    assert Path(file).read_text() == write(Transcript.from_dict(transcript), "srt", limits)


@pytest.mark.parametrize(
    ("limit", "value"), [("max_lines", 0), ("max_width", 501), ("max_seconds", 0.01), ("max_words", -1)]
)
def test_limits_out_of_range_are_told(
    client: Client, transcript: dict[str, Any], limit: str, value: float
) -> None:
    with pytest.raises(Exception, match=f"{limit} is .* number from"):
        client.predict(transcript, "srt", **{limit: value}, api_name="/export")


@pytest.mark.parametrize(
    "change",
    [
        {"segments": None},
        {"segments": [{"id": 0}]},
        {"duration": "long"},
        {"language": ["en"]},
        {"coverage": [1]},
        {"timings": {"read": "soon"}},
    ],
)
def test_what_is_no_transcript_is_not_exported(
    client: Client, transcript: dict[str, Any], change: dict[str, Any]
) -> None:
    with pytest.raises(Exception, match="transcript"):
        client.predict(transcript | change, "srt", api_name="/export")


def test_a_transcript_with_renamed_speakers_is_exported_with_their_names(
    client: Client, transcript: dict[str, Any]
) -> None:
    segments = [segment | {"speaker": "SPEAKER_00"} for segment in transcript["segments"]]
    renamed = transcript | {"segments": segments, "speakers": [{"id": "SPEAKER_00", "name": "Anna"}]}
    assert Path(client.predict(renamed, "txt", api_name="/export")).read_text().startswith("Anna: The")
    bare = client.predict(renamed, "txt", speaker_names="off", api_name="/export")
    assert Path(bare).read_text().startswith("The")


def test_a_transcript_with_bookmarks_is_exported_with_them(
    client: Client, transcript: dict[str, Any]
) -> None:
    (first, *words), *rest = (segment["words"] for segment in transcript["segments"])
    words = [[first | {"bookmark": "ask Anna"}, *words], *rest]
    segments = [segment | {"words": own} for segment, own in zip(transcript["segments"], words, strict=True)]
    sent = transcript | {"segments": segments}
    marked = Path(client.predict(sent, "md", api_name="/export")).read_text()
    assert "<mark>The</mark> \\[ask Anna\\] " in marked
    kept = json.loads(Path(client.predict(sent, "json", api_name="/export")).read_text())
    assert [word.get("bookmark") for word in kept["word_segments"][:2]] == ["ask Anna", None]


def test_a_translation_is_exported_with_its_transcript(client: Client, transcript: dict[str, Any]) -> None:
    english = {"language": "en", "until": 2.0, "segments": [{"start": 0.2, "end": 1.0, "text": "A fox."}]}
    sent = transcript | {"translation": english}
    assert "\n> A fox.\n" in Path(client.predict(sent, "md", api_name="/export")).read_text()
    kept = json.loads(Path(client.predict(sent, "json", api_name="/export")).read_text())
    assert kept["translation"] == english
    with pytest.raises(Exception, match="language of the translation"):
        client.predict(sent | {"translation": english | {"language": "xx"}}, "md", api_name="/export")


def test_what_is_refused_before_the_engine_is_logged_too(client: Client, app: App, speech: Path) -> None:
    before = len(app.outcomes())
    with pytest.raises(Exception, match="klingon"):
        client.predict(handle_file(str(speech)), "klingon", api_name="/transcribe")
    assert eventually(lambda: app.outcomes()[before:] == ["error"])
    assert [entry["error_code"] for entry in app.logged() if entry["event"] == "request"][-1] == "bad_option"


def test_of_a_bug_the_log_alone_says_more(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(gr.Error) as caught, as_gradio_error():
        raise ValueError("/a/path/of/somebody")
    assert caught.value.message == str(internal_error()) and not caught.value.print_exception
    assert isinstance(caplog.records[-1].exc_info[1], ValueError)  # type: ignore[index]


def test_gradio_s_own_errors_pass() -> None:
    with pytest.raises(gr.Error, match="not uploaded"), as_gradio_error():
        raise gr.Error("not uploaded")


# @gradio/client


def node(app: App, script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["node", "--input-type=module", "-e", script, app.url, *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT / "tests" / "node", capture_output=True, text=True, timeout=240, check=True
    )


CONNECT = """
import { readFile } from "node:fs/promises";
import { Client } from "@gradio/client";
const [url, path] = process.argv.slice(1);
const client = await Client.connect(url);
const file = new Blob([await readFile(path)]);
"""


def test_javascript_predicts_and_exports(app: App, speech: Path) -> None:
    script = """
    const { data: [transcript] } = await client.predict("/transcribe", { file, language: "en" });
    const { data: [exported] } = await client.predict("/export", { transcript, format: "srt" });
    const srt = await (await fetch(exported.url)).text();
    console.log(JSON.stringify({ transcript, srt }));
    process.exit(0);
    """
    found = json.loads(node(app, CONNECT + script, speech).stdout)
    assert found["srt"] == write(Transcript.from_dict(found["transcript"]), "srt")


def test_javascript_gets_updates_and_cancels(app: App, long_talk: Path) -> None:
    before = app.outcomes()
    script = """
    const job = client.submit("/transcribe_stream", { file, language: "en" });
    for await (const message of job) {
        if (message.type === "data" && message.data[0].segments.length) {
            console.log(message.data[0].segments[0].text);
            await job.cancel();
            break;
        }
    }
    process.exit(0);
    """
    assert node(app, CONNECT + script, long_talk).stdout.strip()
    assert eventually(lambda: app.outcomes()[len(before) :] == ["cancelled"])
