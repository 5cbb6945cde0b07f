"""Reaches the replicas of a Ray Serve application."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import ray
from ray import serve
from ray.exceptions import GetTimeoutError, RayError, RayTaskError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle, DeploymentResponse, DeploymentResponseGenerator

from deploy.cluster.messages import ReplicaFacts, ReplicaLost, TranscriptionRequest
from deploy.cluster.replicas import PortionReply, Reply
from engine.diarization.turns import Turn
from engine.errors import SetupError
from engine.scheduling.portion import Portion

APPLICATION = "wordlight"
TRANSCRIBER = "Transcriber"
PART_BYTES = 32 << 20  # of a recording in the object store
FACTS_SECONDS = 15.0  # that a question about itself may take a replica; it waits for room like a recording
TURNS_SECONDS = 120.0  # that a replica may take for the speakers of some minutes, its waiting included
CANNOT_START = ("DEPLOY_FAILED",)  # states of an application that get no better by waiting


AnyReply = TypeVar("AnyReply")


class ServeAnswer(Generic[AnyReply]):
    """The answer of one replica, as Ray Serve streams it."""

    def __init__(self, response: DeploymentResponseGenerator) -> None:
        self._response = response

    def __iter__(self) -> Iterator[AnyReply]:
        try:
            yield from self._response
        except RayTaskError:  # an error of the replica's code, which is a bug: another replica has it too
            raise
        except (RayError, RayServeException) as error:
            raise ReplicaLost(type(error).__name__) from error

    def cancel(self) -> None:
        self._response.cancel()


class ServeReplicas:
    """The replicas of the application in the Ray cluster that this process has joined."""

    def __init__(self, leaves: bool = False) -> None:
        """`leaves` says whether `close` leaves the cluster, which ends one that this process has started."""
        self._joined: DeploymentHandle | None = None
        self._leaves = leaves

    def transcribe(self, request: TranscriptionRequest, model: str) -> ServeAnswer[Reply]:
        return ServeAnswer(self._asked("updates", request, model))

    def help(self, portion: Portion) -> ServeAnswer[PortionReply]:
        # Without the model's name: else the routing would prefer the replica that asks, since that has the model.
        return ServeAnswer(self._asked("work_at", portion, ""))

    def facts(self) -> ReplicaFacts:
        return self._result(lambda: self._handle().facts.remote(), FACTS_SECONDS)

    def turns(self, samples: np.ndarray, most: int) -> tuple[Turn, ...]:
        return self._result(lambda: self._handle().turns.remote(samples, most), TURNS_SECONDS)

    def store(self, path: Path) -> tuple[Any, ...]:
        parts = []
        with path.open("rb") as file:
            while part := file.read(PART_BYTES):
                parts.append(ray.put(part))
        return tuple(parts)

    def count(self) -> int:
        application = serve.status().applications.get(APPLICATION)
        if application is None or TRANSCRIBER not in application.deployments:
            return 0
        return application.deployments[TRANSCRIBER].replica_states.get("RUNNING", 0)

    def close(self) -> None:
        if self._leaves:
            ray.shutdown()

    def _asked(self, method: str, request: Any, model: str) -> DeploymentResponseGenerator:
        """Sends a request to a method that streams. Raises ReplicaLost if the application is not there."""
        try:
            handle = self._handle().options(stream=True, multiplexed_model_id=model)
            return getattr(handle, method).remote(request)
        except (RayError, RayServeException) as error:
            raise ReplicaLost(type(error).__name__) from error

    def _handle(self) -> DeploymentHandle:
        """Returns the way to the replicas. Raises ReplicaLost if the application is not there yet."""
        if self._joined is None:
            try:
                self._joined = serve.get_deployment_handle(TRANSCRIBER, APPLICATION)
                # It warns whenever a request has asked 50 times for room; on a busy cluster that is no fault.
                logging.getLogger("ray.serve").setLevel(logging.ERROR)
            except (RayError, RayServeException) as error:
                raise ReplicaLost(f"the cluster has no application {APPLICATION}") from error
        return self._joined

    def _result(self, ask: Callable[[], Any], seconds: float) -> Any:
        try:
            response: DeploymentResponse = ask()
            try:
                return response.result(timeout_s=seconds)
            except (GetTimeoutError, TimeoutError) as error:
                response.cancel()
                self._check_start()
                raise ReplicaLost("no replica has answered in time") from error
        except RayTaskError:  # as for `ServeAnswer`
            raise
        except (RayError, RayServeException) as error:
            raise ReplicaLost(type(error).__name__) from error

    def _check_start(self) -> None:
        application = serve.status().applications.get(APPLICATION)
        if application is not None and application.status in CANNOT_START:
            raise SetupError(
                "The replicas of the cluster do not start.",
                "`serve status` and the logs of Ray have the reason.",
            )
