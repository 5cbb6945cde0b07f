"""One caller cannot shut gradio's line for others, and what nobody listens to ends."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file

from tests.support.app import App
from tests.support.raw_http import error_of, upload
from tests.support.strict_limits import LINE, LISTEN_SECONDS
from tests.support.waiting import eventually

OTHER_ADDRESS = "127.0.0.2"


@pytest.fixture
def empty(strict_app: App) -> Iterator[App]:
    """The app, with nothing at work before and after a test."""
    yield strict_app
    assert eventually(lambda: strict_app.metric("wordlight_recordings_at_work") == 0)


def client_at(address: str) -> httpx.Client:
    # A connection for each request: the server may close a kept one as idle just when the next request is sent.
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(transport=httpx.HTTPTransport(local_address=address, limits=limits), timeout=240)


def brought(app: App, client: httpx.Client, recording: Path) -> str:
    """Uploads a recording over gradio; returns its path there."""
    files = {"files": (recording.name, recording.read_bytes())}
    (path,) = client.post(f"{app.url}/gradio_api/upload", files=files).json()
    return str(path)


def join(app: App, client: httpx.Client, path: str) -> httpx.Response:
    data = [{"path": path, "meta": {"_type": "gradio.FileData"}}, "en"]
    return client.post(f"{app.url}/gradio_api/call/transcribe_stream", json={"data": data})


def stream_of(app: App, joined: httpx.Response) -> str:
    return f"{app.url}/gradio_api/call/transcribe_stream/{joined.json()['event_id']}"


@contextmanager
def share_taken(app: App, recording: Path) -> Iterator[tuple[httpx.Client, str]]:
    """A caller who has their share of the line, and listens to all of it; gives the client and its recording."""
    with client_at("127.0.0.1") as client, ExitStack() as stack:
        path = brought(app, client, recording)
        for _ in range(LINE // 4):
            joined = join(app, client, path)
            assert joined.status_code == 200
            lines = stack.enter_context(client.stream("GET", stream_of(app, joined))).iter_lines()
            next(lines)
            stack.callback(lines.close)  # held, for a reader that is dropped hangs up
        yield client, path


def test_a_flood_of_one_caller_is_refused_and_others_are_served(
    empty: App, long_talk: Path, speech: Path
) -> None:
    with share_taken(empty, long_talk) as (flood, path), client_at(OTHER_ADDRESS) as other:
        for _ in range(20):
            refused = join(empty, flood, path)
            assert refused.status_code == 429
            body = refused.json()
            assert body["error"]["code"] == "too_many" and int(refused.headers["retry-after"]) > 0
            assert body["detail"].startswith(body["error"]["message"])  # what gradio's page shows
        joined = join(empty, other, brought(empty, other, speech))
        with other.stream("GET", stream_of(empty, joined)) as stream:
            assert "lazy dog" in "".join(stream.iter_text())


def test_gradio_s_client_meets_an_error(empty: App, long_talk: Path, speech: Path) -> None:
    with share_taken(empty, long_talk):
        client = Client(empty.url, verbose=False, httpx_kwargs={"timeout": 60})
        with pytest.raises(httpx.HTTPStatusError, match="429"):
            client.submit(handle_file(str(speech)), api_name="/transcribe").result(timeout=60)


def test_what_nobody_listens_to_ends_and_says_so_to_who_comes_late(empty: App, long_talk: Path) -> None:
    outcomes = len(empty.outcomes())
    with client_at("127.0.0.1") as client:
        joined = join(empty, client, brought(empty, client, long_talk))
        assert eventually(lambda: empty.metric("wordlight_recordings_at_work") == 1)
        assert eventually(lambda: empty.outcomes()[outcomes:] == ["cancelled"])
        with client.stream("GET", stream_of(empty, joined)) as stream:
            lines = "".join(stream.iter_text())
    assert "event: error" in lines and "No client has read" in lines


def test_what_somebody_listens_to_goes_on(empty: App, long_talk: Path) -> None:
    with client_at("127.0.0.1") as client:
        joined = join(empty, client, brought(empty, client, long_talk))
        with client.stream("GET", stream_of(empty, joined)) as stream:
            until = time.monotonic() + 2 * LISTEN_SECONDS + 1
            for line in stream.iter_lines():
                assert line != "event: error"
                if time.monotonic() > until:
                    break
            else:
                pytest.fail("the stream has ended")


def test_a_dropped_stream_takes_its_event_with_it(empty: App, long_talk: Path) -> None:
    outcomes = len(empty.outcomes())
    with client_at("127.0.0.1") as client:
        joined = join(empty, client, brought(empty, client, long_talk))
        with client.stream("GET", stream_of(empty, joined)) as stream:
            next(stream.iter_lines())
        assert eventually(lambda: empty.outcomes()[outcomes:] == ["cancelled"])


def test_the_seconds_of_sound_of_one_caller_are_bounded(empty: App, long_talk: Path, speech: Path) -> None:
    """Two recordings are what fits; the other address has room for its own."""
    with ExitStack() as stack:
        client = stack.enter_context(client_at("127.0.0.1"))

        def begin() -> httpx.Response:
            files, data = upload(long_talk), {"stream": "true"}
            return stack.enter_context(
                client.stream("POST", f"{empty.url}/transcribe", files=files, data=data)
            )

        held = [begin().iter_lines() for _ in range(2)]
        assert all(next(lines) for lines in held)
        for stream in ("false", "true"):
            refused = empty.post(file=long_talk.read_bytes(), stream=stream)
            assert "2,500 seconds" in error_of(refused, 429, "too_many")["message"]
            assert int(refused.headers["retry-after"]) > 0
        other = stack.enter_context(client_at(OTHER_ADDRESS))
        response = other.post(f"{empty.url}/transcribe", files=upload(speech))
        assert response.status_code == 200 and json.loads(response.text)["segments"]
