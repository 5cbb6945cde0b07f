"""One line a request: enough to run the service by, nothing of what was said in the recording."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from engine import Engine
from engine.log import JsonLines
from server import CallerLimits, routes
from tests.support.recordings import ROOT

KEYS = {
    "time", "level", "event", "outcome", "audio_seconds", "language", "model", "aligner", "timings",
    "wall_seconds", "error_code",
}  # fmt: skip


def post(engine: Engine, name: str, content: bytes) -> httpx.Response:
    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=routes(engine, CallerLimits(engine.config))))
        async with httpx.AsyncClient(transport=transport, base_url="http://app", timeout=None) as client:
            return await client.post("/transcribe", files={"file": (name, content)})

    return asyncio.run(call())


def lines_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    formatter = JsonLines()
    requests = [record for record in caplog.records if record.name == "wordlight" and record.msg == "request"]
    return [formatter.format(record) for record in requests]


def run(script: str) -> list[str]:
    """Returns what `script` writes to stderr, by line."""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stderr.splitlines()


def test_a_request_logs_one_line_that_holds_no_word_of_it(
    engine: Engine, speech: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine.languages()  # waits for the models, whose loading has lines of its own
    with caplog.at_level(logging.INFO):
        transcript = post(engine, "my-private-talk.wav", speech.read_bytes()).json()
    assert transcript["word_segments"]
    (line,) = lines_of(caplog)
    entry = json.loads(line)
    assert entry.keys() == KEYS
    assert (entry["event"], entry["outcome"], entry["language"]) == ("request", "ok", "en")
    assert entry["audio_seconds"] == transcript["duration"]
    assert entry["error_code"] is None
    said = {word["word"].strip(".,!?").lower() for word in transcript["word_segments"]}
    everything = caplog.text + line  # the other libraries' records too
    assert not said & set(re.findall(r"\w+", line.lower()))
    assert "my-private-talk" not in everything
    assert transcript["text"] not in everything


def test_a_refused_request_logs_its_code(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert post(engine, "notes.txt", b"no recording at all\n" * 100).status_code == 415
    (line,) = lines_of(caplog)
    entry = json.loads(line)
    assert (entry["outcome"], entry["error_code"]) == ("error", "not_media")
    assert "notes.txt" not in line


def test_lines_go_to_stderr_as_json_once_each() -> None:
    lines = run(
        "from engine import log\n"
        "log.configure_logging()\n"
        "log.configure_logging()\n"
        "log.log_request(outcome='ok', audio_seconds=2.00004, language='ja', model='base',\n"
        "                aligner='attention', timings={'reading': 0.12345}, wall_seconds=1)\n"
    )
    (entry,) = [json.loads(line) for line in lines]
    assert entry.keys() == KEYS
    assert (entry["audio_seconds"], entry["timings"]) == (2.0, {"reading": 0.123})


def test_an_exception_is_logged_by_its_type_its_place_and_technical_words_alone() -> None:
    (line,) = run(
        "import logging\n"
        "from engine import log\n"
        "log.configure_logging()\n"
        "def read(): raise ValueError('cannot read my-private-talk.wav')\n"
        "try: read()\n"
        "except ValueError: logging.getLogger('wordlight.http').exception('request failed')\n"
    )
    assert json.loads(line)["exception"]["type"] == "ValueError"
    assert json.loads(line)["exception"]["where"][-1].endswith("read")
    assert json.loads(line)["exception"]["says"] == "cannot read …"
    assert "private" not in line and "talk" not in line


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("could not create a primitive", "could not create a primitive"),
        (
            "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to "
            "allocate 10208000 bytes. Error code 12 (Cannot allocate memory)",
            "… fail at … can't allocate memory … tried to allocate … bytes Error code … Cannot allocate memory",
        ),
        ("Anna Schmidt, geboren 1970, sagt: Hallo!", "…"),
        ("", ""),
        ("geheim " * 1000, "…"),
    ],
)
def test_what_a_message_says_is_recognised_without_its_data(message: str, says: str) -> None:
    try:
        raise RuntimeError(message)
    except RuntimeError as error:
        record = logging.LogRecord("wordlight", logging.ERROR, "", 0, "x", (), (type(error), error, None))
    assert json.loads(JsonLines().format(record))["exception"]["says"] == says


def test_a_failure_of_the_system_is_logged_with_its_number() -> None:
    error = OSError(12, "Cannot allocate memory", "/tmp/my-private-talk.wav")
    record = logging.LogRecord("wordlight", logging.ERROR, "", 0, "x", (), (OSError, error, None))
    line = JsonLines().format(record)
    assert json.loads(line)["exception"]["errno"] == 12
    assert "private" not in line
