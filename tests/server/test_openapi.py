"""The OpenAPI document is complete, and the running app keeps it, whatever is thrown at it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from engine.export.cue_limits import limit_specs
from engine.export.writers import WRITERS
from engine.options import specs
from tests.support.app import App
from tests.support.raw_http import events, upload
from tests.support.recordings import ROOT

EXAMPLES = 12  # of each kind of request on each route
JOB_KINDS = ("Job", "JobEvent", "JobRemoved", "Update", "Transcript")
POSTS = ("/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations")

# What no schema can say of a form: whether its bytes are a recording.
UNKNOWABLE = "positive_data_acceptance"


@pytest.fixture(scope="module")
def document(app: App) -> dict:
    return httpx.get(f"{app.url}/openapi.json").json()


def test_every_option_and_format_is_in_it(document: dict) -> None:
    post = document["paths"]["/transcribe"]["post"]
    fields = post["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    names, limits = ([spec.name for spec in group] for group in (specs(), limit_specs()))
    assert list(fields) == ["file", *names, "response_format", *limits, "stream"]
    assert all(field["description"].endswith(".") for field in fields.values())
    assert {writer.media_type for writer in WRITERS.values()} <= post["responses"]["200"]["content"].keys()


def test_both_ways_to_send_a_key_are_in_it(document: dict) -> None:
    schemes = document["components"]["securitySchemes"]
    assert [(entry["type"], entry.get("scheme") or entry["name"]) for entry in schemes.values()] == [
        ("http", "bearer"),
        ("apiKey", "X-API-Key"),
    ]
    assert document["security"] == [{}, *({name: []} for name in schemes)]


def test_every_503_and_429_says_when_to_come_back(document: dict) -> None:
    answers = [
        answer
        for path in document["paths"].values()
        for method in path.keys() & {"get", "post"}
        for status, answer in path[method]["responses"].items()
        if status in ("429", "503", "507")
    ]
    assert answers and all("Retry-After" in answer["headers"] for answer in answers)


def closed(schema: Any) -> Any:
    """Returns the schema with every property that it does not name forbidden."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if "properties" in schema and "additionalProperties" not in schema:
        made["additionalProperties"] = False
    return made


def validator(document: dict, schema: dict) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {**closed(schema), "components": closed(document["components"])}, validate_formats=True
    )


def answer_of(document: dict, path: str) -> dict:
    responses = document["paths"][path]["post"]["responses"]
    return responses["200"]["content"]["application/json"]["schema"]


def test_a_real_transcript_is_what_the_document_says_and_no_more(
    app: App, document: dict, talk_file: Path
) -> None:
    transcript = app.post(file=talk_file.read_bytes()).json()
    assert len(transcript["segments"]) > 3 and transcript["coverage"] is not None
    validator(document, answer_of(document, "/transcribe")).validate(transcript)


@pytest.mark.parametrize("speakers", ["off", "auto"])
def test_real_events_are_what_the_document_says_and_no_more(
    app: App, document: dict, talk_file: Path, speakers: str
) -> None:
    kinds = {
        name: validator(document, {"$ref": f"#/components/schemas/{kind}"})
        for name, kind in {"update": "Update", "result": "Transcript", "error": "Error"}.items()
    }
    fields = {"stream": "true", "speakers": speakers}
    with httpx.stream(
        "POST", f"{app.url}/transcribe", files=upload(talk_file), data=fields, timeout=240
    ) as answer:
        found = events(answer)
    for name, data in found:
        kinds[name].validate(data)
    assert any(data["segments"] for name, data in found if name == "update")
    assert any(data["seconds_left"] is not None for name, data in found if name == "update")
    assert [name for name, _ in found].count("result") == 1 and found[-1][0] == "result"
    told = [data["speaker_news"] for name, data in found if name == "update" and data["speaker_news"]]
    assert bool(told) is bool(found[-1][1]["speakers"]) is (speakers == "auto")
    assert not told or told[-1]["provisional"] is False


def test_a_document_at_a_stream_s_end_is_what_the_document_says(
    app: App, document: dict, speech: Path
) -> None:
    fields = {"stream": "true", "response_format": "srt"}
    with httpx.stream(
        "POST", f"{app.url}/transcribe", files=upload(speech), data=fields, timeout=240
    ) as answer:
        _, data = events(answer)[-1]
    validator(document, {"$ref": "#/components/schemas/Document"}).validate(data)


@pytest.mark.parametrize("format", ["json", "verbose_json", "diarized_json"])
def test_openai_s_real_answers_are_what_the_document_says_and_no_more(
    app: App, document: dict, talk_file: Path, format: str
) -> None:
    path = "/v1/audio/transcriptions"
    fields = {"response_format": format, "timestamp_granularities[]": "word"}
    answer = app.post(path, file=talk_file.read_bytes(), **fields).json()
    validator(document, answer_of(document, path)).validate(answer)


def test_a_real_job_is_what_the_document_says_and_no_more(app: App, document: dict, speech: Path) -> None:
    kinds = {name: validator(document, {"$ref": f"#/components/schemas/{name}"}) for name in JOB_KINDS}
    data = {"language": "en", "metadata": '{"a": [1]}'}
    answer = httpx.post(f"{app.url}/jobs", files=upload(speech), data=data, timeout=60)
    kinds["Job"].validate(answer.json())
    job = f"{app.url}/jobs/{answer.json()['id']}"
    with httpx.stream("GET", f"{job}/events", timeout=240) as stream:
        found = events(stream)
    for name, event in found:
        kinds["Update" if name == "update" else "JobEvent"].validate(event)
    kinds["Job"].validate(httpx.get(job).json())
    kinds["Transcript"].validate(httpx.get(f"{job}/result").json())
    kinds["JobRemoved"].validate(httpx.delete(job).json())


@pytest.mark.parametrize(("path", "kind"), [("/health", "Health"), ("/v1/models", "Models")])
def test_what_the_installation_tells_is_what_the_document_says(
    app: App, document: dict, path: str, kind: str
) -> None:
    schema = {"$ref": f"#/components/schemas/{kind}"}
    validator(document, schema).validate(httpx.get(app.url + path).json())


def test_the_languages_are_what_the_document_says(app: App, document: dict) -> None:
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/Language"}}
    validator(document, schema).validate(httpx.get(f"{app.url}/languages").json())


def test_every_path_of_it_is_there(app: App, document: dict, speech: Path) -> None:
    job = httpx.post(f"{app.url}/jobs", files=upload(speech), timeout=60).json()["id"]
    for path, methods in document["paths"].items():
        for method in methods.keys() & {"get", "post"}:
            address = app.url + path.replace("{model}", "base").replace("{id}", job)
            answer = httpx.request(method, address, timeout=60)
            assert answer.status_code != 404 and str(answer.status_code) in methods[method]["responses"]


def answered(app: App, status: int) -> dict[str, float]:
    """Returns how often each route for recordings has answered so, as /metrics tells."""
    told = httpx.get(f"{app.url}/metrics").text
    return {
        path: float(count)
        for path in POSTS
        for count in re.findall(
            rf'requests_total{{method="POST",path="{path}",status="{status}"}} (\S+)', told
        )
    }


def test_schemathesis_finds_nothing(app: App, tmp_path: Path) -> None:
    command = [
        Path(sys.executable).parent / "schemathesis",
        "run",
        f"{app.url}/openapi.json",
        "--checks=all",
        f"--exclude-checks={UNKNOWABLE}",
        f"--max-examples={EXAMPLES}",
        "--phases=examples,coverage,fuzzing",
        "--seed=1",
        "--request-timeout=120",
        "--generation-database=none",
        "--suppress-health-check=all",
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.support.schemathesis_hooks", "PYTHONPATH": str(ROOT)}
    environment = os.environ | hooks
    before = answered(app, 200)
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    after = answered(app, 200)
    assert all(after[path] > before.get(path, 0) for path in POSTS), "answers with transcripts were looked at"
