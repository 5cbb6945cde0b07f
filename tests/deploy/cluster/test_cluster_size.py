"""The size of a cluster, as a Serve config file gives it."""

from __future__ import annotations

import pytest

from deploy.cluster.cluster_size import ClusterSize


def test_a_config_file_may_give_the_size_of_the_replicas() -> None:
    size = ClusterSize.of({"min_replicas": "2", "max_replicas": 16, "gpus": 1, "spread": 4})
    assert size == ClusterSize(min_replicas=2, max_replicas=16, gpus=1.0, spread=4)
    with pytest.raises(ValueError, match="Unknown arguments: replicas"):
        ClusterSize.of({"replicas": 2})


def test_a_replica_takes_what_its_hardware_keeps_busy() -> None:
    assert ClusterSize(gpus=1).recordings == 16
    assert ClusterSize(cores=4).recordings == 8
    assert ClusterSize(cores=0.5).recordings == 2
    assert ClusterSize(gpus=1, capacity=5).recordings == 5
