"""What orchestrators and Prometheus are told of the jobs: whether their disk has room, and how many there are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from engine import Config, Engine
from jobs.service import Jobs
from jobs.store import Order
from server import CallerLimits, open_folder, routes

MIB = 1024 * 1024


@dataclass(frozen=True)
class Served:
    """The plain routes in this process, and the jobs behind them."""

    app: Starlette
    jobs: Jobs

    def get(self, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.get(path)

        return asyncio.run(ask())

    def metric(self, line: str) -> float:
        page = self.get("/metrics").text.splitlines()
        return next(float(each.rpartition(" ")[2]) for each in page if each.rpartition(" ")[0] == line)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(Engine, "status", "ok")  # as if the models were loaded
    config = Config(temp_dir=tmp_path / "temp", data_dir=tmp_path / "data", max_temp_bytes=MIB, offline=True)
    engine = Engine(config)
    jobs = Jobs(engine)
    yield Served(Starlette(routes=routes(engine, CallerLimits(config), open_folder(config), jobs)), jobs)
    jobs.close(0)
    engine.close()


def test_a_server_whose_jobs_have_no_room_is_not_ready(served: Served) -> None:
    assert served.get("/health/ready").status_code == 200
    ballast = served.jobs.folder.incoming / "ballast"
    ballast.write_bytes(bytes(2 * MIB))
    answer = served.get("/health/ready")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
    assert "disk space" in answer.json()["error"]["message"] and answer.headers["Retry-After"]
    ballast.unlink()
    assert served.get("/health/ready").status_code == 200


def test_jobs_are_counted_by_state_and_by_outcome(served: Served) -> None:
    assert served.metric('wordlight_jobs{state="queued"}') == 0
    first, second = (
        served.jobs.store.submit(Order(options={}, source=f"/talks/{name}.wav"))[0] for name in "ab"
    )
    assert served.metric('wordlight_jobs{state="queued"}') == 2
    served.jobs.remove(first.id)
    assert served.jobs.queue.claim() is not None
    assert served.metric('wordlight_jobs{state="queued"}') == 0
    assert served.metric('wordlight_jobs{state="running"}') == 1
    assert served.metric('wordlight_jobs_ended_total{outcome="cancelled"}') == 1
    assert served.metric('wordlight_jobs_ended_total{outcome="done"}') == 0
    served.jobs.remove(first.id)  # which deletes it: it has ended before
    served.jobs.remove(second.id)
    assert served.metric('wordlight_jobs_ended_total{outcome="cancelled"}') == 2
    assert served.metric('wordlight_jobs{state="running"}') == 0
