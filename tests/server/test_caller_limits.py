"""How many recordings, and how much sound, one caller may have in progress."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine import Config, Update
from engine.errors import RateLimited
from server import CallerLimits


def test_a_minute_has_room_for_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("server.caller_limits.time.monotonic", lambda: now)
    limits = CallerLimits(Config(caller_per_minute=2))
    for _ in range(2):
        with limits.slot("ann"):
            now += 10
    with pytest.raises(RateLimited) as caught, limits.slot("ann"):
        pass
    assert caught.value.retry_after == 40
    with limits.slot("bob"):
        pass
    now += 40
    with limits.slot("ann"):
        pass


def test_places_come_back_however_the_work_ends() -> None:
    limits = CallerLimits(Config(caller_concurrency=3))

    def work(number: int) -> bool:
        try:
            with limits.slot("ann"):
                if number % 2:
                    raise ValueError(number)
        except ValueError:
            return True
        except RateLimited:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert all(pool.map(work, range(300)))
    with (
        limits.slot("ann"),
        limits.slot("ann"),
        limits.slot("ann"),
        pytest.raises(RateLimited),
        limits.slot("ann"),
    ):
        pass


def test_the_sound_of_one_caller_at_work_is_bounded_but_for_a_single_recording() -> None:
    limits = CallerLimits(Config(caller_seconds=100))
    with limits.slot("ann") as first:
        first.note(Update("reading", seconds_total=90))
        with limits.slot("ann") as second:
            with pytest.raises(RateLimited) as caught:
                second.note(Update("reading", seconds_total=20))
            assert caught.value.retry_after
        with limits.slot("ann") as third:
            third.note(Update("reading", seconds_total=10))
            with pytest.raises(RateLimited), limits.slot("ann"):
                pass
        with limits.slot("bob") as other:
            other.note(Update("reading", seconds_total=90))
    with limits.slot("ann") as alone:
        alone.note(Update("reading", seconds_total=1000))


def test_sound_that_no_header_states_counts_as_it_is_decoded() -> None:
    limits = CallerLimits(Config(caller_seconds=100))
    with limits.slot("ann") as first, limits.slot("ann") as second:
        first.note(Update("transcribing", seconds_done=50))
        second.note(Update("transcribing", seconds_done=40))
        second.note(Update("transcribing", seconds_done=50))
        with pytest.raises(RateLimited):
            second.note(Update("transcribing", seconds_done=51, seconds_total=2))
