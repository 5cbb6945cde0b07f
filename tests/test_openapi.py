"""The OpenAPI document is complete, and the running app keeps it, whatever is thrown at it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from engine.options import specs
from engine.writers import WRITERS
from tests.conftest import App

EXAMPLES = 12  # of each kind of request on each route

# What no schema can say of a form: whether its bytes are a recording.
UNKNOWABLE = "positive_data_acceptance"


@pytest.fixture(scope="module")
def document(app: App) -> dict:
    return httpx.get(f"{app.url}/openapi.json").json()


def test_every_option_and_format_is_in_it(document: dict) -> None:
    post = document["paths"]["/transcribe"]["post"]
    fields = post["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    assert list(fields) == ["file", *(spec.name for spec in specs()), "response_format", "stream"]
    assert all(field["description"].endswith(".") for field in fields.values())
    assert {writer.media_type for writer in WRITERS.values()} <= post["responses"]["200"]["content"].keys()


def test_every_path_of_it_is_there(app: App, document: dict) -> None:
    for path, methods in document["paths"].items():
        for method in methods.keys() & {"get", "post"}:
            answer = httpx.request(method, app.url + path.replace("{model}", "base"))
            assert answer.status_code != 404 and str(answer.status_code) in methods[method]["responses"]


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
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
