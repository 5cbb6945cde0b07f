"""Workers side by side: what each of them takes, and what they keep in order among them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from engine.languages import MIXED
from engine.recognition.language_tracker import REVISABLE_WINDOWS
from engine.scheduling.lane import Lane
from engine.scheduling.scheduler import Scheduler
from tests.support.fake_whisper import DE, EN, PATIENCE, Model, got, put, working


@pytest.fixture
def pair(model: Model) -> Iterator[Scheduler]:
    """Two workers, a window each."""
    with working(model, batch_size=1, workers=2) as scheduler:
        yield scheduler


def test_workers_are_at_work_side_by_side_and_results_stay_in_order(pair: Scheduler, model: Model) -> None:
    with pair.lane(model, "en") as lane:
        put(lane, 1, 2)
        assert model.at_work.acquire(timeout=PATIENCE) and model.at_work.acquire(timeout=PATIENCE)
        model.late = 1
        model.free()
        assert got(lane, 2) == [1, 2]
    assert model.batches == [[2], [1]]


def test_a_language_is_found_in_order_though_a_later_window_is_encoded_first(
    pair: Scheduler, model: Model
) -> None:
    with pair.lane(model, MIXED) as lane:
        model.slow = 1
        put(lane, 1, 101, 102, samples=160_000)
        for _ in range(2):
            assert model.at_work.acquire(timeout=PATIENCE)
        model.free()
        assert lane.get(0.2) is None  # the second has been encoded, and waits to hear what the first is
        model.slowly.release()
        assert [served.language for served in (lane.get(PATIENCE) for _ in range(3)) if served] == [
            "en", "de", "de",
        ]  # fmt: skip


def test_a_language_is_heard_while_the_next_window_has_just_been_encoded(
    pair: Scheduler, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(dict[str, float]):
        def __iter__(self) -> Iterator[str]:
            model.slowly.release()
            time.sleep(0.1)  # enough for the worker that has the next window to go as far as it is let
            return super().__iter__()

    def detect(encoded: Sequence[int], thorough: bool = True) -> list[dict[str, float]]:
        if 101 not in encoded:
            return [EN] * len(encoded)
        for _ in range(REVISABLE_WINDOWS + 1):
            assert model.at_work.acquire(timeout=PATIENCE)  # the next window has been taken too
        return [Slow(DE)]

    monkeypatch.setattr(model, "detect_language", detect)
    model.slow = 102
    model.free()
    with pair.lane(model, None) as lane:
        first = range(REVISABLE_WINDOWS - 1)
        put(lane, *first, samples=160_000)
        assert got(lane, len(first)) == list(first)
        put(lane, 101, 102, samples=160_000)
        lane.end()
        assert got(lane, 2) == [101, 102]


def test_a_window_that_cannot_be_encoded_holds_up_no_later_one(pair: Scheduler, model: Model) -> None:
    model.unreadable = 1
    with pair.lane(model, None) as lane:
        put(lane, 1, 2, 3)
        model.free()
        with pytest.raises(ValueError, match="unreadable"):
            lane.get(PATIENCE)
        assert got(lane, 2) == [2, 3]


def test_no_window_is_lost_where_other_workers_make_batches_smaller_all_along(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = iter(range(9, 0, -1))  # one at each look
    monkeypatch.setattr(
        Scheduler, "batch_size", property(lambda _: next(sizes, 1), lambda *_: None), raising=False
    )
    model.free()
    with working(model, batch_size=9) as scheduler, scheduler.lane(model, "en") as lane:
        with scheduler.held():
            put(lane, *range(8))
        assert got(lane, 8) == list(range(8))


@pytest.fixture
def pairs(model: Model) -> Iterator[Scheduler]:
    """Two workers, two windows each."""
    with working(model, batch_size=2, workers=2) as scheduler:
        yield scheduler


def test_each_worker_fills_a_batch_where_more_is_to_follow(pairs: Scheduler, model: Model) -> None:
    model.free()
    with pairs.lane(model, "en") as lane:
        with pairs.held():  # none takes any before all are there
            put(lane, 0, 1, 2, 3, 4)
        assert got(lane, 5) == [0, 1, 2, 3, 4]
    assert sorted(model.batches) == [[0], [1, 2], [3, 4]]


def test_the_last_windows_are_shared_out(pairs: Scheduler, model: Model) -> None:
    model.free()
    with pairs.lane(model, "en") as lane:
        with pairs.held():
            put(lane, 0, 1, 2)
            lane.end()
        assert got(lane, 3) == [0, 1, 2]
    assert sorted(model.batches) == [[0], [1], [2]]


@pytest.fixture
def roomy(model: Model) -> Iterator[Scheduler]:
    """Two workers, two windows each, or four for one of them while there is one lane."""
    with working(model, batch_size=2, workers=2, alone=4) as scheduler:
        yield scheduler


def test_one_worker_fills_a_larger_batch_while_a_lane_is_alone(roomy: Scheduler, model: Model) -> None:
    with roomy.lane(model, "en") as lane:
        put(lane, 0)
        assert model.at_work.acquire(timeout=PATIENCE)
        with roomy.held():
            put(lane, *range(1, 9))
        assert model.at_work.acquire(timeout=PATIENCE)  # the first has been encoded, and both are at work
        model.free()
        assert got(lane, 9) == list(range(9))
    assert [0] in model.batches, "the first words do not wait for a fuller batch"
    assert max(map(len, model.batches)) == 4
    assert roomy.windows_in_flight == 6


def test_a_new_lane_finds_a_worker_with_a_regular_batch(roomy: Scheduler, model: Model) -> None:
    with roomy.lane(model, "en") as lane:
        model.encoding.release()
        model.decoding.release()
        put(lane, 0)
        assert got(lane, 1) == [0]
        with roomy.held():
            put(lane, *range(1, 9))
        for _ in range(3):  # the first window's batch, and those of both workers
            assert model.at_work.acquire(timeout=PATIENCE)
        assert model.rows == 1 + 4 + 2
        model.free()
        assert got(lane, 8) == list(range(1, 9))


def test_batches_are_regular_while_others_have_a_lane(roomy: Scheduler, model: Model) -> None:
    model.free()
    with roomy.lane(model, "en") as lane, roomy.lane(model, "en"):
        with roomy.held():
            put(lane, *range(9))
        assert got(lane, 9) == list(range(9))
    assert max(map(len, model.batches)) == 2


def test_larger_batches_end_with_the_memory_for_them(roomy: Scheduler, model: Model) -> None:
    model.too_large = 2
    model.free()
    with roomy.lane(model, "en") as lane:
        for _ in range(2):
            with roomy.held():
                put(lane, *range(9))
            assert got(lane, 9) == list(range(9))
        model.rows, more = 0, [9, 10, 11, 12]
        with roomy.held():
            put(lane, *more)
        assert got(lane, 4) == more
    assert roomy.batch_size == 2 and roomy.windows_in_flight == 4


@pytest.mark.parametrize("language", ["en", None, MIXED])
def test_batches_are_told_in_order_whoever_is_first(
    pairs: Scheduler, model: Model, language: str | None
) -> None:
    model.slow = 3
    with pairs.lane(model, language) as lane:
        with pairs.held():
            put(lane, 0, 1, 2, 3, 4, 5, 6, samples=160_000)
        model.free()
        assert got(lane, 3) == [0, 1, 2]
        model.slowly.release()
        assert got(lane, 4) == [3, 4, 5, 6]
    assert sorted(model.batches) == [[0], [1, 2], [3, 4], [5, 6]]


def put_one_each(scheduler: Scheduler, *lanes: Lane) -> None:
    """Gives each lane its only window, all at the same time."""
    with scheduler.held():
        for number, lane in enumerate(lanes):
            put(lane, number)
            lane.end()


def test_newcomers_are_shared_out_where_nobody_else_is_there(pairs: Scheduler, model: Model) -> None:
    with pairs.lane(model, "en") as one, pairs.lane(model, "en") as two:
        put_one_each(pairs, one, two)
        model.free()
        assert got(one, 1) + got(two, 1) == [0, 1]
    assert sorted(model.batches) == [[0], [1]]


def test_newcomers_pass_together_where_others_wait(pairs: Scheduler, model: Model) -> None:
    with (
        pairs.lane(model, "en") as long,
        pairs.lane(model, "en") as one,
        pairs.lane(model, "en") as two,
    ):
        model.encoding.release()
        model.decoding.release()
        put(long, 10)
        got(long, 1)
        with pairs.held():
            put(long, 11, 12, 13, 14, 15)
        for _ in range(3):
            assert model.at_work.acquire(timeout=PATIENCE)  # both workers have a batch
        put_one_each(pairs, one, two)
        model.free()
        assert got(one, 1) + got(two, 1) == [0, 1]
        assert got(long, 5) == [11, 12, 13, 14, 15]
    assert [0, 1] in model.batches


def test_who_reads_a_recording_makes_its_features_and_no_worker_does(
    pair: Scheduler, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_by: list[threading.Thread] = []

    def features(samples: np.ndarray) -> np.ndarray:
        made_by.append(threading.current_thread())
        return samples

    monkeypatch.setattr(model, "features", features)
    model.free()
    with pair.lane(model, "en") as lane:
        put(lane, 1, 2, 3)
        assert got(lane, 3) == [1, 2, 3]
    assert made_by == [threading.current_thread()] * 3
