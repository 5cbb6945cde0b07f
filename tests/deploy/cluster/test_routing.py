"""The replicas that a request is offered to: those that have its model, and a few of many."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest

from deploy.cluster.routing import CHOICES, candidates


@dataclass(frozen=True)
class Replica:
    number: int
    models: frozenset[str]


def cluster(*models: str) -> list[Replica]:
    return [Replica(number, frozenset(names.split())) for number, names in enumerate(models)]


def asked(replicas: list[Replica], model: str) -> list[list[int]]:
    groups = candidates(replicas, lambda replica: replica.models, model, Random(1))
    return [[replica.number for replica in group] for group in groups]


def test_replicas_with_the_model_come_first() -> None:
    first, second = asked(cluster("base", "base large", "base", "large"), "large")
    assert sorted(first) == [1, 3] and sorted(second) == [0, 2]


def test_a_replica_that_must_load_the_model_is_asked_if_there_is_no_other() -> None:
    assert asked(cluster("base"), "large") == [[0]]
    assert asked([], "large") == []


@pytest.mark.parametrize("size", [CHOICES, 1000])
def test_a_few_of_many_are_asked(size: int) -> None:
    (group,) = asked(cluster(*["base"] * size), "base")
    assert len(set(group)) == CHOICES


def test_few_replicas_with_the_model_are_found_among_many() -> None:
    first, second = asked(cluster(*["base"] * 500, "large", *["base"] * 500), "large")
    assert first == [500] and len(second) == CHOICES


def test_all_replicas_have_their_turn() -> None:
    replicas, random = cluster(*["base"] * 20), Random(2)
    groups = [candidates(replicas, lambda each: each.models, "base", random)[0] for _ in range(200)]
    assert {replica.number for group in groups for replica in group} == set(range(20))
