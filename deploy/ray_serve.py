"""Runs Wordlight on a Ray cluster: replicas transcribe, and heads serve the page and all other interfaces.

    python -m deploy.ray_serve all --replicas 2 --cores 1       Ray, replicas and a head on this machine
    python -m deploy.ray_serve replicas --replicas 2:16 --gpus 1     starts, or changes, the replicas of a cluster
    python -m deploy.ray_serve head                              a head; any number beside each other

See docs/deploy-ray.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

import ray
from ray import serve

from app import launch, prepare_process
from deploy.cluster.cluster_size import ClusterSize
from deploy.cluster.deployment import transcribers
from deploy.cluster.serve_replicas import APPLICATION
from engine.errors import SetupError


def application(arguments: Mapping[str, Any]) -> Any:
    """Returns the application for a Serve config file; the arguments are the fields of `ClusterSize`.

    Raises ValueError if an argument is unknown or no number.
    """
    return transcribers(ClusterSize.of(arguments))


def start_replicas(size: ClusterSize) -> None:
    """Starts the replicas of the cluster that this process has joined, or changes them to this size.

    Returns when they have loaded their models. Raises SystemExit if they cannot.
    """
    serve.start(proxy_location="Disabled")
    try:
        serve.run(transcribers(size), name=APPLICATION, route_prefix=None)
    except RuntimeError as error:
        raise SystemExit(str(error)) from None


def start_head() -> None:
    """Serves the page and all other interfaces over the cluster that this process has joined."""
    config, folder = prepare_process()

    from deploy.cluster.remote_engine import RemoteEngine
    from deploy.cluster.serve_replicas import ServeReplicas
    from page.app import build_app

    try:
        app = build_app(config, folder, RemoteEngine(config, ServeReplicas(leaves=True)))
    except SetupError as error:
        raise SystemExit(str(error)) from None
    launch(app)


def main(arguments: list[str] | None = None) -> None:
    """Runs one command."""
    given = _parser().parse_args(arguments)
    if given.command == "all":
        # Before the head: it moves its temporary files to a folder of its own, which replicas must not have.
        ray.init(include_dashboard=False, log_to_driver=False)
        start_replicas(_size(given))
        start_head()
        return
    ray.init(given.address, log_to_driver=False)
    if given.command == "replicas":
        start_replicas(_size(given))
    else:
        start_head()


def _size(given: argparse.Namespace) -> ClusterSize:
    fewest, most = given.replicas
    return ClusterSize(
        min_replicas=fewest,
        max_replicas=most,
        cores=given.cores,
        gpus=given.gpus,
        capacity=given.capacity,
        spread=given.spread,
    )


def _range(text: str) -> tuple[int, int]:
    fewest, _, most = text.partition(":")
    try:
        found = int(fewest), int(most or fewest)
    except ValueError:
        found = 0, 0
    if not 0 < found[0] <= found[1]:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number nor a range such as 2:16")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.ray_serve", description="Runs Wordlight on Ray Serve."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    size = ClusterSize()
    for name, help in (
        ("all", "start Ray, replicas and a head on this machine"),
        ("replicas", "start the replicas of a cluster, or change them"),
        ("head", "start the page and all other interfaces"),
    ):
        command = commands.add_parser(name, help=help, description=f"{help.capitalize()}.")
        if name != "all":
            command.add_argument(
                "--address", default="auto", help="of Ray (default: the cluster of this machine)"
            )
        if name == "head":
            continue
        command.add_argument(
            "--replicas",
            type=_range,
            default=(1, 1),
            help="how many; 2:16 is as needed between these (default: 1)",
        )
        command.add_argument("--cores", type=float, default=size.cores, help="of each (default: 2)")
        command.add_argument("--gpus", type=float, default=size.gpus, help="of each (default: 0)")
        command.add_argument(
            "--capacity",
            type=int,
            default=0,
            help="recordings that each works at together (default: by its hardware)",
        )
        command.add_argument(
            "--spread",
            type=int,
            default=size.spread,
            help="replicas that may work at one recording together (default: 1)",
        )
    return parser


if __name__ == "__main__":
    main()
