"""Jobs over HTTP, as a program uses them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

ENDED = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class JobEvent:
    number: int
    name: str
    data: dict[str, Any]


class JobClient:
    """One caller of one server."""

    def __init__(self, url: str, key: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=120)

    def __enter__(self) -> JobClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def submit(self, content: bytes, idempotency_key: str | None = None, **fields: str) -> httpx.Response:
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self.http.post("/jobs", files={"file": ("a.wav", content)}, data=fields, headers=headers)

    def new(self, content: bytes, **fields: str) -> str:
        """Submits a job and returns its id."""
        answer = self.submit(content, **fields)
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    def show(self, job_id: str) -> dict[str, Any]:
        return self.http.get(f"/jobs/{job_id}").raise_for_status().json()

    def events(self, job_id: str, after: int = 0, most: int | None = None) -> list[JobEvent]:
        """Returns the events after a number, to the end of the job; hangs up after `most` of them."""
        found: list[JobEvent] = []
        headers = {"Last-Event-ID": str(after)} if after else {}
        with self.http.stream("GET", f"/jobs/{job_id}/events", headers=headers, timeout=240) as answer:
            if answer.status_code == 204:
                return []
            assert answer.status_code == 200, answer.read()
            for event in _parsed(answer.iter_lines()):
                found.append(event)
                if len(found) == most:
                    break
        return found

    def result(self, job_id: str, **query: str) -> httpx.Response:
        return self.http.get(f"/jobs/{job_id}/result", params=query)

    def remove(self, job_id: str) -> httpx.Response:
        return self.http.delete(f"/jobs/{job_id}")


def _parsed(lines: Iterator[str]) -> Iterator[JobEvent]:
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line and not line.startswith(":"):
            fields[name] = value
        elif not line and fields:
            yield JobEvent(int(fields.get("id", 0)), fields["event"], json.loads(fields["data"]))
            fields = {}
