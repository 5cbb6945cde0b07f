"""The queue: fair turns, each job to one worker, and none lost with its worker."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import tracemalloc
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.transcript import Transcript
from jobs import queue as module
from jobs.errors import LeaseLost
from jobs.models import Job
from jobs.queue import MAX_ATTEMPTS
from tests.support.job_server import Server
from tests.support.job_steps import step, transcript
from tests.support.recordings import ROOT


def test_callers_take_turns_and_each_gets_its_jobs_in_their_order(server: Server) -> None:
    ann = [server.store.submit(server.order(caller="ann"))[0].id for _ in range(4)]
    ben = [server.store.submit(server.order(caller="ben"))[0].id for _ in range(2)]
    places = [server.store.place(server.store.get(job)) for job in (*ann, *ben)]
    taken = []
    while job := server.queue.claim():
        taken.append(job.id)
        server.queue.finish(job.id, transcript())
    assert taken == [ann[0], ben[0], ann[1], ben[1], ann[2], ann[3]]
    assert places == [1 + taken.index(job) for job in (*ann, *ben)]


def test_no_job_is_taken_twice_by_two_processes(server: Server, other: Server) -> None:
    ids = {server.store.submit(server.order(caller=f"c{n % 3}"))[0].id for n in range(30)}
    taken: list[str] = []

    def work(one: Server) -> None:
        while job := one.queue.claim():
            taken.append(job.id)
            one.queue.finish(job.id, transcript())

    threads = [threading.Thread(target=work, args=(one,)) for one in (server, other) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(taken) == dict.fromkeys(ids, 1)


def test_an_empty_queue_is_looked_at_while_another_process_writes(tmp_path: Path) -> None:
    database = tmp_path / "jobs.sqlite3"
    server = Server.on(f"sqlite:///{database}", tmp_path)
    found: list[Job | None] = []
    look = threading.Thread(target=lambda: found.append(server.queue.claim()), daemon=True)
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        look.start()
        look.join(5)
        assert found == [None], "the look waits for the write lock"
    server.close()


def test_a_checkpoint_comes_out_with_every_digit(server: Server) -> None:
    server.store.submit(server.order())
    job = server.queue.claim()
    assert job is not None
    server.queue.record(job.id, step())
    server.queue.give_back(job.id)
    again = server.queue.claim()
    assert again is not None and again.id == job.id
    assert server.queue.checkpoints(again) == [step().checkpoint]
    server.queue.finish(job.id, transcript())
    names = ["queued", "running", "update", "queued", "running", "done"]
    found = server.store.events(job.id, 0)
    assert [(event.number, event.name) for event in found] == list(enumerate(names, 1))
    assert server.store.transcript(server.store.get(job.id)) == Transcript.from_dict(transcript().to_dict())


def test_a_worker_that_has_lost_its_job_stores_nothing_more(
    server: Server, other: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.store.submit(server.order())
    monkeypatch.setattr(module, "LEASE_SECONDS", -1.0)
    job = server.queue.claim()
    assert job is not None
    assert other.queue.rescue() == 1
    monkeypatch.undo()
    assert server.queue.hold([job.id]) == {job.id}
    taken = other.queue.claim()
    assert taken is not None and taken.id == job.id
    with pytest.raises(LeaseLost):
        server.queue.record(job.id, step())
    with pytest.raises(LeaseLost):
        server.queue.finish(job.id, transcript())
    with pytest.raises(LeaseLost):
        server.queue.fail(job.id, InputError("no"))
    other.queue.finish(job.id, transcript())
    names = [event.name for event in server.store.events(job.id, 0)]
    assert names == ["queued", "running", "queued", "running", "done"]


def test_a_job_at_work_that_is_cancelled_is_its_worker_s_no_more(server: Server) -> None:
    job, _ = server.store.submit(server.order())
    server.queue.claim()
    assert server.store.remove(job.id) == "cancelled"
    assert server.queue.hold([job.id]) == {job.id}
    with pytest.raises(LeaseLost):
        server.queue.record(job.id, step())


def test_a_living_process_keeps_its_jobs_and_a_killed_one_loses_them_at_once(
    server: Server, database_url: str, tmp_path: Path
) -> None:
    job, _ = server.store.submit(server.order())
    program = (
        "import sys; from pathlib import Path; from tests.support.job_server import Server\n"
        "server = Server.on(sys.argv[1], Path(sys.argv[2])); print(server.queue.claim().id, flush=True)\n"
        "sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, database_url, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdout.readline().strip() == job.id
        assert server.queue.rescue(server.living.dead()) == 0
        assert server.store.get(job.id).state == "running"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    dead = server.living.dead()
    assert len(dead) == 1 and server.queue.rescue(dead) == 1
    server.living.bury(dead)
    assert server.living.dead() == []
    taken = server.queue.claim()
    assert taken is not None and taken.id == job.id


def test_a_recording_that_ends_every_worker_is_given_up(server: Server) -> None:
    job, _ = server.store.submit(server.order())
    for _ in range(MAX_ATTEMPTS):
        assert server.queue.claim() is not None
        assert server.queue.rescue([server.queue.worker]) == 1
    failed = server.store.get(job.id)
    assert failed.state == "failed" and failed.error is not None and failed.error["code"] == "given_up"


def test_a_recording_that_comes_further_each_time_is_not_given_up(server: Server) -> None:
    job, _ = server.store.submit(server.order())
    for _ in range(MAX_ATTEMPTS + 2):
        assert server.queue.claim() is not None
        server.queue.record(job.id, step())
        server.queue.rescue([server.queue.worker])
    assert server.store.get(job.id).state == "queued"


def test_a_thousand_jobs_that_wait_take_no_memory_and_hold_no_other_caller_up(server: Server) -> None:
    first, _ = server.store.submit(server.order(caller="ann"))
    with server.database.write() as session:
        for number in range(999):
            session.add(
                Job(
                    id=f"ann{number}",
                    caller="ann",
                    owner="",
                    created_at=first.created_at + 1e-3 * number,
                    recording=first.recording,
                    options={"hotwords": "x" * 500},
                    fingerprint="",
                )
            )
    tracemalloc.start()
    ben, _ = server.store.submit(server.order(caller="ben"))
    assert server.store.place(ben) == 2
    taken = [server.queue.claim(), server.queue.claim()]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [job.caller for job in taken if job] == ["ann", "ben"]
    assert peak < 3_000_000  # bytes; all of the jobs, loaded, are several times as much
