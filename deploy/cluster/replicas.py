"""The interface through which a head reaches its replicas; `serve_replicas` has it for Ray Serve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from deploy.cluster.messages import (
    Failure,
    PortionRefusal,
    ReplicaFacts,
    TranscriptionRequest,
)
from engine.diarization.turns import Turn
from engine.scheduling.portion import AlignedResult, Portion
from engine.updates import Update

Reply = Update | Failure
PortionReply = Sequence[AlignedResult] | PortionRefusal | Failure
AnyReply = TypeVar("AnyReply", covariant=True)


class Answer(Protocol[AnyReply]):
    """The replies of one replica to one request, which come while it works."""

    def __iter__(self) -> Iterator[AnyReply]:
        """Yields the replies. Raises ReplicaLost if the replica ends before."""
        ...

    def cancel(self) -> None:
        """Ends the work at the request, from any thread; does nothing after its end."""
        ...


class OtherReplicas(Protocol):
    """The replicas of a cluster, for one of them."""

    def help(self, portion: Portion) -> Answer[PortionReply]:
        """Sends windows to a replica; the answer begins with an empty list or a refusal once one has a place."""
        ...


class Replicas(Protocol):
    """The replicas of a cluster, for a head."""

    def transcribe(self, request: TranscriptionRequest, model: str) -> Answer[Reply]:
        """Sends a request to a replica; the answer waits until one has room.

        model  that the request needs
        """
        ...

    def facts(self) -> ReplicaFacts:
        """Asks any replica. Raises ReplicaLost if none answers in time, SetupError if the replicas cannot start."""
        ...

    def turns(self, samples: np.ndarray, most: int) -> tuple[Turn, ...]:
        """Has a replica find who speaks when, as `Engine.turns` does. Raises ReplicaLost."""
        ...

    def store(self, path: Path) -> tuple[Any, ...]:
        """Puts a file into the cluster's object store; returns its parts, which live as long as they are held."""
        ...

    def count(self) -> int:
        """Returns the number of running replicas."""
        ...

    def close(self) -> None:
        """Leaves the cluster, if this process has joined it for these replicas alone."""
        ...
