"""Submits jobs to servers that are killed again and again, and looks at what has become of them."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from engine import Engine, Options
from tests.support.job_client import ENDED, JobClient
from tests.support.killable_server import KEY, Nursery

LANGUAGE = "en"


@dataclass
class Submitted:
    """What the clients have sent and had acknowledged.

    jobs    id by idempotency key
    states  how many jobs were in each state when a server was killed, added up
    """

    jobs: dict[str, str] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    states: Counter[str] = field(default_factory=Counter)


def submit_stubbornly(url: str, name: str, content: bytes, submitted: Submitted) -> str:
    """Sends one recording until it is acknowledged, always with the same key; returns the job's id."""
    with JobClient(url, KEY) as client:
        while True:
            with suppress(httpx.TransportError):
                answer = client.submit(content, idempotency_key=name, language=LANGUAGE)
                if answer.status_code == 202:
                    submitted.jobs[name] = answer.json()["id"]
                    return answer.json()["id"]
            time.sleep(0.1)


def listed(url: str) -> list[dict[str, Any]]:
    """Returns all jobs that the server has."""
    found: list[dict[str, Any]] = []
    after: str | None = None
    with JobClient(url, KEY) as client:
        while True:
            query = {"limit": "100"} | ({"after": after} if after else {})
            page = client.http.get("/jobs", params=query).raise_for_status().json()
            found += page["jobs"]
            after = page["next"]
            if after is None:
                return found


def kill_again_and_again(
    servers: Nursery, recordings: Sequence[bytes], kills: int, seed: int, longest: float = 5.0
) -> Submitted:
    """Submits the recordings while a server is killed at random moments; returns once all are over."""
    chance = random.Random(seed)
    submitted = Submitted()
    url = servers.start()

    def submit() -> None:
        for number, content in enumerate(recordings):
            submit_stubbornly(url, f"key {number}", content, submitted)

    sender = threading.Thread(target=submit)
    sender.start()
    for _ in range(kills):
        servers.wait()
        time.sleep(chance.uniform(0.05, longest))
        with suppress(httpx.TransportError):
            submitted.states.update(job["state"] for job in listed(url))
        servers.kill()
        servers.start()
    servers.wait()
    sender.join()
    wait_until_over(url)
    return submitted


def wait_until_over(url: str, seconds: float = 240.0) -> None:
    """Waits until every job has ended."""
    until = time.monotonic() + seconds
    while any(job["state"] not in ENDED for job in listed(url)):
        assert time.monotonic() < until, [job["state"] for job in listed(url)]
        time.sleep(0.3)


def check_all_done_once(url: str, submitted: Submitted, expected: Sequence[dict[str, Any]]) -> None:
    """Fails unless every acknowledged job is done, once, as an undisturbed run does it."""
    assert Counter(job["id"] for job in listed(url)) == Counter(submitted.jobs.values())
    with JobClient(url, KEY) as client:
        for number, wanted in enumerate(expected):
            job = submitted.jobs[f"key {number}"]
            events = client.events(job)
            assert [event.number for event in events] == list(range(1, len(events) + 1))
            names = Counter(event.name for event in events)
            assert names["done"] == 1 and names["failed"] == 0, (names, client.show(job))
            result = client.result(job).json()
            assert {name: result[name] for name in wanted} == wanted
            told = [entry for event in events if event.name == "update" for entry in event.data["segments"]]
            assert told == result["segments"]


def undisturbed(engine: Engine, media: Path) -> dict[str, Any]:
    """Returns what a run without a break finds, but for how long it took."""
    found = engine.transcribe(media, Options(language=LANGUAGE)).to_dict()
    return {name: value for name, value in found.items() if name != "timings"}
