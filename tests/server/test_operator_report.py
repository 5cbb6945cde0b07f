"""GET /health?verbose: the report of the installation, for operators alone; and the server's part of it."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest

from engine import Config
from engine.doctor.check import Check, Installed
from server.doctor import checks
from tests.support.app import App
from tests.support.raw_http import error_of
from tests.support.route_table import KEY, ClosedApp


def test_the_running_server_reports_to_an_operator(closed_app: ClosedApp) -> None:
    url = f"{closed_app.url}/health?verbose"
    error_of(httpx.get(url), 401, "unauthorized")
    answer = httpx.get(url, headers={"X-API-Key": KEY}, timeout=120)
    report = answer.json()["installation"]
    checks = {check["subject"]: check for check in report["checks"]}
    assert answer.json()["status"] == "ok" and report["status"] in ("ok", "warning")
    assert checks["Whisper base"]["details"]["source"] == "package"
    assert "schema current" in checks["database"]["found"]
    assert checks["folder of uploads"]["details"]["path"].startswith(str(closed_app.folder))
    assert "port" not in checks and KEY not in answer.text
    assert "installation" not in httpx.get(f"{closed_app.url}/health", headers={"X-API-Key": KEY}).json()


def test_without_keys_only_this_machine_is_answered(app: App) -> None:
    url = f"{app.url}/health?verbose=true"
    assert httpx.get(url, timeout=120).json()["installation"]["checks"]
    # A share link's tunnel and a proxy connect from this machine too.
    foreign = httpx.get(url, headers={"Host": "127.0.0.1.example"})
    assert foreign.status_code in (403, 421)
    assert "installation" not in httpx.get(f"{app.url}/health?verbose=false").json()
    error_of(httpx.get(f"{app.url}/health?verbose=perhaps"), 422, "bad_option")


def port_check(monkeypatch: pytest.MonkeyPatch, port: str, **settings: str) -> Check:
    monkeypatch.setenv("GRADIO_SERVER_PORT", port)
    found = checks(Installed(Config(**settings)))  # type: ignore[arg-type]
    return next(check for check in found if check.subject == "port")


def test_a_port_is_free_or_in_use_by_us_or_by_another(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = port_check(monkeypatch, str(httpx.URL(app.url).port))
    assert ours.state == "ok" and "Wordlight is running" in ours.found
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        taken = port_check(monkeypatch, port)
        assert taken.state == "error" and "Another program" in taken.found
    assert port_check(monkeypatch, port).state == "ok"
    elsewhere = port_check(monkeypatch, port, server_name="203.0.113.1")
    assert elsewhere.state == "error" and "GRADIO_SERVER_NAME" in elsewhere.advice
    assert port_check(monkeypatch, "many").state == "error"


def test_trust_in_any_proxy_is_a_warning(tmp_path: Path) -> None:
    def proxies(**settings: object) -> Check:
        found = checks(Installed(Config(temp_dir=tmp_path, **settings)))  # type: ignore[arg-type]
        return next(check for check in found if check.subject == "proxies")

    assert proxies().state == "ok"
    assert proxies(forwarded_allow_ips=("*",)).state == "warning"
    assert proxies(forwarded_allow_ips=("proxy",)).state == "error"
