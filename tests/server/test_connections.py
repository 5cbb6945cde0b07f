"""Limits of connections: what counts as one address, and how many fit."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from engine import Config
from server.connection_limits import (
    SPARE_DESCRIPTORS,
    ConnectionLimits,
    address_group,
    raise_descriptor_limit,
)
from tests.support.app import launch
from tests.support.waiting import eventually


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1.2.3.4", "1.2.3.4", True),
        ("1.2.3.4", "1.2.3.5", False),
        ("::ffff:1.2.3.4", "1.2.3.4", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "", True),
    ],
)
def test_what_counts_as_one_address(one: str, other: str, same: bool) -> None:
    assert (address_group(one) == address_group(other)) is same


@pytest.mark.parametrize("asked", [0, 100, 10**9])
@pytest.mark.parametrize("descriptors", [64, 1024, 20_000])
def test_connections_stay_below_the_limit_of_descriptors(asked: int, descriptors: int) -> None:
    limits = ConnectionLimits.of(Config(max_connections=asked), descriptors)
    assert 0 < limits.total < descriptors
    assert descriptors <= 2 * SPARE_DESCRIPTORS or limits.total <= descriptors - SPARE_DESCRIPTORS
    assert asked == 0 or limits.total <= asked


def test_the_limit_of_descriptors_is_raised_to_the_hard_one() -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        assert raise_descriptor_limit() > 512
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 512
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_app_raises_it_before_it_serves(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))  # is inherited
    try:
        with launch(tmp_path) as (url, process):
            assert eventually(lambda: lives(url))
            assert resource.prlimit(process.pid, resource.RLIMIT_NOFILE)[0] > 512
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def lives(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live").status_code == 200
    except httpx.TransportError:
        return False


def test_proxies_are_read_as_uvicorn_reads_them() -> None:
    limits = ConnectionLimits.of(Config(), 20_000, "127.0.0.1, 10.0.0.0/8,unix:,*")
    assert len(limits.proxies) == 4
    assert ConnectionLimits.of(Config(), 20_000).proxies == ()
