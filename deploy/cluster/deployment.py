"""The Ray Serve application: replicas that transcribe, how many there are, and when one is replaced."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import numpy as np
import ray
from anyio import to_thread
from ray import serve
from ray.serve.config import AutoscalingConfig, RequestRouterConfig

from deploy.cluster.cluster_size import DRAIN_SECONDS, ClusterSize
from deploy.cluster.messages import Failure, ReplicaFacts, TranscriptionRequest
from deploy.cluster.replicas import PortionReply, Reply
from deploy.cluster.serve_replicas import TRANSCRIBER, ServeReplicas
from deploy.cluster.transcriber import Transcriber
from engine.config import Config
from engine.diarization.turns import Turn
from engine.errors import WordlightError
from engine.log import configure_logging
from engine.scheduling.portion import Portion

HEALTH_SECONDS = 5.0  # between two checks of a replica
HEALTH_TIMEOUT_SECONDS = (
    30.0  # for its answer; a replica whose event loop is blocked for that long is replaced
)
SHARE_OF_CAPACITY = 0.75  # of the recordings that a replica takes, from which on replicas are added


class ServedTranscriber:
    """A `Transcriber` as Ray Serve runs it, with the settings of the machine that it runs on."""

    def __init__(self, cores: float, capacity: int, spread: int) -> None:
        configure_logging()
        self._transcriber = Transcriber(
            Config.from_env(),
            cores=cores,
            capacity=capacity,
            fetch=ray.get,
            others=ServeReplicas(),
            spread=spread,
        )

    async def updates(self, request: TranscriptionRequest) -> AsyncGenerator[Reply]:
        try:
            await self.model(serve.get_multiplexed_model_id())
        except WordlightError as error:
            yield Failure(error)
            return
        async with aclosing(self._transcriber.updates(request)) as replies:
            async for reply in replies:
                yield reply

    async def work_at(self, portion: Portion) -> AsyncGenerator[PortionReply]:
        async with aclosing(self._transcriber.work_at(portion)) as replies:
            async for reply in replies:
                yield reply

    # Ray Serve only notes which models a replica has had, for the routing; the engine loads and unloads them.
    @serve.multiplexed(max_num_models_per_replica=-1)
    async def model(self, name: str) -> str:
        return await to_thread.run_sync(self._transcriber.load_model, name)

    async def facts(self) -> ReplicaFacts:
        return await to_thread.run_sync(self._transcriber.facts)

    async def turns(self, samples: np.ndarray, most: int) -> tuple[Turn, ...]:
        return await to_thread.run_sync(self._transcriber.turns, samples, most)

    def check_health(self) -> None:
        self._transcriber.check_health()


def transcribers(size: ClusterSize) -> Any:
    """Returns the Ray Serve application with replicas of this size."""
    capacity = size.recordings
    fixed = size.min_replicas == size.max_replicas
    scaling = AutoscalingConfig(
        min_replicas=size.min_replicas,
        max_replicas=size.max_replicas,
        target_ongoing_requests=max(1.0, SHARE_OF_CAPACITY * capacity),
    )
    deployment = serve.deployment(
        ServedTranscriber,
        name=TRANSCRIBER,
        num_replicas=size.min_replicas if fixed else None,
        autoscaling_config=None if fixed else scaling,
        max_ongoing_requests=capacity,
        ray_actor_options={"num_cpus": size.cores, "num_gpus": size.gpus},
        request_router_config=RequestRouterConfig(
            request_router_class="deploy.cluster.serve_router.LoadAndModelRouter"
        ),
        graceful_shutdown_timeout_s=DRAIN_SECONDS,
        health_check_period_s=HEALTH_SECONDS,
        health_check_timeout_s=HEALTH_TIMEOUT_SECONDS,
    )
    return deployment.bind(size.cores, capacity, size.spread)
