"""Security headers of every answer, and paths that no file has."""

from __future__ import annotations

import httpx
import pytest

from engine import Config
from engine.errors import SetupError
from server.security_headers import frame_policy
from tests.support.app import App
from tests.support.route_table import ClosedApp

LONG = "a" * 300
STREAMS = ("/gradio_api/heartbeat", "/gradio_api/call")  # answers that have no end
ODD_NAMES = [
    LONG,
    f"{LONG}.js",
    "é" * 200,
    "%00",
    "a%00b",
    "%ff%fe",
    "%F0%9F%98%80" * 80,
    "/".join(["a" * 200] * 20),
    "..%2f" * 30,
]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/health/live", 200),
        ("GET", "/nothing", 404),
        ("GET", "/v1/models", 200),
        ("GET", "/gradio_api/file=/etc/passwd", 403),
        ("GET", "/monitoring/summary", 403),
        ("POST", "/health", 405),
        ("POST", "/gradio_api/cancel", 422),
        ("POST", "/transcribe", 415),
        ("GET", "/theme.css", 200),
    ],
)
def test_every_answer_has_them(app: App, method: str, path: str, status: int) -> None:
    answer = httpx.request(method, app.url + path)
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "frame-ancestors 'self'"
    assert answer.headers["referrer-policy"] == "same-origin"


def test_refusals_at_the_door_have_them(app: App) -> None:
    for headers in ({"Host": "enemy.example"}, {"Origin": "https://enemy.example"}):
        answer = httpx.post(f"{app.url}/gradio_api/cancel", headers=headers)
        assert answer.status_code in (403, 421) and answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("setting", "space", "policy"),
    [
        ("", "", "frame-ancestors 'self'"),
        ("", "owner/name", "frame-ancestors 'self' https://huggingface.co"),
        ("auto,https://a.example", "", "frame-ancestors 'self' https://a.example"),
        ("https://a.example, https://b.example", "", "frame-ancestors https://a.example https://b.example"),
        ("none", "owner/name", "frame-ancestors 'none'"),
        ("*", "", "frame-ancestors *"),
    ],
)
def test_the_sites_that_may_show_the_page_are_a_setting(setting: str, space: str, policy: str) -> None:
    config = Config.from_env({"WORDLIGHT_FRAME_ANCESTORS": setting, "SPACE_ID": space})
    assert frame_policy(config.frame_ancestors, config.on_space) == policy


def test_a_setting_that_would_end_the_directive_is_refused() -> None:
    with pytest.raises(SetupError):
        frame_policy(("https://a.example; script-src *",), on_space=False)


# Paths and names


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_that_no_file_has_is_nowhere(closed_app: ClosedApp, name: str) -> None:
    with closed_app.signed_in() as client:
        for path, _ in closed_app.routes:
            if "{" in path and not path.startswith(STREAMS):
                answer = client.get(path.partition("{")[0] + name)
                assert 400 <= answer.status_code < 500, (path, answer.status_code)
    assert "Traceback" not in (closed_app.folder / "server.log").read_text()


@pytest.mark.parametrize("path", ["/static/", "/assets/", "/svelte/", "/gradio_api/file=", "/nothing/"])
def test_a_long_name_is_refused_in_the_body_of_all_refusals(app: App, path: str) -> None:
    answer = httpx.get(f"{app.url}{path}{LONG}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    in_openai_s_shape = httpx.get(f"{app.url}/v1/models/{LONG}").json()["error"]
    assert in_openai_s_shape.keys() == {"message", "type", "param", "code"}


@pytest.mark.parametrize("component", [10**6, -1, 10**30])
def test_an_unknown_component_is_said_to_be_missing(app: App, component: int) -> None:
    call = {"session_hash": "a", "component_id": component, "fn_name": "export", "data": {}}
    answer = httpx.post(f"{app.url}/gradio_api/component_server", json=call)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


# Routes that need a login


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/gradio_api/cancel", 401),
        ("POST", "/gradio_api/reset", 401),
        ("GET", "/gradio_api/heartbeat/a", 401),
        ("GET", "/gradio_api/startup-events", 401),
        ("GET", "/gradio_api/upload_progress?upload_id=a", 401),
        ("GET", "/gradio_api/queue/status", 401),
        ("GET", "/gradio_api/token", 403),
        ("GET", "/gradio_api/deep_link?session_hash=a", 403),
        ("GET", "/monitoring", 403),
        ("GET", "/monitoring/summary", 403),
        ("POST", "/gradio_api/stream/a", 403),
        ("POST", "/gradio_api/stream/a/close", 403),
        ("GET", "/gradio_api/stream/a/1/1/playlist.m3u8", 403),
        ("GET", "/gradio_api/dev/reload", 403),
        ("GET", "/gradio_api/custom_component/a/client/a/b", 403),
        ("POST", "/gradio_api/vibe-edit", 403),
        ("GET", "/", 200),
        ("GET", "/theme.css", 200),
        ("GET", "/gradio_api/app_id", 200),
    ],
)
def test_without_a_login_no_more_is_open_than_the_login_form_needs(
    closed_app: ClosedApp, method: str, path: str, status: int
) -> None:
    assert httpx.request(method, closed_app.url + path, json={}).status_code == status
