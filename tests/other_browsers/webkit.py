"""Debian's WebKitGTK, whose engine is Safari's, over WebDriver (https://www.w3.org/TR/webdriver2)."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.other_browsers.browser import HEIGHT, PATIENCE, WIDTH
from tests.support.app import free_port

EXECUTABLE = "/usr/bin/WebKitWebDriver"
LIBRARIES = "/usr/lib"  # below which the small browser of the driver's package is
SCREEN = "1440x1000x24"


class WebKit:
    name = "WebKit"

    def __init__(self, address: str, browser: Path) -> None:
        self._client = httpx.Client(base_url=address, timeout=PATIENCE)
        options = {"binary": str(browser), "args": ["--automation"]}
        # Of a page with a request that stays open, it does not say that it has loaded.
        wanted = {
            "browserName": "MiniBrowser",
            "pageLoadStrategy": "none",
            "webkitgtk:browserOptions": options,
        }
        session = self._post("/session", capabilities={"alwaysMatch": wanted})["sessionId"]
        self._session = f"/session/{session}"
        self._post(f"{self._session}/window/rect", width=WIDTH, height=HEIGHT)

    def open(self, url: str) -> None:
        self._post(f"{self._session}/url", url=url)

    def ask(self, expression: str) -> Any:
        script = f"return JSON.stringify({expression})"
        return json.loads(self._post(f"{self._session}/execute/sync", script=script, args=[]) or "null")

    def choose_file(self, selector: str, path: Path) -> None:
        found = self._post(f"{self._session}/element", using="css selector", value=selector)
        (element,) = found.values()
        self._post(f"{self._session}/element/{element}/value", text=str(path))

    def picture(self) -> bytes:
        return base64.b64decode(self._value(self._client.get(f"{self._session}/screenshot")))

    def close(self) -> None:
        self._client.delete(self._session)
        self._client.close()

    def _post(self, path: str, **body: Any) -> Any:
        return self._value(self._client.post(path, json=body))

    @staticmethod
    def _value(response: httpx.Response) -> Any:
        value = response.json()["value"]
        if response.is_error:
            raise RuntimeError(f"{value['error']}: {value['message']}")
        return value


@contextmanager
def webkit(folder: Path) -> Iterator[WebKit]:
    """Starts WebKit on a screen of its own, with its files in a folder."""
    display = f":{90 + os.getpid() % 1000}"
    port = free_port()
    env = (
        os.environ
        | {
            "DISPLAY": display,
            "HOME": str(folder),
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",  # a bus would start services that mount a folder in the home
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",  # it starts not as root, who runs the tests in a container
        }
    )
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    screen = subprocess.Popen(["Xvfb", display, "-screen", "0", SCREEN], **quiet)
    driver = subprocess.Popen([EXECUTABLE, f"--port={port}"], env=env, **quiet)
    try:
        browser = next(Path(LIBRARIES).rglob("MiniBrowser"))
        address = f"http://127.0.0.1:{port}"
        _await_driver(address)
        opened = WebKit(address, browser)
        yield opened
        opened.close()
    finally:
        for process in (driver, screen):
            process.terminate()
            process.wait(60)


def _await_driver(address: str) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            httpx.get(f"{address}/status").raise_for_status()
            return
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
