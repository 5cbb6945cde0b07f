"""An app with logins and keys, and the table of all its routes, gradio's included."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.app import MAX_BYTES, App, launch, wait_until_ready

KEY = "a-key"
NAME, PASSWORD = "ann", "secret"
FRIEND = "https://friend.example"
SETTINGS = {
    "WORDLIGHT_API_KEYS": KEY,
    "WORDLIGHT_AUTH": f"{NAME}:{PASSWORD}",
    "WORDLIGHT_CORS_ORIGINS": FRIEND,
    "WORDLIGHT_MAX_BYTES": str(MAX_BYTES),
}
# The app itself, which notes its routes when gradio has put them together.
PROGRAM = """
import json, pathlib, runpy, sys
from gradio.routes import App
from fastapi.routing import iter_route_contexts

def noting(*arguments, **named):
    app = made(*arguments, **named)
    routes = [[r.path, sorted(getattr(r, "methods", None) or [])] for r in iter_route_contexts(app.routes)]
    pathlib.Path(noted).write_text(json.dumps(routes))
    return app

made, App.create_app = App.create_app, staticmethod(noting)
noted = sys.argv.pop()
sys.path.insert(0, ".")
runpy.run_path("app.py", run_name="__main__")
"""


@dataclass(frozen=True)
class ClosedApp(App):
    """The app, its process, and its routes as (path, methods)."""

    process: subprocess.Popen
    routes: list[tuple[str, list[str]]]

    @contextmanager
    def signed_in(self) -> Iterator[httpx.Client]:
        """Gives a client with a login."""
        with httpx.Client(base_url=self.url, timeout=120) as client:
            client.post("/login", data={"username": NAME, "password": PASSWORD}).raise_for_status()
            yield client

    def memory(self, line: str = "VmRSS") -> int:
        """Returns the memory that the process has, in bytes; `VmHWM` is the most that it has had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(status.partition(f"{line}:")[2].split()[0])

    def connected(self) -> socket.socket:
        url = httpx.URL(self.url)
        return socket.create_connection((url.host, url.port), timeout=60)


def start(folder: Path, **settings: str) -> Iterator[ClosedApp]:
    """Yields the app once it is ready."""
    noted = folder / "routes.json"
    with launch(folder, ("-c", PROGRAM, str(noted)), **SETTINGS | settings) as (url, process):
        wait_until_ready(url, process, folder / "server.log")
        routes = [(path, methods) for path, methods in json.loads(noted.read_text())]
        yield ClosedApp(url, folder, process, routes)
