"""The simulation of a cluster keeps what can be computed without it."""

from __future__ import annotations

import pytest

from tests.benchmarks.scale.simulation import DAY, Cluster, load_at, mean_seconds, percentile, simulate


def test_a_cluster_does_the_work_that_comes_in_the_time_that_it_takes() -> None:
    cluster = Cluster(4, speed=20.0, capacity=4, peak=0.8)
    day = simulate(cluster)
    assert sum(day.busy) == pytest.approx(day.sound / cluster.speed)
    mean_load = sum(load_at(hour * 3600) for hour in range(24)) / 24
    expected = cluster.peak * cluster.replicas * cluster.speed * DAY * mean_load
    assert day.sound == pytest.approx(expected, rel=0.15)
    assert day.sound / day.requests == pytest.approx(mean_seconds(), rel=0.15)


def test_nothing_waits_in_an_idle_cluster() -> None:
    day = simulate(Cluster(50, speed=20.0, capacity=4, peak=0.01))
    assert max(wait for _, wait, _ in day.clips) == 0.0
    assert percentile([end for _, _, end in day.clips], 0.9) <= 60 / 20


def test_a_clip_takes_longer_if_only_one_replica_is_asked() -> None:
    def time_of_clips(choices: int) -> float:
        day = simulate(Cluster(10, speed=20.0, capacity=2, peak=0.8, choices=choices), until=12 * 3600)
        return percentile([end for _, _, end in day.clips], 0.95)

    assert time_of_clips(4) < 0.9 * time_of_clips(1)
