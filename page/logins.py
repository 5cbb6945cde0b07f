"""Checks logins in constant time, and slows down guessing.

gradio 6.17 accepts as many tries as it can serve. Here an address waits longer after each failure, and is locked
out for minutes after many. Tries at a name from many addresses are delayed, but a name is never locked: otherwise
everyone could lock out any user.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Sequence
from contextvars import ContextVar
from hashlib import sha256
from math import ceil

from starlette.types import ASGIApp, Receive, Scope, Send

from server.connection_limits import address_group
from server.failed_tries import FailureLog, Waits, doubled, too_many

MAX_DELAY_SECONDS = 4.0  # that a try at a name is held up

_address: ContextVar[str] = ContextVar("address of the login request", default="")


class Logins:
    """The names and passwords of an installation, as gradio's `auth` takes them."""

    def __init__(self, logins: Sequence[tuple[str, str]], max_failures: int, lock_seconds: float) -> None:
        self._logins = [(_digest(name), _digest(password)) for name, password in logins]
        self._waits = Waits(max_failures, lock_seconds)
        self._addresses = FailureLog()
        self._names = FailureLog()
        self._names_of_addresses = FailureLog()  # by both: what a right password forgives

    def __len__(self) -> int:
        """Returns how much is remembered of failures."""
        return sum(map(len, (self._addresses, self._names, self._names_of_addresses)))

    async def check(self, name: str, password: str) -> bool:
        """Returns whether a name and a password belong together. Raises RateLimited if the address must wait."""
        address = address_group(_address.get())
        now = time.monotonic()
        wait = self._addresses.of(address, now).until - now
        if wait > 0:
            raise too_many("passwords", ceil(wait))
        # Counted before the check, so that simultaneous tries count as if they came one after the other.
        known = self._addresses.add(address, now)
        known.until = now + self._waits.after(known.number)
        guessed = _digest(name).hex()
        both = f"{address} {guessed}"
        self._names_of_addresses.add(both, now)
        delay = min(MAX_DELAY_SECONDS, doubled(self._names.add(guessed, now).number))
        # A waiting try takes no thread, and its connection counts for its address.
        await asyncio.sleep(delay)
        if not self._belong(name, password):
            return False
        # Failures with other names stay: otherwise a user's own password would buy tries at other users'.
        forgiven = self._names_of_addresses.of(both, now).number
        self._addresses.take_back(address, forgiven)
        self._names_of_addresses.take_back(both, forgiven)
        self._names.take_back(guessed)
        return True

    def _belong(self, name: str, password: str) -> bool:
        # Every login is compared, so the time taken reveals neither whether a name exists nor how close it was.
        asked = _digest(name), _digest(password)
        found = [
            hmac.compare_digest(asked[0], known[0]) & hmac.compare_digest(asked[1], known[1])
            for known in self._logins
        ]
        return any(found)


class NoteAddress:
    """ASGI middleware that notes the address of a login request for `Logins`; gradio does not pass it on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            client = scope.get("client")
            _address.set(client[0] if client else "")
        await self.app(scope, receive, send)


def _digest(text: str) -> bytes:
    return sha256(text.encode(errors="surrogatepass")).digest()
