"""A share link leads to everything: the tunnel that gradio opens ends at the port of the page and the routes.

No net is needed: the tunnel is one that only notes where it would lead.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from tests.support.app import App, serve
from tests.support.recordings import clip

PUBLIC = "0123456789abcdef01.gradio.live"
PROGRAM = """
import json, pathlib, runpy, sys
import gradio.networking

def tunnel(**led):
    pathlib.Path(noted).write_text(json.dumps({name: led[name] for name in ("local_host", "local_port")}))
    return "https://PUBLIC"

gradio.networking.setup_tunnel = tunnel
noted = sys.argv.pop()
sys.path.insert(0, ".")
runpy.run_path("app.py", run_name="__main__")
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app with a share link."""
    folder = tmp_path_factory.mktemp("shared")
    program = ("-c", PROGRAM.replace("PUBLIC", PUBLIC), str(folder / "tunnel.json"))
    for url in serve(folder, program, GRADIO_SHARE="true"):
        yield App(url, folder)


def test_the_tunnel_ends_at_the_port_of_the_routes(shared: App) -> None:
    led = json.loads((shared.folder / "tunnel.json").read_text())
    assert f"http://{led['local_host']}:{led['local_port']}" == shared.url
    assert f"https://{PUBLIC}" in (shared.folder / "server.log").read_text()


@pytest.mark.parametrize(
    "path", ["/", "/gradio_api/info", "/languages", "/health", "/health/ready", "/metrics", "/v1/models"]
)
def test_every_route_answers_to_the_public_name(shared: App, path: str) -> None:
    headers = {"Host": PUBLIC, "X-Forwarded-Host": PUBLIC, "X-Forwarded-Proto": "https"}
    assert httpx.get(shared.url + path, headers=headers, timeout=60).status_code == 200


@pytest.mark.parametrize("path", ["/transcribe", "/v1/audio/transcriptions"])
def test_a_recording_is_transcribed_behind_the_public_name(shared: App, path: str) -> None:
    files = {"file": clip("en/hello_world").read_bytes()}
    answer = httpx.post(shared.url + path, files=files, headers={"Host": PUBLIC}, timeout=240)
    assert answer.json()["text"] == "Hello world."


def test_nothing_is_shared_unasked(app: App) -> None:
    config = httpx.get(f"{app.url}/config").json()
    assert not config.get("is_sharing_on")
    assert "public URL" not in (app.folder / "server.log").read_text()
