"""Debian's Firefox over WebDriver BiDi (https://w3c.github.io/webdriver-bidi), which it speaks by itself."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.other_browsers.browser import HEIGHT, PATIENCE, WIDTH
from tests.support.app import free_port

EXECUTABLE = "/usr/bin/firefox-esr"


class Firefox:
    name = "Firefox"

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._sent = 0
        self._call("session.new", capabilities={})
        self._context = self._call("browsingContext.getTree")["contexts"][0]["context"]
        self._call(
            "browsingContext.setViewport", context=self._context, viewport={"width": WIDTH, "height": HEIGHT}
        )

    def open(self, url: str) -> None:
        self._call("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def ask(self, expression: str) -> Any:
        answer = self._call(
            "script.evaluate",
            expression=f"JSON.stringify({expression})",
            target={"context": self._context},
            awaitPromise=True,
        )
        if answer["type"] != "success":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value", "null"))

    def choose_file(self, selector: str, path: Path) -> None:
        locator = {"type": "css", "value": selector}
        found = self._call("browsingContext.locateNodes", context=self._context, locator=locator)["nodes"]
        element = {"sharedId": found[0]["sharedId"]}
        self._call("input.setFiles", context=self._context, element=element, files=[str(path)])

    def picture(self) -> bytes:
        return base64.b64decode(
            self._call("browsingContext.captureScreenshot", context=self._context)["data"]
        )

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._sent += 1
        self._connection.send(json.dumps({"id": self._sent, "method": method, "params": params}))
        while True:
            message = json.loads(self._connection.recv(PATIENCE))
            if message.get("id") == self._sent:
                break
        if message["type"] == "error":
            raise RuntimeError(f"{method}: {message['message']}")
        result: dict[str, Any] = message["result"]
        return result


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """Starts Firefox with a profile in a folder."""
    port = free_port()
    # Sound may begin without a click, as the tests in Chromium have it.
    (folder / "user.js").write_text('user_pref("media.autoplay.default", 0);\n')
    command = [
        EXECUTABLE,
        "--headless",
        "--no-remote",
        "--profile",
        str(folder),
        "--remote-debugging-port",
        str(port),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with _connected(f"ws://127.0.0.1:{port}/session") as connection:
            yield Firefox(connection)
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def _connected(address: str) -> Iterator[ClientConnection]:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection = connect(address, max_size=None)
            break
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
    with connection:
        yield connection
