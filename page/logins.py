"""Signing in to the page: passwords compared in constant time, and guessed at no more than slowly.

gradio 6.17 answers as many tries as it can. Here an address that has failed waits longer after each further
failure, and is locked out for minutes after many. A name that is guessed at from many addresses is answered
with a delay, but never locked: else anyone could lock out whom they please.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import OrderedDict
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import sha256
from math import ceil

from starlette.types import ASGIApp, Receive, Scope, Send

from engine.errors import TooMany
from engine.http.connections import address_group

FREE_FAILURES = 3  # of an address or a name, before either waits
FIRST_WAIT_SECONDS = 1.0  # after one more; doubled with each
MAX_DELAY_SECONDS = 4.0  # that a try at a name is held up
FORGOTTEN_AFTER = 3600.0  # seconds without a failure
MAX_KNOWN = 10_000  # addresses, and names, of which failures are remembered

_address: ContextVar[str] = ContextVar("address of who signs in", default="")


@dataclass(slots=True)
class _Failures:
    number: int = 0
    last: float = 0.0  # monotonic
    until: float = 0.0  # no try is heard before, monotonic


class _Known:
    """Failures by address or name. Those that failed longest ago go where there are too many."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Failures] = OrderedDict()

    def of(self, key: str, now: float) -> _Failures:
        """Returns what is known, without taking note of it."""
        found = self._known.get(key)
        return found if found and now - found.last < FORGOTTEN_AFTER else _Failures()

    def add(self, key: str, now: float) -> _Failures:
        """Counts a failure."""
        failures = self.of(key, now)
        failures.number += 1
        failures.last = now
        self._known[key] = failures
        self._known.move_to_end(key)
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        return failures

    def take_back(self, key: str, number: int = 1) -> None:
        """Takes failures back, and lets the next try come at once."""
        if found := self._known.get(key):
            found.number = max(0, found.number - number)
            found.until = 0.0
            if not found.number:
                del self._known[key]

    def __len__(self) -> int:
        return len(self._known)


class Logins:
    """The names and passwords of an installation, as gradio's `auth` takes them."""

    def __init__(self, logins: Sequence[tuple[str, str]], max_failures: int, lock_seconds: float) -> None:
        self._logins = [(_digest(name), _digest(password)) for name, password in logins]
        self._max_failures = max_failures
        self._lock_seconds = lock_seconds
        self._addresses = _Known()
        self._names = _Known()
        self._names_of_addresses = _Known()  # by both: what a right password forgives

    def __len__(self) -> int:
        """Returns how much is remembered of failures."""
        return sum(map(len, (self._addresses, self._names, self._names_of_addresses)))

    async def check(self, name: str, password: str) -> bool:
        """Tells whether a name and a password belong together. Raises TooMany before its address may try again."""
        address = address_group(_address.get())
        now = time.monotonic()
        wait = self._addresses.of(address, now).until - now
        if wait > 0:
            raise _too_many(ceil(wait))
        # Counted beforehand: tries that come together count as if they came one after the other.
        known = self._addresses.add(address, now)
        known.until = now + self._wait(known.number)
        guessed = _digest(name).hex()
        both = f"{address} {guessed}"
        self._names_of_addresses.add(both, now)
        delay = min(MAX_DELAY_SECONDS, _doubled(self._names.add(guessed, now).number))
        # A try that waits takes no thread, and its connection is one of its address's.
        await asyncio.sleep(delay)
        if not self._belong(name, password):
            return False
        # Not what the address has failed at with other names: else one's own password would buy tries at theirs.
        forgiven = self._names_of_addresses.of(both, now).number
        self._addresses.take_back(address, forgiven)
        self._names_of_addresses.take_back(both, forgiven)
        self._names.take_back(guessed)
        return True

    def _wait(self, failures: int) -> float:
        """Returns the seconds until an address may try again."""
        if self._max_failures and failures >= self._max_failures:
            return self._lock_seconds
        return min(self._lock_seconds, _doubled(failures))

    def _belong(self, name: str, password: str) -> bool:
        # Every login is compared, so that the time taken tells neither whether a name exists nor how close it was.
        asked = _digest(name), _digest(password)
        found = [
            hmac.compare_digest(asked[0], known[0]) & hmac.compare_digest(asked[1], known[1])
            for known in self._logins
        ]
        return any(found)


class NoteAddress:
    """ASGI middleware that tells `Logins` from where somebody signs in, which gradio does not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            client = scope.get("client")
            _address.set(client[0] if client else "")
        await self.app(scope, receive, send)


def _digest(text: str) -> bytes:
    return sha256(text.encode(errors="surrogatepass")).digest()


def _doubled(failures: int) -> float:
    """Returns 0 seconds for the first failures, then a time that doubles with each."""
    beyond = failures - FREE_FAILURES
    return FIRST_WAIT_SECONDS * 2.0 ** min(beyond - 1, 30) if beyond > 0 else 0.0


def _too_many(wait: int) -> TooMany:
    return TooMany(
        "There were too many wrong passwords from your address.",
        f"Try again in {wait} seconds.",
        retry_after=wait,
    )
