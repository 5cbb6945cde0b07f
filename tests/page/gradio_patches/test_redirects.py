"""What gradio leaves open is closed in the app, and still open in gradio: else the guard can go."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import gradio as gr
import httpx
import pytest

ELSEWHERE = "http://elsewhere.example/page"

# Ways to name a page that is not ours. gradio takes the first four for URLs; the others are here so that
# none becomes one unnoticed.
SPELLINGS = {
    "plain": "http://elsewhere.example",
    "https": "https://elsewhere.example/a?b=c",
    "escaped letter": "%68ttp://elsewhere.example",
    "escaped slashes": "https:%2F%2Felsewhere.example",
    "escaped twice": "%2568ttp://elsewhere.example",
    "upper case": "HTTP://elsewhere.example",
    "no scheme": "//elsewhere.example",
    "backslashes": "%5C%5Celsewhere.example",
    "backslash in the scheme": "http:/%5Celsewhere.example",
    "leading space": "%20http://elsewhere.example",
    "leading tab": "%09http://elsewhere.example",
    "other scheme": "javascript:alert(1)",
    "file": "file:///etc/passwd",
}


@pytest.fixture(scope="module")
def bare_gradio() -> Iterator[str]:
    """The address of a gradio application without our middleware."""
    with gr.Blocks(analytics_enabled=False) as demo:
        gr.Markdown("bare")
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, share=False)
    yield url.rstrip("/")
    demo.close()


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
@pytest.mark.parametrize(("method", "separator"), [("GET", "="), ("HEAD", "="), ("GET", "/")])
def test_the_file_route_leads_nowhere_else(server: str, method: str, separator: str, spelling: str) -> None:
    response = httpx.request(method, f"{server}/gradio_api/file{separator}{spelling}")
    assert response.status_code == 403
    assert "location" not in response.headers


def test_a_refused_redirect_says_why(server: str) -> None:
    error = httpx.get(f"{server}/gradio_api/file={ELSEWHERE}").json()["error"]
    assert error["code"] == "refused"
    assert error["message"] and error["hint"]


@pytest.mark.parametrize("separator", ["=", "/"])
def test_bare_gradio_still_redirects_anywhere(bare_gradio: str, separator: str) -> None:
    response = httpx.get(f"{bare_gradio}/gradio_api/file{separator}{ELSEWHERE}")
    assert response.headers.get("location") == ELSEWHERE, "gradio is safe now: drop the guard of this route"


def test_a_file_of_the_app_is_still_served(server: str) -> None:
    (path,) = httpx.post(f"{server}/gradio_api/upload", files={"files": ("note.txt", b"kept")}).json()
    response = httpx.get(f"{server}/gradio_api/file={path}")
    assert (response.status_code, response.content) == (200, b"kept")
    part = httpx.get(f"{server}/gradio_api/file={path}", headers={"Range": "bytes=1-2"})
    assert part.content == b"ep"


def test_a_file_that_is_not_the_apps_is_not_served(server: str) -> None:
    assert httpx.get(f"{server}/gradio_api/file=/etc/passwd").status_code == 403


def test_the_screen_recorder_is_closed(server: str) -> None:
    response = httpx.post(f"{server}/gradio_api/process_recording", files={"video": ("a.mp4", b"anything")})
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "refused"


def test_bare_gradio_still_feeds_anything_to_ffmpeg(bare_gradio: str) -> None:
    url = f"{bare_gradio}/gradio_api/process_recording"
    response = httpx.post(url, files={"video": ("a.mp4", b"anything")}, timeout=60)
    assert response.status_code == 200, "gradio is safe now: drop the guard of this route"


@pytest.mark.parametrize("stream", [False, True])
def test_an_address_in_place_of_an_upload_is_not_fetched(server: str, stream: bool) -> None:
    asked: list[str] = []

    class Inside(http.server.BaseHTTPRequestHandler):
        """A server on a private address, which nobody but its neighbours should reach."""

        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Inside) as inside:
        threading.Thread(target=inside.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{inside.server_port}/secret.wav"
        file = {"path": url, "is_stream": stream, "meta": {"_type": "gradio.FileData"}}
        call = httpx.post(f"{server}/gradio_api/call/transcribe", json={"data": [file, "en"]})
        event = call.raise_for_status().json()["event_id"]
        answer = httpx.get(f"{server}/gradio_api/call/transcribe/{event}", timeout=60).text
        inside.shutdown()
    assert "event: error" in answer
    assert asked == []
