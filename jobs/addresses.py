"""Decides which addresses this server may call: public ones, and those that the operator lists."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from engine.errors import InputError, SetupError
from jobs.errors import BadCallback

MAX_URL_CHARACTERS = 2000
PORTS = {"http": 80, "https": 443}
# Addresses of IPv6 that lead to one of IPv4: the well-known prefix of NAT64, and ::/96, long deprecated.
_EMBEDDING = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed URL."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Returns the value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlField:
    """What a URL is for, in the errors.

    name     of the field that holds the URL
    setting  the variable that lists further hosts
    schemes  that the URL may have
    error    makes the error, of message and hint
    """

    name: str
    setting: str
    schemes: tuple[str, ...]
    error: Callable[[str, str], InputError]


CALLBACK = UrlField(
    name="callback_url", setting="WORDLIGHT_WEBHOOK_ALLOW", schemes=("http", "https"), error=BadCallback
)


class AddressRules:
    """Rules for URLs that callers name; `allowed` lists hosts, addresses and networks that need not be public."""

    field = CALLBACK

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        """Raises SetupError."""
        self._networks = []
        self._hosts = set()
        for each in allowed:
            try:
                self._networks.append(ipaddress.ip_network(each))
            except ValueError:
                if "/" in each:
                    raise SetupError(
                        f"{self.field.setting} holds {each!r}, which is no network.",
                        "It must be a host, an address, or a network such as 10.0.0.0/8.",
                    ) from None
                self._hosts.add(each.lower().rstrip("."))

    def parse(self, url: str) -> Target:
        """Parses a URL. Raises the error of the field if the URL alone shows that it may not be called."""
        try:
            parts = urlsplit(url)
            target = _target(parts)
        except ValueError:
            target = None
        unusable = target is None or target.scheme not in self.field.schemes
        if target is None or unusable or len(url) > MAX_URL_CHARACTERS or not url.isprintable() or " " in url:
            schemes = " or ".join(f"{scheme}://" for scheme in self.field.schemes)
            raise self.field.error(
                f"{self.field.name} is {url[:60]!r}, which cannot be called.",
                f"It must be {schemes}, a host and a path, of {MAX_URL_CHARACTERS:,} characters at most.",
            )
        if (address := _literal(target.host)) is not None:
            self._check(target.host, [address])
        elif target.host.lower().rstrip(".") in ("localhost",) and not self._is_listed(target.host):
            raise self._private(target.host)
        return target

    def resolve(self, target: Target) -> list[Address]:
        """Resolves the host once. Raises OSError, and the field's error unless all its addresses may be called."""
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        self._check(target.host, addresses)
        return list(dict.fromkeys(addresses))

    def _check(self, host: str, addresses: Sequence[Address]) -> None:
        if self._is_listed(host):
            return
        for address in addresses:
            inner = _inner(address)
            listed = any(each in network for each in {address, inner} for network in self._networks)
            if not listed and not (_is_public(address) and _is_public(inner)):
                raise self._private(host)

    def _is_listed(self, host: str) -> bool:
        return host.lower().rstrip(".") in self._hosts

    def _private(self, host: str) -> InputError:
        return self.field.error(
            f"{self.field.name} leads to {host[:60]!r}, which is no public address.",
            f"Name a public host, or have the operator list it in {self.field.setting}.",
        )


class CallbackRules(AddressRules):
    """Rules for the URLs that webhooks call."""


def _target(parts: SplitResult) -> Target | None:
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None or parts.fragment:
        return None
    host = parts.hostname
    if _literal(host) is None:
        host = host.encode("idna").decode()
    path = parts.path or "/"
    path += f"?{parts.query}" if parts.query else ""
    return Target(parts.scheme, host, parts.port or PORTS[parts.scheme], path)


def _literal(host: str) -> Address | None:
    """Parses a host that is an address, also in the short and octal forms that systems accept."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _inner(address: Address) -> Address:
    """Returns the IPv4 address that an IPv6 address leads to, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if any(address in network for network in _EMBEDDING):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
