"""Decides which replicas are asked whether they take a request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from random import Random
from typing import TypeVar

# Replicas whose load is compared for one request. Each doubling gains less: in a cluster of 10, 95 of 100 clips take
# less than 5.8, 4.3, 3.3 and 2.7 s with 1, 2, 4 and 8 (`python -m tests.benchmarks.scale simulate --sizes 10`), and
# each question is a message to a replica.
CHOICES = 4

T = TypeVar("T")


def candidates(
    replicas: Sequence[T],
    models_of: Callable[[T], Collection[str]],
    model: str,
    random: Random,
    choices: int = CHOICES,
) -> list[list[T]]:
    """Returns the replicas to ask, in groups: the least loaded one of the first group that has room is taken.

    models_of  returns the models that a replica has loaded
    model      that the request needs

    Replicas that have the model come first, because others would load it while the request waits. Of each kind a
    few are drawn at random: if all heads took the least loaded replica of the cluster, they would overload it.
    """
    drawn = random.sample(replicas, min(choices, len(replicas)))
    if drawn and all(model in models_of(replica) for replica in drawn):  # most often, without a look at all
        return [drawn]
    ready = [replica for replica in replicas if model in models_of(replica)]
    others = [replica for replica in replicas if model not in models_of(replica)]
    return [random.sample(kind, min(choices, len(kind))) for kind in (ready, others) if kind]
