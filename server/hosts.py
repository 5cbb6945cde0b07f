"""Allowed hosts and cross-site writes: protection from DNS rebinding and request forgery."""

from __future__ import annotations

from collections.abc import Callable, Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from server.errors import Forbidden, UnknownHost
from server.refusals import Describe, send_refusal

AUTO = "auto"
ANY = "*"
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What a browser calls a request of the page itself, or of the person: an address typed, a bookmark.
OWN_SITES = frozenset({"same-origin", "none"})
_WILDCARD_ADDRESSES = frozenset({"0.0.0.0", "::", ""})

Hosts = Callable[[], Collection[str]]


class AllowedHosts:
    """The names that this server answers to.

    Loopback names always belong to them: no page of another site can make a browser send one.
    """

    def __init__(
        self, allowed: Collection[str], server_name: str, always: Collection[str] = (), public: Hosts = tuple
    ) -> None:
        """Takes the setting and what it is about.

        allowed      the names of the setting; `*.example.org` covers what is below, `*` any name, and `auto`
                     is any name if the server listens on all interfaces, else its own only
        server_name  the address or name that the server listens on
        always       further names, such as the one of a Space
        public       returns names that are known only later, such as the one of a share link
        """
        bound_to = name_of(server_name) or ""
        listens_on_all = server_name.strip("[]") in _WILDCARD_ADDRESSES
        self.any = ANY in allowed or (AUTO in allowed and listens_on_all)
        names = {name_of(name) for name in (*allowed, *always) if name not in (AUTO, ANY)}
        self._names = frozenset({bound_to, *(name for name in names if name)} - {""})
        self._public = public

    def __contains__(self, host: str) -> bool:
        name = name_of(host)
        if name is None:
            return False
        if self.any or is_loopback(name) or name in self._names or name in self._public():
            return True
        return any(known.startswith("*.") and name.endswith(known[1:]) for known in self._names)


class HostCheck:
    """Answers 421 to a request for a host that is none of ours."""

    def __init__(self, app: ASGIApp, hosts: AllowedHosts, describe: Describe) -> None:
        self.app = app
        self._hosts = hosts
        self._describe = describe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            host = header(scope, b"host")
            if host is None or host not in self._hosts:
                shown = (host or "")[:80]
                error = UnknownHost(
                    f"This server does not answer to the host {shown!r}.",
                    "WORDLIGHT_ALLOWED_HOSTS names the hosts that it answers to.",
                )
                await send_refusal(error, scope, send, describe=self._describe)
                return
        await self.app(scope, receive, send)


class CrossSiteWrites:
    """Answers 403 to a write, or to a WebSocket, that a page of another site makes a browser send.

    Requests of programs have neither Origin nor Sec-Fetch-Site and pass.

    origins  of the pages that may write all the same
    writes   returns whether a request writes
    """

    def __init__(
        self, app: ASGIApp, origins: Collection[str], writes: Callable[[Scope], bool], describe: Describe
    ) -> None:
        self.app = app
        self._origins = frozenset(origins)
        self._writes = writes
        self._describe = describe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        writes = scope["type"] == "websocket" or (scope["type"] == "http" and self._writes(scope))
        if writes and not self._may_write(scope):
            error = Forbidden(
                "A page of another site may not do this.",
                "WORDLIGHT_CORS_ORIGINS names the origins that may.",
            )
            await send_refusal(error, scope, send, describe=self._describe)
            return
        await self.app(scope, receive, send)

    def _may_write(self, scope: Scope) -> bool:
        origin = header(scope, b"origin")
        if origin is not None and (ANY in self._origins or origin in self._origins):
            return True
        site = header(scope, b"sec-fetch-site")
        if site is not None:  # the browser itself says so, whatever a proxy has made of the host
            return site in OWN_SITES
        return origin is None or is_own(origin, scope)


def is_own(origin: str, scope: Scope) -> bool:
    """Returns whether an origin is the one that the request was sent to.

    The scheme is left out of it: a proxy may have taken TLS off.
    """
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return False
    host = header(scope, b"host")
    if parts.scheme not in ("http", "https") or host is None:
        return False
    default = 443 if parts.scheme == "https" else 80
    return (name_of(parts.netloc), port or default) == (name_of(host), _port(host) or default)


def header(scope: Scope, name: bytes) -> str | None:
    """Returns the only value of a header; None if there is none or several."""
    values = [value for header, value in scope["headers"] if header == name]
    return values[0].decode("latin-1") if len(values) == 1 else None


def name_of(host: str) -> str | None:
    """Returns the name in a Host header, without its port, as names are compared; None if it is damaged."""
    name, _ = _split(host)
    name = name.lower().rstrip(".")
    return name if name and not set(name) & set('/\\@?#"<> ') else None


def _port(host: str) -> int | None:
    _, port = _split(host)
    return int(port) if port.isdecimal() else None


def _split(host: str) -> tuple[str, str]:
    host = host.strip()
    if host.startswith("["):
        name, _, rest = host[1:].partition("]")
        return name, rest.removeprefix(":")
    if host.count(":") > 1:  # an IPv6 address without brackets, as settings have it
        return host, ""
    name, _, port = host.partition(":")
    return name, port


def is_loopback(name: str) -> bool:
    """Returns whether a name leads to this machine alone, wherever it is resolved."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
