"""POST /lint and GET /jobs/{id}/lint: subtitles in, findings out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs

from tests.support.app import App

GOOD = b"1\n00:00:01,000 --> 00:00:03,000\nGood morning, everybody.\n"
FAST = b"1\n00:00:01,000 --> 00:00:01,500\nGood morning, everybody.\n"


def lint(app: App, content: bytes, **fields: str) -> httpx.Response:
    files = {"file": ("talk.srt", content)}
    return httpx.post(f"{app.url}/lint", files=files, data=fields, timeout=60)


def test_the_findings_are_as_the_document_says(app: App) -> None:
    answer = lint(app, FAST, language="en").json()
    assert answer["counts"] == {"too_fast": 1, "too_short": 1}
    assert answer["publishable"] is False and answer["cues"] == 1
    document = httpx.get(f"{app.url}/openapi.json").json()
    schema: dict[str, Any] = {
        "$ref": "#/components/schemas/LintReport",
        "components": document["components"],
    }
    jsonschema_rs.Draft202012Validator(schema).validate(answer)


def test_the_limits_may_be_a_preset_s_or_one_s_own(app: App) -> None:
    assert lint(app, GOOD, preset="netflix").json()["issues"] == []
    assert lint(app, GOOD, preset="netflix", max_width="20").json()["counts"] == {"line_too_long": 1}


def test_what_is_no_subtitles_is_refused(app: App) -> None:
    refused = lint(app, b"RIFF....WAVE")
    assert refused.status_code == 422 and "no subtitles" in refused.json()["error"]["message"]
    assert lint(app, GOOD, preset="hbo").status_code == 422
    assert lint(app, GOOD, shout="yes").status_code == 422


def test_a_job_s_subtitles_are_checked(app: App, speech: Path) -> None:
    job = httpx.post(f"{app.url}/jobs", files={"file": speech.read_bytes()}, timeout=60).json()["links"][
        "self"
    ]
    address = app.url + job
    deadline = time.monotonic() + 120
    while httpx.get(address).json()["state"] in ("queued", "running") and time.monotonic() < deadline:
        time.sleep(0.2)
    report = httpx.get(f"{address}/lint", params={"max_width": 10}).json()
    assert report["format"] == "json" and report["language"] == "en" and report["cues"] > 1
    assert httpx.get(f"{address}/lint", params={"shout": 1}).status_code == 422
