"""Gives Ray Serve the routing policy of this project."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from ray.serve.request_router import FIFOMixin, PendingRequest, RequestRouter, RunningReplica

from deploy.cluster.routing import candidates


class LoadAndModelRouter(FIFOMixin, RequestRouter):
    """Asks the replicas that `candidates` names; Ray Serve takes the one with the fewest requests.

    If none has room, Ray Serve asks again after a while.
    """

    _random = Random()

    async def choose_replicas(
        self, candidate_replicas: Sequence[RunningReplica], pending_request: PendingRequest | None = None
    ) -> list[list[RunningReplica]]:
        """Returns the replicas to ask next, in groups; called again, ever later, until one has room."""
        model = ""
        if pending_request is not None:
            model = pending_request.metadata.multiplexed_model_id
            pending_request.routing_context.should_backoff = True
        return candidates(
            candidate_replicas, lambda replica: replica.multiplexed_model_ids, model, self._random
        )
