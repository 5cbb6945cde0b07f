"""Jobs outlive their server: killed at random moments, alone or beside another one, it loses none.

The environment variable WORDLIGHT_TEST_KILLS sets how often; see tests/benchmarks/durability.py.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import Engine
from tests.support.durability import (
    Submitted,
    check_all_done_once,
    kill_again_and_again,
    listed,
    submit_stubbornly,
    undisturbed,
    wait_until_over,
)
from tests.support.job_client import JobClient
from tests.support.killable_server import KEY, nursery
from tests.support.postgresql import new_database
from tests.support.recordings import clip

KILLS = int(os.environ.get("WORDLIGHT_TEST_KILLS", "6"))
SHARED_JOBS = int(os.environ.get("WORDLIGHT_TEST_SHARED_JOBS", "16"))


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory, talk: np.ndarray) -> list[Path]:
    """Recordings of one window and of several."""
    folder = tmp_path_factory.mktemp("recordings")
    soundfile.write(folder / "long.wav", talk[: 26 * 16_000], 16_000)
    return [folder / "long.wav", clip("en/quick_brown_fox"), clip("en/hello_world")]


@pytest.fixture(scope="module")
def expected(engine: Engine, recordings: list[Path]) -> list[dict]:
    return [undisturbed(engine, path) for path in recordings]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_server_that_is_killed_at_random_moments_does_every_acknowledged_job_once(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    recordings: list[Path],
    expected: list[dict],
    kind: str,
) -> None:
    database = None
    if kind == "postgresql":
        database = new_database(request.getfixturevalue("postgresql"), "killed")
    kills = KILLS if kind == "sqlite" else max(3, KILLS // 3)
    order = [recordings[number % 3] for number in range(max(6, 2 * kills))]
    with nursery(tmp_path, database) as servers:
        submitted = kill_again_and_again(servers, [path.read_bytes() for path in order], kills, seed=kills)
        assert {"queued", "running"} <= submitted.states.keys(), submitted.states
        wanted = [expected[number % 3] for number in range(len(order))]
        check_all_done_once(servers.url(), submitted, wanted)


def test_of_two_servers_on_one_database_one_is_killed_and_all_is_done_once(
    tmp_path: Path, postgresql: str, expected: list[dict]
) -> None:
    content = clip("en/hello_world").read_bytes()
    submitted = Submitted()
    with nursery(tmp_path, new_database(postgresql, "shared")) as servers:
        urls = [servers.start(name) for name in ("one", "two")]
        for name in ("one", "two"):
            servers.wait(name)

        def submit(first: int) -> None:
            for number in range(first, SHARED_JOBS, 2):
                submit_stubbornly(urls[number % 2], f"key {number}", content, submitted)

        senders = [threading.Thread(target=submit, args=(first,)) for first in (0, 1)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        with JobClient(urls[0], KEY) as client:  # some are done, and others are not
            client.events(submitted.jobs["key 0"])
        states = Counter(job["state"] for job in listed(urls[1]))
        assert states["queued"] + states["running"] > 0
        servers.kill("one")
        wait_until_over(urls[1])
        check_all_done_once(urls[1], submitted, [expected[2]] * SHARED_JOBS)
