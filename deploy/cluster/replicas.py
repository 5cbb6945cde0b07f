"""The interface through which a head reaches its replicas; `serve_replicas` has it for Ray Serve."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from deploy.cluster.messages import Failure, ReplicaFacts, TranscriptionRequest
from engine.diarization.turns import Turn
from engine.updates import Update

Reply = Update | Failure


class Answer(Protocol):
    """The replies of one replica to one request, which come while it works."""

    def __iter__(self) -> Iterator[Reply]:
        """Yields the replies. Raises ReplicaLost if the replica ends before."""
        ...

    def cancel(self) -> None:
        """Ends the work at the request, from any thread; does nothing after its end."""
        ...


class Replicas(Protocol):
    """The replicas of a cluster."""

    def transcribe(self, request: TranscriptionRequest, model: str) -> Answer:
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
