"""Windows whose language is not yet known wait for it, in order, and for no longer than they must."""

from __future__ import annotations

import pytest

from engine.recognition.language_tracker import MAX_UNSURE_WINDOWS
from engine.scheduling.scheduler import Scheduler
from tests.support.fake_whisper import PATIENCE, Model, got, put


def languages(lane, count: int) -> list[str]:
    return [lane.get(PATIENCE).language for _ in range(count)]


def test_a_sure_first_window_is_written_before_there_is_a_second(scheduler: Scheduler, model: Model) -> None:
    model.free()
    with scheduler.lane(model, None) as lane:
        put(lane, 1)
        assert got(lane, 1) == [1]


def test_an_unsure_window_is_written_in_the_language_of_those_after_it(
    scheduler: Scheduler, model: Model
) -> None:
    model.free()
    with scheduler.lane(model, None) as lane:
        put(lane, 200)
        assert lane.get(0.2) is None
        put(lane, 101)
        assert languages(lane, 2) == ["de", "de"]
    assert [number for batch in model.batches for number in batch] == [200, 101]


def test_after_some_windows_nobody_waits_any_longer(scheduler: Scheduler, model: Model) -> None:
    model.free()
    with scheduler.lane(model, None) as lane:
        put(lane, *range(200, 200 + MAX_UNSURE_WINDOWS))
        assert languages(lane, MAX_UNSURE_WINDOWS) == ["en"] * MAX_UNSURE_WINDOWS


def test_none_passes_those_that_wait_for_the_second_time(scheduler: Scheduler, model: Model) -> None:
    model.free()
    unsure = range(200, 200 + MAX_UNSURE_WINDOWS)
    with scheduler.lane(model, None) as lane:
        with scheduler.held():
            put(lane, *unsure[:1], samples=20)
            put(lane, *unsure[1:])
            put(lane, 1, samples=20)
        assert got(lane, MAX_UNSURE_WINDOWS + 1) == [*unsure, 1]
    assert model.batches == [[200], [201, 202], [1]]
    assert model.rows == 2 * MAX_UNSURE_WINDOWS + 1  # the unsure ones twice


@pytest.mark.parametrize("count", [1, 2])
def test_the_end_of_a_recording_ends_the_waiting(scheduler: Scheduler, model: Model, count: int) -> None:
    model.free()
    with scheduler.lane(model, None) as lane:
        put(lane, *range(200, 200 + count))
        lane.end()
        assert got(lane, count) == list(range(200, 200 + count))


def test_the_end_may_come_while_the_last_window_is_at_work(scheduler: Scheduler, model: Model) -> None:
    with scheduler.lane(model, None) as lane:
        put(lane, 200)
        assert model.at_work.acquire(timeout=PATIENCE)
        lane.end()
        model.free()
        assert got(lane, 1) == [200]


def test_a_greeting_stays_in_its_language_and_what_follows_is_in_its_own(
    scheduler: Scheduler, model: Model
) -> None:
    model.free()
    with scheduler.lane(model, None) as lane:
        put(lane, 1, 101, 102, 103, samples=160_000)
        lane.end()
        assert languages(lane, 4) == ["en", "de", "de", "de"]
    assert [number for batch in model.batches for number in batch] == [1, 101, 102, 103]


def test_who_waits_for_its_language_holds_up_nobody_else(scheduler: Scheduler, model: Model) -> None:
    model.free()
    with scheduler.lane(model, None) as unsure, scheduler.lane(model, "en") as other:
        put(unsure, 200)
        put(other, 1, 2, 3)
        assert got(other, 3) == [1, 2, 3]
        assert scheduler.stats().windows_waiting == 1
        unsure.end()
        assert got(unsure, 1) == [200]


def test_a_window_that_fails_is_told_though_another_waits(scheduler: Scheduler, model: Model) -> None:
    model.fails[101] = ValueError("one hundred and one")
    model.free()
    with scheduler.lane(model, None) as lane:
        put(lane, 200, 101, 102)
        assert got(lane, 1) == [200]
        with pytest.raises(ValueError, match="one hundred and one"):
            lane.get(PATIENCE)
        assert got(lane, 1) == [102]
    assert scheduler.stats().windows_waiting == 0


def test_a_last_window_that_cannot_be_encoded_leaves_none_waiting_for_it(
    scheduler: Scheduler, model: Model
) -> None:
    model.unreadable = 101
    with scheduler.lane(model, None) as lane:
        put(lane, 200)
        model.encoding.release()
        assert lane.get(0.2) is None  # held
        put(lane, 101)
        for _ in range(2):
            assert model.at_work.acquire(timeout=PATIENCE)
        lane.end()
        model.free()
        assert got(lane, 1) == [200]
        with pytest.raises(ValueError, match="unreadable"):
            lane.get(PATIENCE)


def test_a_window_that_cannot_be_encoded_is_told_before_there_are_further_ones(
    scheduler: Scheduler, model: Model
) -> None:
    model.unreadable = 101
    model.free()
    with scheduler.lane(model, None) as lane:
        put(lane, 200, 201)
        assert lane.get(0.2) is None  # both are held
        put(lane, 101)
        assert got(lane, 2) == [200, 201]
        with pytest.raises(ValueError, match="unreadable"):
            lane.get(PATIENCE)


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_the_language_is_the_same_however_many_windows_go_together(model: Model, batch_size: int) -> None:
    scheduler = Scheduler(batch_size, most=3)
    with scheduler.lane(model, None) as lane:
        put(lane, 200, 201, 202, 101, 102, 103, samples=160_000)
        lane.end()
        model.free()
        assert languages(lane, 6) == ["en", "en", "en", "de", "de", "de"]
    scheduler.close()


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_a_doubtful_end_is_written_too_however_many_windows_go_together(
    model: Model, batch_size: int
) -> None:
    scheduler = Scheduler(batch_size, most=3)
    with scheduler.lane(model, None) as lane:
        put(lane, 200, 201, 202, 101, samples=160_000)
        lane.end()
        model.free()
        assert languages(lane, 4) == ["en", "en", "en", "de"]
    scheduler.close()
