"""Jobs of the page: in lines, apart from those of programs, stopped and queued again without a loss."""

from __future__ import annotations

import pytest

from jobs.errors import JobNotFound, LeaseLost
from jobs.queue import Share
from tests.support.job_server import Server
from tests.support.job_steps import step, transcript

PAGE = Share("page one", caller_max=2)


def submit(server: Server, line: str = "line", caller: str = "ann", owner: str = "page one") -> str:
    return server.store.submit(server.order(owner=owner, line=line, caller=caller))[0].id


def claimed(server: Server, lines: list[str] | None = None) -> str | None:
    job = server.queue.claim(PAGE, lines)
    return job.id if job else None


def test_jobs_of_a_line_are_taken_one_after_the_other(server: Server) -> None:
    first, second = submit(server), submit(server)
    other = submit(server, line="other")
    assert [claimed(server), claimed(server), claimed(server)] == [first, other, None]
    server.queue.complete(first)
    assert claimed(server) == second
    with pytest.raises(JobNotFound):
        server.store.get(first, "page one")


def test_a_caller_has_so_many_at_a_time_and_others_go_on(server: Server) -> None:
    mine = [submit(server, line=f"line{number}") for number in range(3)]
    theirs = submit(server, line="theirs", caller="ben")
    assert {claimed(server) for _ in range(4)} == {*mine[:2], theirs, None}


def test_workers_take_their_own_share_alone(server: Server) -> None:
    page, program = submit(server), submit(server, owner="", line="program")
    elsewhere = submit(server, owner="page two", line="elsewhere")
    assert server.store.place(server.store.get(program)) == 1, "jobs of the page are in no program's way"
    taken = server.queue.claim()
    assert taken is not None and taken.id == program and server.queue.claim() is None
    assert [claimed(server), claimed(server)] == [page, None]
    assert server.store.get(elsewhere, "page two").state == "queued"


def test_the_lines_that_are_asked_for_come_first(server: Server) -> None:
    first, second = submit(server, line="a"), submit(server, line="b")
    assert claimed(server, ["b"]) == second
    assert claimed(server, ["b"]) is None
    assert claimed(server) == first


def test_a_suspended_job_goes_on_with_all_that_was_finished(server: Server) -> None:
    job = submit(server)
    claimed(server)
    server.queue.record(job, step())
    assert not server.suspendable.suspend(job, "page one", server.queue.worker), "this worker runs it"
    server.queue.suspend(job)
    with pytest.raises(LeaseLost):
        server.queue.record(job, step(4.0))
    assert server.store.get(job, "page one").state == "cancelled" and claimed(server) is None
    assert server.suspendable.resume(job, "page one") and not server.suspendable.resume(job, "page one")
    again = server.queue.claim(PAGE)
    assert again is not None and server.queue.checkpoints(again) == [step().checkpoint]
    assert [found["seconds_done"] for found in server.suspendable.steps(job)] == [2.0]
    server.queue.finish(job, transcript())
    assert not server.suspendable.resume(job, "page one")


def test_a_waiting_job_is_suspended_at_once(server: Server) -> None:
    job = submit(server)
    assert server.suspendable.suspend(job, "page one", server.queue.worker)
    assert claimed(server) is None
    with pytest.raises(JobNotFound):
        server.suspendable.resume(job, "page two")
    assert [found.id for found in server.suspendable.unfinished("page one")] == []
    assert server.suspendable.resume(job, "page one")
    assert [found.id for found in server.suspendable.unfinished("page one")] == [job]


def test_a_job_that_another_process_runs_is_taken_from_it(server: Server, other: Server) -> None:
    job = submit(server)
    claimed(server)
    server.queue.record(job, step())
    assert other.suspendable.suspend(job, "page one", other.queue.worker)
    with pytest.raises(LeaseLost):
        server.queue.record(job, step(4.0))
    assert [found["seconds_done"] for found in other.suspendable.steps(job)] == [2.0]
