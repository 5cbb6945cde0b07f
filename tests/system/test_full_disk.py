"""A full disk: uploads are told to come back, finished work is shown, and it works again when there is room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from jobs.recordings import NAME
from page.texts import TEXTS
from tests.support.app import App, serve
from tests.support.job_client import JobClient
from tests.support.page_session import PageSession, recordings
from tests.support.raw_http import BOUNDARY, connected, error_of, file_part, head
from tests.support.waiting import eventually

MIB = 1024 * 1024
DISK_BYTES = 20 * MIB
MIN_FREE_BYTES = 4 * MIB


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file system of 20 MiB."""
    folder = tmp_path_factory.mktemp("disk")
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("a file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def full(disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app, whose uploads and transcripts go to that disk."""
    (disk / "temp").mkdir()
    folder = tmp_path_factory.mktemp("full")
    (folder / "temp").symlink_to(disk / "temp")
    settings = {"WORDLIGHT_MIN_FREE_BYTES": str(MIN_FREE_BYTES), "WORDLIGHT_MAX_BYTES": str(64 * MIB)}
    for url in serve(folder, **settings):
        yield App(url, folder)


@pytest.fixture
def ballast(disk: Path, full: App) -> Iterator[Path]:
    """A file that may take the room of others; afterwards there is room again, and nothing is left."""
    path = disk / "ballast"
    yield path
    path.unlink(missing_ok=True)
    assert eventually(lambda: httpx.get(f"{full.url}/health/ready").status_code == 200)


def job_files(app: App) -> list[Path]:
    folder = app.folder / "temp" / NAME
    return [*(folder / "incoming").iterdir(), *(folder / "recordings").iterdir()]


def fill(path: Path, leave: int = 0) -> None:
    """Fills the disk up to so many bytes."""
    with path.open("wb", buffering=0) as file, pytest.raises(OSError):
        while True:
            file.write(bytes(64 * 1024))
    os.truncate(path, path.stat().st_size - leave)


def test_an_announced_upload_that_does_not_fit_is_refused_unread(full: App) -> None:
    announced = f"Content-Length: {DISK_BYTES}"
    for path in ("/transcribe", "/gradio_api/upload"):
        with connected(full) as connection:
            connection.sendall(head(announced, path=path) + file_part())  # and no byte of the file
            answer = connection.recv(65536).decode()
        assert answer.startswith("HTTP/1.1 507 ") and "retry-after: " in answer.lower()
    assert recordings(full.data) == []


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_the_page_s_upload_is_refused_in_the_reader_s_language(full: App, language: str) -> None:
    answer = PageSession(full.url).upload("talk.wav", bytes(DISK_BYTES), **{"Accept-Language": language})
    assert answer.status_code == 507 and int(answer.headers["Retry-After"]) > 0
    assert answer.text == TEXTS[language].get(
        "error_storage_full", "The server has no disk space left for this. Try again in a few minutes."
    )


@pytest.mark.parametrize("path", ["/transcribe", "/v1/audio/transcriptions", "/gradio_api/upload"])
def test_an_upload_of_unknown_length_is_refused_where_the_disk_ends(full: App, path: str) -> None:
    field = b"files" if path.startswith("/gradio") else b"file"
    begin = file_part().replace(b'"file"', b'"' + field + b'"')

    def body() -> Iterator[bytes]:
        yield begin
        for _ in range(DISK_BYTES // MIB + 1):
            yield bytes(MIB)

    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer = httpx.post(full.url + path, content=body(), headers=headers, timeout=60)
    assert answer.status_code == 507 and int(answer.headers["Retry-After"]) > 0
    if path == "/transcribe":
        error_of(answer, 507, "storage_full")
    assert eventually(lambda: recordings(full.data) == []), recordings(full.data)


def test_a_disk_that_fills_up_meanwhile_leaves_no_part_of_an_upload(full: App, ballast: Path) -> None:
    begin = file_part().replace(b'"file"', b'"files"')
    with connected(full) as connection:
        connection.sendall(head(f"Content-Length: {8 * MIB}", path="/gradio_api/upload") + begin + bytes(MIB))
        assert eventually(lambda: bool(recordings(full.data)))
        fill(ballast)
        connection.sendall(bytes(2 * MIB))
        answer = connection.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 507 ")
    assert eventually(lambda: recordings(full.data) == []), recordings(full.data)


def test_readiness_looks_at_the_space(full: App, ballast: Path, speech: Path) -> None:
    fill(ballast, leave=MIN_FREE_BYTES // 2)
    answer = httpx.get(f"{full.url}/health/ready")
    assert "disk space" in error_of(answer, 503, "not_ready")["message"]
    assert int(answer.headers["Retry-After"]) > 0
    assert httpx.get(f"{full.url}/health/live").status_code == 200
    error_of(full.post(file=speech.read_bytes()), 507, "storage_full")
    ballast.unlink()
    assert httpx.get(f"{full.url}/health/ready").status_code == 200
    assert full.post(file=speech.read_bytes()).status_code == 200


def test_a_job_for_which_there_is_no_room_is_refused_and_leaves_nothing(
    full: App, ballast: Path, speech: Path
) -> None:
    fill(ballast)
    with JobClient(full.url) as client:
        answer = client.submit(speech.read_bytes())
        error_of(answer, 507, "storage_full")
        assert int(answer.headers["Retry-After"]) > 0
        assert eventually(lambda: job_files(full) == [])
        ballast.unlink()
        job = client.new(speech.read_bytes(), language="en")
        assert client.events(job)[-1].name == "done"
        client.remove(job)
    assert job_files(full) == []


def test_a_job_at_work_waits_for_room_and_goes_on(full: App, ballast: Path, talk_file: Path) -> None:
    with JobClient(full.url) as client:
        job = client.new(talk_file.read_bytes(), language="en")
        assert [event.name for event in client.events(job, most=2)] == ["queued", "running"]
        fill(ballast)
        assert eventually(lambda: full.metric("wordlight_recordings_at_work") == 0)
        assert client.show(job)["state"] in ("queued", "running")
        ballast.unlink()
        events = client.events(job)
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert events[-1].name == "done"
        told = [segment for event in events for segment in event.data.get("segments", [])]
        assert told == client.result(job).json()["segments"]
        client.remove(job)


def test_a_finished_transcript_is_shown_though_it_cannot_be_kept(
    full: App, ballast: Path, talk_file: Path
) -> None:
    page = PageSession(full.url)
    (path,) = page.upload(talk_file.name, talk_file.read_bytes()).json()
    (item,) = page.begin(path)["items"]
    assert eventually(lambda: page.ask("recall", token=item["run"], brief=True)["state"] == "working")
    fill(ballast)
    message = page.follow(item["run"])["message"]
    assert message["done"] and message["segments"]
    assert message["meta"]["kept_until"] is None and message["meta"]["token"] is None
    assert page.begin(path)["code"] == "storage_full"  # a further job has no room either

    ballast.unlink()
    message = page.transcribe(path)["message"]
    token = message["meta"]["token"]
    assert page.ask("recall", token=token)["state"] == "done"

    segments = page.ask("recall", token=token)["message"]["segments"]
    fill(ballast)
    told = page.ask("revise", token=token, segments=[], by_hand=[])
    assert told["code"] == "storage_full"
    assert page.ask("recall", token=token)["message"]["segments"] == segments
    assert page.ask("forget", tokens=[token]) == {}  # which makes room, and needs none
    assert eventually(lambda: recordings(full.data) == []), recordings(full.data)
