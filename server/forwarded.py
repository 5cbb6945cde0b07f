"""The client's address, scheme and host behind a proxy, believed only if a trusted proxy states them."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

from engine.errors import SetupError
from server.hosts import Hosts, header, name_of

ANY_PROXY = "*"
NO_PROXY = "none"

# Headers that state how the client reached the application. This module drops them all, since gradio would build
# the page's addresses from them; the values of a trusted proxy go into the scope.
_FORWARDING_HEADERS = frozenset(
    {b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-gradio-server"}
)


class TrustedProxies:
    """The proxies whose word is taken: addresses, networks, or whichever one connects (`*`)."""

    def __init__(self, proxies: Collection[str]) -> None:
        """Reads the list. Raises SetupError for an entry that is no address."""
        self.any = ANY_PROXY in proxies
        self._networks = [_network(proxy) for proxy in proxies if proxy not in (ANY_PROXY, NO_PROXY)]

    def __contains__(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)

    def client_of(self, peer: str, hops: list[str]) -> str:
        """Returns the address of the client, given the proxy's address and the hops of X-Forwarded-For.

        Each proxy appends the address that it saw, so only hops to the right of an untrusted one are
        believed. If any proxy is trusted, that is the right-most hop: the rest may come from the client.
        """
        client = peer
        for hop in reversed(hops):
            address = _address(hop)
            if address is None:
                break
            client = address
            if address not in self:
                break
        return client

    def trusts(self, peer: str) -> bool:
        """Returns whether the peer of a connection is a trusted proxy."""
        return self.any or peer in self


class ForwardedHeaders:
    """Puts the client's address, scheme and host into the scope and drops the headers that named them.

    proxies       whose word is taken
    secure_hosts  returns the names that are reached by https alone, such as the one of a share link
    """

    def __init__(self, app: ASGIApp, proxies: TrustedProxies, secure_hosts: Hosts = tuple) -> None:
        self.app = app
        self._proxies = proxies
        self._secure_hosts = secure_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = self._resolve(scope)
            host = header(scope, b"host")
            if host is not None and name_of(host) in self._secure_hosts():
                scope["scheme"] = _secure(scope)
        await self.app(scope, receive, send)

    def _resolve(self, scope: Scope) -> Scope:
        headers = [pair for pair in scope["headers"] if pair[0] not in _FORWARDING_HEADERS]
        resolved = {**scope, "headers": headers}
        peer = scope.get("client")
        if not peer or not self._proxies.trusts(peer[0]):
            return resolved
        client = self._proxies.client_of(peer[0], _values(scope, b"x-forwarded-for"))
        if client != peer[0]:
            resolved["client"] = (client, 0)
        # The right-most value is the one that the trusted proxy itself wrote.
        scheme = _last(scope, b"x-forwarded-proto").lower()
        if scheme == "https":
            resolved["scheme"] = _secure(scope)
        host = _last(scope, b"x-forwarded-host")
        if host:
            kept = [pair for pair in headers if pair[0] != b"host"]
            resolved["headers"] = [(b"host", host.encode("latin-1")), *kept]
        return resolved


def _secure(scope: Scope) -> str:
    return "wss" if scope["type"] == "websocket" else "https"


def _network(proxy: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(proxy, strict=False)
    except ValueError:
        raise SetupError(
            f"FORWARDED_ALLOW_IPS holds {proxy!r}.", "Each entry must be an IP address, a network, or *."
        ) from None


def _values(scope: Scope, name: bytes) -> list[str]:
    joined = b",".join(value for header, value in scope["headers"] if header == name).decode("latin-1")
    return [value.strip() for value in joined.split(",") if value.strip()]


def _last(scope: Scope, name: bytes) -> str:
    values = _values(scope, name)
    return values[-1] if values else ""


def _address(hop: str) -> str | None:
    """Returns the address in a hop such as `1.2.3.4`, `1.2.3.4:80`, `[::1]:80`; None if there is none."""
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        return str(ip_address(hop))
    except ValueError:
        return None
