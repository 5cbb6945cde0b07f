"""Who may come in, and how much one caller may ask for."""

from __future__ import annotations

import hmac
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from math import ceil

from starlette.requests import Request

from engine.config import Config
from engine.errors import RateLimited, Unauthorized
from engine.updates import Update
from server.connection_limits import address_group
from server.failed_tries import KeyTries, Waits

MINUTE = 60.0  # seconds
MUCH_SOUND_SECONDS = 30  # after which it is worth asking again, where much sound is at work


@dataclass
class _Caller:
    """What one caller has under way, and when its recordings of the last minute came, oldest first."""

    at_work: list[Place] = field(default_factory=list)
    came: deque[float] = field(default_factory=deque)

    @property
    def seconds(self) -> float:
        """Returns the seconds of sound at work, as far as they are known."""
        return sum(place.seconds for place in self.at_work)


class Place:
    """One recording at work.

    seconds  of its sound: as the file says, or as many as have been decoded where those are more
    """

    def __init__(self, access: Access, caller: _Caller) -> None:
        self.seconds = 0.0
        self._access = access
        self._caller = caller

    def note(self, update: Update) -> None:
        """Takes in how long the recording is. Raises RateLimited where its caller has too much sound at work."""
        seconds = max(update.seconds_total or 0.0, update.seconds_done)
        if seconds > self.seconds:
            self._access.count_seconds(self._caller, self, seconds)


class Access:
    """The API keys and the limits for one caller, shared by every way in."""

    def __init__(self, config: Config) -> None:
        # Digests have one length, so that comparing them tells nothing of a key, its length included.
        self._keys = [sha256(key.encode()).digest() for key in config.api_keys]
        self._tries = KeyTries(Waits(config.login_failures, config.login_lock_seconds))
        self._closed = bool(config.api_keys or config.auth)
        self._at_once = config.caller_at_once
        self._per_minute = config.caller_per_minute
        self._seconds = config.caller_seconds
        self._lock = threading.Lock()
        self._callers: dict[str, _Caller] = {}

    def identify(self, request: Request) -> str:
        """Returns a name for the caller: of its key, or of its address where no keys are asked for.

        The key stands in `Authorization: Bearer` or `X-API-Key`. Raises Unauthorized, and RateLimited if the address
        has offered too many wrong keys.
        """
        host = request.client.host if request.client else "unknown"
        if not self._closed:
            return f"address {host}"
        sent = _offered(request)
        offered = sha256(sent).digest()
        # Every key is compared, so that the time taken does not tell which one came close.
        matches = [hmac.compare_digest(offered, key) for key in self._keys]
        key = matches.index(True) if any(matches) else None
        if sent and self._keys:  # a request without a key is no try at one
            self._tries.note(address_group(host), key)
        if key is None:
            raise Unauthorized(
                "An API key is needed here, and there is none that is known in this request.",
                "Send it as Authorization: Bearer KEY, or as X-API-Key: KEY.",
            )
        return f"key {key}"

    def owner_of(self, caller: str) -> str:
        """Returns what the jobs of a caller's API key are known by; "" for a caller without one.

        It stays the same if other keys come or go, and tells nothing of the key.
        """
        kind, _, number = caller.partition(" ")
        return sha256(b"owner of jobs" + self._keys[int(number)]).hexdigest() if kind == "key" else ""

    @contextmanager
    def admit(self, name: str) -> Iterator[Place]:
        """Counts one recording of the caller for as long as it is at work. Raises RateLimited.

        Gives its place, which is to be told of the engine's updates.
        """
        with self._lock:
            self._forget_the_idle()
            caller = self._callers.setdefault(name, _Caller())
            self._check(caller)
            place = Place(self, caller)
            caller.at_work.append(place)
            caller.came.append(time.monotonic())
        try:
            yield place
        finally:
            with self._lock:
                caller.at_work.remove(place)

    def count_seconds(self, caller: _Caller, place: Place, seconds: float) -> None:
        """Counts the sound of a recording at work. Raises RateLimited if the caller has too much at work."""
        with self._lock:
            others = caller.seconds - place.seconds
            if self._seconds and others and others + seconds > self._seconds:
                raise self._too_much_sound()
            place.seconds = seconds

    def _too_much_sound(self) -> RateLimited:
        return RateLimited(
            f"Recordings of {self._seconds:,.0f} seconds in all may be at work for one caller.",
            "Wait until one of yours is done.",
            retry_after=MUCH_SOUND_SECONDS,
        )

    def _check(self, caller: _Caller) -> None:
        if self._at_once and len(caller.at_work) >= self._at_once:
            raise RateLimited(
                f"{self._at_once} of your recordings are at work already.", "Wait until one is done."
            )
        if self._seconds and caller.seconds >= self._seconds:
            raise self._too_much_sound()
        if self._per_minute and len(caller.came) >= self._per_minute:
            wait = ceil(MINUTE - (time.monotonic() - caller.came[0]))
            raise RateLimited(
                f"{self._per_minute} recordings a minute are accepted from one caller.",
                f"Send the next in {wait} seconds.",
                retry_after=wait,
            )

    def _forget_the_idle(self) -> None:
        """Drops what is older than a minute, and callers of whom nothing is left."""
        oldest = time.monotonic() - MINUTE
        for name, caller in list(self._callers.items()):
            while caller.came and caller.came[0] <= oldest:
                caller.came.popleft()
            if not caller.at_work and not caller.came:
                del self._callers[name]


def _offered(request: Request) -> bytes:
    """Returns the key's bytes as they were sent; Starlette reads headers as Latin-1, whatever they are."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    key = token.strip(" ") if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
    return key.encode("latin-1")
