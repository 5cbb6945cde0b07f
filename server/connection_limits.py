"""Limits of connections: how many there may be, and how long each phase may take."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.config import Config
from engine.errors import WordlightError

CHECK_SECONDS = 1.0  # between two checks of the connections; less if a deadline is short
SPARE_DESCRIPTORS = 512  # left to files, pipes, models and ffmpeg
MAX_DESCRIPTORS = 65_536  # to which the soft limit is raised at most
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def raise_descriptor_limit() -> int:
    """Raises the soft limit of file descriptors to the hard one; returns what holds now."""
    try:
        import resource
    except ImportError:  # no such limit, as on Windows
        return MAX_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MAX_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return MAX_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """What a connection may take. A value of 0 sets no limit.

    head_seconds      from the first byte of a request, or from connecting, to the end of its headers
    idle_seconds      between two requests
    stall_seconds     within which a body, or a response, must advance by `min_rate` times as many bytes
    min_rate          bytes a second
    total             connections at a time
    per_address       connections at a time from one address; proxies are exempt, since all come from them
    """

    head_seconds: float
    idle_seconds: float
    stall_seconds: float
    min_rate: int
    total: int
    per_address: int
    proxies: Sequence[Network] = ()

    @classmethod
    def of(cls, config: Config, descriptors: int, proxies: str = "") -> ConnectionLimits:
        """Reads the settings. The connections stay below the limit of descriptors, whatever the settings say.

        proxies  addresses and networks, comma-separated, as uvicorn reads FORWARDED_ALLOW_IPS
        """
        room = max(
            1, descriptors - SPARE_DESCRIPTORS if descriptors > 2 * SPARE_DESCRIPTORS else descriptors // 2
        )
        return cls(
            head_seconds=config.head_seconds,
            idle_seconds=config.idle_seconds,
            stall_seconds=config.stall_seconds,
            min_rate=config.min_rate,
            total=min(config.max_connections or room, room),
            per_address=config.caller_connections,
            proxies=tuple(_networks(proxies)),
        )

    @property
    def check_seconds(self) -> float:
        """Seconds between two checks: a fraction of the shortest deadline, so that none is missed by much."""
        deadlines = [
            seconds for seconds in (self.head_seconds, self.idle_seconds, self.stall_seconds) if seconds
        ]
        return min([CHECK_SECONDS, *(seconds / 4 for seconds in deadlines)])


def _networks(text: str) -> list[Network]:
    found: list[Network] = []
    for part in filter(None, (entry.strip() for entry in text.split(","))):
        if part == "*":
            found += [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]
            continue
        try:
            found.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            continue  # a name of a Unix socket, which uvicorn knows too
    return found


def address_group(host: str) -> str:
    """Returns what counts as one address: an IPv4 address, or the /64 network of one IPv6 customer."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class Counted(Protocol):
    """What a connection of any protocol does for `Connections`."""

    def check(self, now: float) -> None: ...
    def cut(self) -> None: ...
    def refuse_body(self, error: WordlightError) -> None: ...
