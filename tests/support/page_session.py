"""A browser tab of the page, by its requests: uploads, the Transcribe button, and what its scripts ask for."""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path
from typing import Any

import httpx

from tests.support.folders import below

TIMEOUT = 240  # seconds; the models may be loading, and the machine busy


class PageSession:
    """One tab. Its events and results are those that a browser sends and gets."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.api = f"{url}/gradio_api"
        self._session = secrets.token_hex(6)
        self._config = httpx.get(f"{url}/config", timeout=TIMEOUT).json()
        self._parts = {part["id"]: part for part in self._config["components"]}

    def upload(self, name: str, content: bytes, **headers: str) -> httpx.Response:
        files = {"files": (name, content)}
        return httpx.post(f"{self.api}/upload", files=files, headers=headers, timeout=TIMEOUT)

    def file(self, path: str) -> httpx.Response:
        """Asks for an upload, as the player does."""
        return httpx.get(f"{self.api}/file={path}", timeout=TIMEOUT)

    def transcribe(self, path: str) -> dict[str, Any]:
        """Presses Transcribe and follows the work; returns the last answer, with the transcript's message."""
        (item,) = self.begin(path)["items"]
        return self.follow(item["run"])

    def follow(self, token: str) -> dict[str, Any]:
        """Follows the work at a transcript to its end."""
        answer: dict[str, Any] = {"version": None}
        until = time.monotonic() + TIMEOUT
        while answer.get("state") in (None, "waiting", "working"):
            assert time.monotonic() < until, "the work does not end"
            answer = self.ask("follow", token=token, version=answer["version"], words=0)
        return answer

    def begin(self, path: str) -> dict[str, Any]:
        """Presses Transcribe; returns the status that the page shows then."""
        button = next(entry for entry, part in self._parts.items() if part["props"].get("elem_id") == "start")
        click = next(
            event
            for event in self._config["dependencies"]
            if [button, "click"] in map(list, event["targets"]) and event["inputs"]
        )
        file = {"path": path, "meta": {"_type": "gradio.FileData"}}
        data = [
            [file]
            if self._parts[entry]["props"].get("elem_id") == "file"
            else self._parts[entry]["props"].get("value")
            for entry in click["inputs"]
        ]
        asked = {"data": data, "fn_index": click["id"], "session_hash": self._session}
        httpx.post(f"{self.api}/queue/join", json=asked, timeout=TIMEOUT).raise_for_status()
        with httpx.stream(
            "GET", f"{self.api}/queue/data", params={"session_hash": self._session}, timeout=TIMEOUT
        ) as stream:
            line = next(entry for entry in stream.iter_lines() if "process_completed" in entry)
        output = json.loads(line.removeprefix("data: "))["output"]["data"]
        return next(entry for entry in output if isinstance(entry, dict) and "state" in entry)

    def ask(self, function: str, **data: Any) -> Any:
        """Calls a function of the page's scripts."""
        owner = next(
            entry for entry, part in self._parts.items() if function in part["props"].get("server_fns", ())
        )
        asked = {"session_hash": self._session, "component_id": owner, "fn_name": function, "data": data}
        return httpx.post(f"{self.api}/component_server", json=asked, timeout=TIMEOUT).json()


def recordings(data: Path) -> list[Path]:
    """Returns the recordings that a folder of data holds, those under way included."""
    processes = data / "processes"
    written = (path for path in below(processes) if len(path.relative_to(processes).parts) > 2)
    return [path for path in (*below(data / "uploads"), *written) if path.is_file()]
