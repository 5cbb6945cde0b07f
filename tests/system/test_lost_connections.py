"""A client that loses its connection, or gives up and asks again, has one transcription and its answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from openai import OpenAI

from tests.support.app import App, serve
from tests.support.media_files import ffmpeg
from tests.support.raw_http import BOUNDARY, connected, error_of, file_part, head, upload
from tests.support.waiting import eventually

GRACE = 15  # seconds; openai's client waits for eight at most before it asks again


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app whose transcriptions go on for a while without anybody; it sends no blanks."""
    folder = tmp_path_factory.mktemp("patient")
    settings = {"WORDLIGHT_GRACE_SECONDS": str(GRACE), "WORDLIGHT_BLANK_SECONDS": "0"}
    for url in serve(folder, **settings):
        yield App(url, folder)


@pytest.fixture(scope="module")
def two_minutes(tmp_path_factory: pytest.TempPathFactory, talk_file: Path) -> Path:
    path = tmp_path_factory.mktemp("minutes") / "two.ogg"
    ffmpeg("-stream_loop", "3", "-i", talk_file, "-ac", "1", "-ar", "16000", path)
    return path


def decoded(app: App) -> float:
    return app.metric("wordlight_windows_total")


def leave(app: App, recording: Path, path: str = "/transcribe", *headers: str) -> None:
    """Sends a recording and hangs up once the first window of it has been decoded."""
    before = decoded(app)
    body = file_part() + recording.read_bytes() + f"\r\n--{BOUNDARY}--\r\n".encode()
    with connected(app) as connection:
        connection.sendall(head(f"Content-Length: {len(body)}", *headers, path=path) + body)
        assert eventually(lambda: decoded(app) > before)


@pytest.mark.parametrize("path", ["/transcribe", "/v1/audio/transcriptions"])
def test_the_same_request_joins_the_work_that_its_lost_connection_has_begun(
    patient: App, two_minutes: Path, tmp_path: Path, path: str
) -> None:
    recording = tmp_path / "other.ogg"  # with an end of its own, so that it is no request of another test
    recording.write_bytes(two_minutes.read_bytes() + path.encode())
    outcomes, before = len(patient.outcomes()), decoded(patient)
    leave(patient, recording, path)
    answer = httpx.post(patient.url + path, files=upload(recording), timeout=240)
    assert answer.status_code == 200 and answer.headers["Age"] == "0"
    assert patient.outcomes()[outcomes:] == ["ok"]
    windows = decoded(patient) - before
    again = httpx.post(patient.url + path, files=upload(recording), timeout=240)
    assert again.json() == answer.json() and int(again.headers["Age"]) >= 0
    assert decoded(patient) == before + windows  # nothing has been done for it
    assert patient.outcomes()[outcomes:] == ["ok"]
    assert eventually(lambda: not patient.uploads())


def test_other_options_are_another_transcription(patient: App, speech: Path) -> None:
    first = patient.post(file=speech.read_bytes(), language="en")
    second = patient.post(file=speech.read_bytes(), language="en", beam_size="2")
    third = patient.post(file=speech.read_bytes(), language="en", response_format="srt")
    assert "Age" not in first.headers and "Age" not in second.headers
    assert "Age" in third.headers and "-->" in third.text  # another format of the same


def test_equal_requests_at_once_are_one_transcription(patient: App, talk_file: Path) -> None:
    outcomes, answers = len(patient.outcomes()), []

    def ask() -> None:
        answers.append(patient.post(file=talk_file.read_bytes(), language="en"))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert sum("Age" not in answer.headers for answer in answers) == 1
    assert patient.outcomes()[outcomes:] == ["ok"]


def test_whoever_does_not_come_back_costs_no_more_than_the_grace(patient: App, long_talk: Path) -> None:
    outcomes = len(patient.outcomes())
    leave(patient, long_talk)
    assert eventually(lambda: patient.outcomes()[outcomes:] == ["cancelled"])
    assert eventually(lambda: not patient.uploads())
    assert patient.metric("wordlight_recordings_at_work") == 0


def test_who_cancels_on_purpose_ends_the_work_at_once(patient: App, long_talk: Path) -> None:
    outcomes = len(patient.outcomes())
    key = {"Idempotency-Key": "mine"}
    leave(patient, long_talk, "/transcribe", "Idempotency-Key: mine")
    error_of(httpx.delete(f"{patient.url}/transcribe", headers={"Idempotency-Key": "no"}), 404, "not_found")
    assert httpx.delete(f"{patient.url}/transcribe", headers=key).json() == {"state": "cancelled"}
    assert eventually(lambda: patient.outcomes()[outcomes:] == ["cancelled"])
    error_of(httpx.delete(f"{patient.url}/transcribe", headers=key), 404, "not_found")


def test_openai_s_client_that_times_out_and_tries_again_gets_one_transcription(
    patient: App, two_minutes: Path
) -> None:
    outcomes = len(patient.outcomes())
    # More impatient than most clients, so that it gives up on a fast machine too.
    with OpenAI(base_url=f"{patient.url}/v1", api_key="-", timeout=1.5, max_retries=20) as client:
        found = client.audio.transcriptions.create(model="whisper-1", file=two_minutes, language="en")
    assert len(found.text) > 200
    assert patient.outcomes()[outcomes:] == ["ok"]
    log = [line for line in patient.logged() if line["event"] == "request"]
    assert json.dumps(log[-1]) and log[-1]["audio_seconds"] > 115
