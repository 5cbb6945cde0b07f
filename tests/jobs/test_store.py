"""The store of jobs: what a caller sends is kept, found, listed and deleted, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Busy, RateLimited
from jobs.errors import JobNotFound, KeyReused, NotDone
from jobs.store import Limits
from tests.support.job_server import Server


def test_a_job_comes_out_as_it_went_in(server: Server) -> None:
    details = {"talk": "Ärger", "n": 1}
    job, new = server.store.submit(server.order(details=details, callback_url="https://a.example/"))
    found = server.store.get(job.id)
    assert new and len(job.id) == 22
    assert found.state == "queued" and found.options == {"language": "en"} and found.details == details
    assert server.recordings.path_of(found.recording or "").read_bytes() == b"sound"
    assert list(server.folder.incoming.iterdir()) == []
    assert [(event.number, event.name) for event in server.store.events(job.id, 0)] == [(1, "queued")]


def test_a_job_is_its_owner_s_and_one_without_owner_is_whoever_s_that_has_its_id(server: Server) -> None:
    mine, _ = server.store.submit(server.order(owner="a"))
    open_, _ = server.store.submit(server.order())
    assert server.store.get(mine.id, "a").id == mine.id
    assert server.store.get(open_.id, "b").id == open_.id
    for call in (server.store.get, server.store.remove):
        with pytest.raises(JobNotFound):
            call(mine.id, "b")
        with pytest.raises(JobNotFound):
            call(mine.id)
    assert [job.id for job in server.store.page("a", 10)] == [mine.id]


def test_the_result_of_a_job_that_is_not_done_is_refused(server: Server) -> None:
    job, _ = server.store.submit(server.order())
    with pytest.raises(NotDone, match="queued"):
        server.store.transcript(job)


def test_pages_hold_every_job_once_though_jobs_come_meanwhile(server: Server) -> None:
    ids = [server.store.submit(server.order(owner="a"))[0].id for _ in range(7)]
    seen: list[str] = []
    after = None
    while page := server.store.page("a", 3, after):
        seen += [job.id for job in page]
        after = page[-1].created_at, page[-1].id
        server.store.submit(server.order(owner="a"))
    assert seen == ids[::-1]


def test_one_key_is_one_job_and_another_body_under_it_is_refused(server: Server) -> None:
    first, new = server.store.submit(server.order(idempotency_key="k"))
    again, new_again = server.store.submit(server.order(idempotency_key="k"))
    assert (first.id, new, new_again) == (again.id, True, False)
    for other in (
        server.order(b"other sound", idempotency_key="k"),
        server.order(idempotency_key="k", options={"language": "de"}),
        server.order(idempotency_key="k", callback_url="https://a.example"),
    ):
        with pytest.raises(KeyReused):
            server.store.submit(other)
    assert server.store.submit(server.order(idempotency_key="k", caller="ben"))[1]


def at_once(count: int, call: Callable[[int], Any]) -> list[Any]:
    """Returns what a call gives in so many threads that begin together."""
    together, found = threading.Barrier(count), [None] * count

    def run(number: int) -> None:
        together.wait()
        found[number] = call(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_twenty_equal_requests_at_once_are_one_job(server: Server, other: Server) -> None:
    orders = [server.order(idempotency_key="k") for _ in range(20)]
    found = at_once(20, lambda n: (server, other)[n % 2].store.submit(orders[n]))
    assert len({job.id for job, _ in found}) == 1
    assert sum(new for _, new in found) == 1
    assert len(server.store.page("", 10)) == 1


def test_each_of_two_jobs_with_one_content_keeps_the_recording(server: Server) -> None:
    one, _ = server.store.submit(server.order())
    two, _ = server.store.submit(server.order(caller="ben"))
    path = server.recordings.path_of(one.recording or "")
    assert one.recording == two.recording
    assert server.store.remove(one.id) == "cancelled" and path.exists()
    assert server.store.remove(one.id) == "deleted" and path.exists()
    assert server.store.remove(two.id) == "cancelled" and not path.exists()


def test_a_deletion_takes_no_recording_that_is_just_being_sent_again(server: Server, other: Server) -> None:
    for _ in range(5):
        old = [server.store.submit(server.order())[0] for _ in range(4)]
        orders = [other.order() for _ in range(4)]

        def call(n: int, old: list = old, orders: list = orders) -> Any:
            return server.store.remove(old[n].id) if n < 4 else other.store.submit(orders[n - 4])[0]

        new = at_once(8, call)[4:]
        for job in new:
            assert server.recordings.path_of(job.recording or "").read_bytes() == b"sound"
            server.store.remove(job.id)


def test_nothing_of_a_cancelled_job_stays_but_its_state(server: Server) -> None:
    job, _ = server.store.submit(server.order(details={"a": 1}, text="A secret."))
    text = server.queue.text(job)
    assert text is not None and text.plain == "A secret."
    server.store.remove(job.id)
    assert server.queue.text(job) is None
    left = server.store.get(job.id)
    assert left.state == "cancelled" and left.recording is None and left.options == {}
    assert [event.name for event in server.store.events(job.id, 0)] == ["cancelled"]


def test_too_many_jobs_are_refused(database_url: str, tmp_path: Path) -> None:
    server = Server.on(database_url, tmp_path, Limits(jobs=3, caller_jobs=2))
    for _ in range(2):
        server.store.submit(server.order())
    with pytest.raises(RateLimited):
        server.store.submit(server.order())
    server.store.submit(server.order(caller="ben"))
    with pytest.raises(Busy):
        server.store.submit(server.order(caller="cleo"))
    server.close()


def test_the_sweep_deletes_what_has_had_its_time_and_nothing_else(server: Server) -> None:
    job, _ = server.store.submit(server.order())
    waiting, _ = server.store.submit(server.order(b"other"))
    server.store.remove(job.id)
    ended = server.store.get(job.id).finished_at or 0.0
    assert server.store.expire(ended) == 0
    assert server.store.expire(ended + 0.001) == 1
    with pytest.raises(JobNotFound):
        server.store.get(job.id)
    assert server.store.get(waiting.id).state == "queued"
    assert server.recordings.path_of(waiting.recording or "").exists()
