"""Failed tries at secrets, by address or name, and how long each must wait after them."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from math import ceil

from engine.errors import RateLimited

FREE_FAILURES = 3  # of an address or a name, before either waits
FIRST_WAIT_SECONDS = 1.0  # after one more; doubled with each
FORGOTTEN_AFTER = 3600.0  # seconds without a failure
MAX_KNOWN = 10_000  # addresses, and names, of which failures are remembered


@dataclass(slots=True)
class Failures:
    """What is known of one address or name."""

    number: int = 0
    last: float = 0.0  # monotonic
    until: float = 0.0  # no try is accepted before, monotonic


class FailureLog:
    """Failures by address or name. If there are too many, those that failed longest ago are forgotten."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Failures] = OrderedDict()

    def of(self, key: str, now: float) -> Failures:
        """Returns what is known, without taking note of it."""
        found = self._known.get(key)
        return found if found and now - found.last < FORGOTTEN_AFTER else Failures()

    def add(self, key: str, now: float) -> Failures:
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
        """Takes failures back, and allows the next try at once."""
        if found := self._known.get(key):
            found.number = max(0, found.number - number)
            found.until = 0.0
            if not found.number:
                del self._known[key]

    def __len__(self) -> int:
        return len(self._known)


@dataclass(frozen=True, slots=True)
class Waits:
    """How long an address must wait after its failures.

    max_failures  of an address until it is locked out; 0 never locks
    lock_seconds  that such an address is locked out, and the longest wait before that
    """

    max_failures: int
    lock_seconds: float

    def after(self, failures: int) -> float:
        """Returns the seconds until an address may try again."""
        if self.max_failures and failures >= self.max_failures:
            return self.lock_seconds
        return min(self.lock_seconds, doubled(failures))


class KeyTries:
    """Tries at API keys, by address; may be used from several threads.

    An address that has failed too often waits, even with a right key: else it would learn which key is right.
    A key that came from this address before is accepted all the same. Its use reveals nothing new, and clients
    behind one address cannot lock each other out.
    """

    def __init__(self, waits: Waits) -> None:
        self._waits = waits
        self._lock = threading.Lock()
        self._failures = FailureLog()
        self._accepted: OrderedDict[tuple[str, int], None] = OrderedDict()  # address and key, latest last

    def note(self, address: str, key: int | None) -> None:
        """Takes note of a try with a key, by its number; None is a wrong key. Raises RateLimited."""
        with self._lock:
            now = time.monotonic()
            wait = self._failures.of(address, now).until - now
            if wait > 0 and (key is None or (address, key) not in self._accepted):
                raise too_many("API keys", ceil(wait))
            if key is None:
                failures = self._failures.add(address, now)
                failures.until = now + self._waits.after(failures.number)
                return
            self._accepted[address, key] = None
            self._accepted.move_to_end((address, key))
            if len(self._accepted) > MAX_KNOWN:
                self._accepted.popitem(last=False)

    def __len__(self) -> int:
        """Returns how much is remembered."""
        return len(self._failures) + len(self._accepted)


def doubled(failures: int) -> float:
    """Returns 0 seconds for the first failures, then a time that doubles with each."""
    beyond = failures - FREE_FAILURES
    return FIRST_WAIT_SECONDS * 2.0 ** min(beyond - 1, 30) if beyond > 0 else 0.0


def too_many(secrets: str, wait: int) -> RateLimited:
    """Returns the error for an address that must wait some seconds before it may try again."""
    return RateLimited(
        f"There were too many wrong {secrets} from your address.",
        f"Try again in {wait} seconds.",
        retry_after=wait,
    )
