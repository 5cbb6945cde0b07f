"""The size of a cluster: how many replicas there are, and what each gets. Needs no Ray."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

# Seconds that a replica that is to go gets for what it works at. Longer recordings go on elsewhere after their last
# window, so that a smaller cluster need not wait for them.
DRAIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSize:
    """How many replicas there are, and what each gets.

    min_replicas, max_replicas  as many as are needed between these
    cores     of each replica; on a GPU, for reading and alignment
    gpus      of each replica, 0 or 1; a part of one shares it among replicas
    capacity  recordings that a replica works at together; 0 takes what keeps its batches full
    spread    replicas that may work at one recording together, as far as they have room; 1 leaves each to one
    """

    min_replicas: int = 1
    max_replicas: int = 1
    cores: float = 2.0
    gpus: float = 0.0
    capacity: int = 0
    spread: int = 1

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> ClusterSize:
        """Reads a size from the arguments of a Serve config file. Raises ValueError if one is unknown or no number."""
        known = {name: type(value) for name, value in asdict(cls()).items()}
        if unknown := sorted(set(arguments) - set(known)):
            raise ValueError(f"Unknown arguments: {', '.join(unknown)}. Known: {', '.join(known)}.")
        return cls(**{name: known[name](value) for name, value in arguments.items()})

    @property
    def recordings(self) -> int:
        """Returns the recordings that a replica works at together.

        A recording has a few windows ahead at any time, so that a batch of 16 is full from eight recordings on. On a
        CPU further ones gain nothing, and a short clip waits less beside few.
        """
        return self.capacity or (16 if self.gpus else max(2, 2 * round(self.cores)))
