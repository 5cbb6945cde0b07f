"""Jobs over plain HTTP: submitted, followed, listed, answered, deleted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from jobs.recordings import NAME
from tests.support.app import App
from tests.support.job_client import JobClient, JobEvent
from tests.support.raw_http import error_of
from tests.support.route_table import KEY, ClosedApp
from tests.support.waiting import eventually


@pytest.fixture
def client(app: App) -> Iterator[JobClient]:
    with JobClient(app.url) as client:
        yield client


@pytest.fixture
def sound(speech: Path) -> bytes:
    return speech.read_bytes()


@pytest.fixture(scope="module")
def long_job(app: App, talk_file: Path) -> Iterator[tuple[str, list[JobEvent]]]:
    """A job of several windows that is done, and its events."""
    with JobClient(app.url) as client:
        job = client.new(talk_file.read_bytes(), language="en")
        yield job, client.events(job)
        client.remove(job)


def recordings(app: App) -> list[Path]:
    return list((app.folder / "temp" / NAME / "recordings").iterdir())


def seen(transcript: dict) -> dict:
    return {name: value for name, value in transcript.items() if name != "timings"}


def test_a_job_ends_in_what_transcribe_answers(app: App, client: JobClient, sound: bytes) -> None:
    answer = client.submit(sound, language="en", metadata='{"talk": 7}')
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["Location"] == job["links"]["self"] == f"/jobs/{job['id']}"
    assert job["state"] in ("queued", "running") and job["metadata"] == {"talk": 7}
    assert job["options"]["language"] == "en" and job["options"]["model"] == "base"

    events = client.events(job["id"])
    assert [event.name for event in events if event.name != "update"] == ["queued", "running", "done"]
    done = client.show(job["id"])
    assert done["state"] == "done" and done["place"] is None and done["kept_until"] > done["finished_at"]
    assert done["progress"]["seconds_done"] == done["progress"]["seconds_total"] > 2
    whole = client.result(job["id"]).json()
    assert seen(whole) == seen(app.post(file=sound, language="en").json())
    told = [segment for event in events if event.name == "update" for segment in event.data["segments"]]
    assert told == whole["segments"]


def test_the_result_comes_in_every_format(client: JobClient, long_job: tuple) -> None:
    job, _ = long_job
    subtitles = client.result(job, response_format="srt", max_lines="1")
    assert "-->" in subtitles.text and subtitles.headers["content-type"].startswith("application/x-subrip")
    assert client.result(job, response_format="text").text.startswith(client.result(job).json()["text"][:20])
    error_of(client.result(job, response_format="pdf"), 422, "bad_option")
    error_of(client.result(job, colour="red"), 422, "bad_option")


def test_events_that_break_off_anywhere_go_on_without_loss_or_repetition(
    client: JobClient, long_job: tuple
) -> None:
    job, events = long_job
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    for number in range(1, len(events)):
        assert client.events(job, after=number) == events[number:]
    assert client.events(job, after=len(events)) == []
    error_of(client.http.get(f"/jobs/{job}/events", headers={"Last-Event-ID": "x"}), 422, "bad_option")


def test_events_that_break_off_again_and_again_while_the_work_goes_on_are_whole(
    client: JobClient, talk_file: Path, long_job: tuple
) -> None:
    job = client.new(talk_file.read_bytes(), language="en")
    found: list[JobEvent] = []
    while part := client.events(job, after=len(found), most=1 + len(found) % 2):
        found += part
    assert [event.number for event in found] == list(range(1, len(found) + 1))
    assert found[-1].name == "done"
    said = [segment["text"] for event in found for segment in event.data.get("segments", [])]
    assert said == [segment["text"] for segment in client.result(job).json()["segments"]]
    client.remove(job)


def test_twenty_equal_requests_at_once_are_one_job(app: App, client: JobClient, sound: bytes) -> None:
    together, answers = threading.Barrier(20), []

    def submit() -> None:
        with JobClient(app.url) as one:
            together.wait()
            answers.append(one.submit(sound, idempotency_key="the same", language="en"))

    threads = [threading.Thread(target=submit) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    error_of(client.submit(sound, idempotency_key="the same", language="de"), 409, "key_reused")
    error_of(client.submit(sound, idempotency_key="k" * 256), 422, "bad_option")


def test_a_job_aligns_a_text_as_align_does(app: App, client: JobClient, sound: bytes) -> None:
    fields = {"language": "en", "text": "The quick brown fox jumps over the lazy dog. [barks]"}
    answer = client.submit(sound, "a text", task="align", **fields)
    assert answer.status_code == 202, answer.text
    job = answer.json()["id"]
    assert answer.json()["options"] == {"language": "en", "task": "align", "model": "base"}
    events = client.events(job)
    whole = client.result(job).json()
    assert seen(whole) == seen(app.post("/align", file=sound, **fields).json())
    assert [segment for event in events for segment in event.data.get("segments", [])] == whole["segments"]
    error_of(client.submit(sound, "a text", task="align", text="A fox."), 409, "key_reused")
    client.remove(job)


def test_a_job_with_the_text_of_another_recording_fails_with_a_sentence(
    client: JobClient, sound: bytes
) -> None:
    text = "Many people prefer to buy fresh apples at the market on Saturdays."
    job = client.new(sound, language="en", task="align", text=text)
    last = client.events(job)[-1]
    assert last.name == "failed" and last.data["error"]["code"] == "text_mismatch"
    client.remove(job)


def test_a_recording_that_is_none_fails_with_a_sentence(client: JobClient) -> None:
    job = client.new(b"no sound at all")
    last = client.events(job)[-1]
    assert last.name == "failed" and last.data["error"]["code"] == "not_media"
    assert client.show(job)["error"] == last.data["error"]
    error_of(client.result(job), 409, "not_done")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"language": "klingon"}, 422, "bad_option"),
        ({"model": "huge"}, 422, "bad_option"),
        ({"metadata": "[1]"}, 422, "bad_option"),
        ({"metadata": '{"a": NaN}'}, 422, "bad_option"),
        ({"callback_url": "http://127.0.0.1/hook"}, 422, "bad_option"),
        ({"callback_url": "ftp://example.org/"}, 422, "bad_option"),
        ({"callback_body": "all"}, 422, "bad_option"),
        ({"response_format": "srt"}, 422, "bad_option"),
        ({"text": "A fox."}, 422, "bad_option"),
        ({"task": "align"}, 422, "bad_option"),
        ({"task": "align", "text": "A fox.", "beam_size": "1"}, 422, "bad_option"),
        ({"task": "align", "text": "…"}, 422, "bad_text"),
        ({"task": "align", "text": "A fox.", "only": "changed"}, 422, "bad_text"),
    ],
)
def test_a_bad_field_is_refused_and_leaves_nothing(
    app: App, client: JobClient, sound: bytes, fields: dict[str, str], status: int, code: str
) -> None:
    error_of(client.submit(sound, **fields), status, code)
    assert eventually(lambda: not list((app.folder / "temp" / NAME / "incoming").iterdir()))


def test_a_job_at_work_is_cancelled_within_a_batch_and_its_recording_is_gone(
    app: App, client: JobClient, long_talk: Path
) -> None:
    before = set(recordings(app))
    job = client.new(long_talk.read_bytes(), language="en")
    assert "update" in [event.name for event in client.events(job, most=3)]
    assert len(set(recordings(app)) - before) == 1
    assert client.remove(job).json() == {"id": job, "state": "cancelled"}
    assert set(recordings(app)) == before
    assert eventually(lambda: app.metric("wordlight_recordings_at_work") == 0)
    left = client.show(job)
    assert left["state"] == "cancelled" and left["options"] == {}
    assert [event.name for event in client.events(job)] == ["cancelled"]
    assert client.remove(job).json() == {"id": job, "state": "deleted"}
    for answer in (client.http.get(f"/jobs/{job}"), client.remove(job), client.result(job)):
        error_of(answer, 404, "not_found")


def test_two_callers_with_one_recording_delete_each_their_own(
    app: App, client: JobClient, sound: bytes
) -> None:
    stored = app.folder / "temp" / NAME / "recordings" / sha256(sound).hexdigest()
    one, two = client.new(sound, language="en"), client.new(sound, language="en", beam_size="1")
    client.events(one)
    client.remove(one)
    assert stored.read_bytes() == sound
    assert client.events(two)[-1].name == "done"
    assert "fox" in client.result(two).json()["text"].lower()
    client.remove(two)


def test_without_keys_jobs_are_not_listed(client: JobClient) -> None:
    error_of(client.http.get("/jobs"), 403, "refused")


def test_a_job_belongs_to_its_key(closed_app: ClosedApp, sound: bytes) -> None:
    with JobClient(closed_app.url, KEY) as client, httpx.Client(base_url=closed_app.url) as stranger:
        _belongs(client, stranger, sound)


def _belongs(client: JobClient, stranger: httpx.Client, sound: bytes) -> None:
    ids = [client.new(sound, language="en") for _ in range(3)]
    for path in ("/jobs", f"/jobs/{ids[0]}", f"/jobs/{ids[0]}/events", f"/jobs/{ids[0]}/result"):
        error_of(stranger.get(path), 401, "unauthorized")
    error_of(stranger.delete(f"/jobs/{ids[0]}"), 401, "unauthorized")
    page = client.http.get("/jobs", params={"limit": 2}).json()
    rest = client.http.get("/jobs", params={"limit": 2, "after": page["next"]}).json()
    assert [job["id"] for job in page["jobs"] + rest["jobs"]] == ids[::-1] and rest["next"] is None
    for query in ({"limit": "0"}, {"limit": "x"}, {"after": "x"}, {"page": "2"}):
        error_of(client.http.get("/jobs", params=query), 422, "bad_option")
    for job in ids:
        assert client.events(job)[-1].name == "done"
        client.remove(job)
