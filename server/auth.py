"""Identifies the callers of the HTTP routes, by API key or by address."""

from __future__ import annotations

import hmac
from hashlib import sha256

from starlette.requests import HTTPConnection

from engine.config import Config
from server.connection_limits import address_group
from server.errors import Unauthorized
from server.failed_tries import KeyTries, Waits


class ApiKeys:
    """The installation's API keys.

    required  whether callers must send one; without keys and without logins, the routes are open
    """

    def __init__(self, config: Config) -> None:
        # Digests have one length, so comparing them reveals nothing of a key, not even its length.
        self._keys = [sha256(key.encode()).digest() for key in config.api_keys]
        self._tries = KeyTries(Waits(config.login_failures, config.login_lock_seconds))
        self.required = bool(config.api_keys or config.auth)

    def caller_of(self, request: HTTPConnection, key: str | None = None) -> str:
        """Returns the caller's name: of its key or, if no keys are required, of its address.

        Clients send a key as `Authorization: Bearer` or `X-API-Key`. Raises Unauthorized, and RateLimited if the
        address has sent too many wrong keys.

        key  that the client has sent in another way; None for the one of the headers
        """
        host = request.client.host if request.client else "unknown"
        if not self.required:
            return f"address {host}"
        sent = sent_key(request) if key is None else key.encode("utf-8", "surrogatepass")
        digest = sha256(sent).digest()
        # Every key is compared, so the time taken does not reveal which one came close.
        matches = [hmac.compare_digest(digest, key) for key in self._keys]
        number = matches.index(True) if any(matches) else None
        if sent and self._keys:  # a request without a key is no try at one
            self._tries.note(address_group(host), number)
        if number is None:
            raise Unauthorized(
                "Missing or unknown API key.",
                "Send it as Authorization: Bearer KEY, or as X-API-Key: KEY.",
            )
        return f"key {number}"

    def owner_of(self, caller: str) -> str:
        """Returns the name of a caller's API key in stored jobs; "" for a caller without one.

        The name stays the same if other keys come or go, and reveals nothing of the key.
        """
        kind, _, number = caller.partition(" ")
        return sha256(b"owner of jobs" + self._keys[int(number)]).hexdigest() if kind == "key" else ""


def sent_key(request: HTTPConnection) -> bytes:
    """Returns the key's bytes as the client sent them; Starlette decodes all headers as Latin-1."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    key = token.strip(" ") if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
    return key.encode("latin-1")
