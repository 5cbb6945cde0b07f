"""Joins a Ray cluster from a command that is no server."""

from __future__ import annotations

from importlib.util import find_spec

from deploy.cluster.remote_engine import RemoteEngine
from engine.config import Config
from engine.errors import SetupError


def join(address: str, config: Config) -> RemoteEngine:
    """Returns an engine over the replicas of the cluster at an address; closing it leaves the cluster.

    Raises SetupError if Ray is not installed, or does not answer there.
    """
    if find_spec("ray") is None:
        raise SetupError("Ray is not installed.", "pip install --no-deps -r requirements-cluster.txt")
    import ray

    from deploy.cluster.serve_replicas import ServeReplicas

    try:
        ray.init(address, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise SetupError(f"No Ray cluster answers at {address}.", "`ray status` there says more.") from error
    return RemoteEngine(config, ServeReplicas(leaves=True))
