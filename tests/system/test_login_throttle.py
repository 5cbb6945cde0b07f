"""Passwords and API keys can be guessed at only slowly, and nobody can lock out another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from engine.errors import RateLimited
from page import logins
from page.logins import Logins, NoteAddress
from server import failed_tries
from tests.support.app import App, launch
from tests.support.raw_http import error_of
from tests.support.waiting import eventually

FAILURES = 5
LOCK_SECONDS = 12
OTHER_ADDRESS = "127.0.0.2"
KEY = "the-key"
GUESSING_ADDRESS = "127.0.0.3"  # at keys


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app with logins; no test needs its models."""
    folder: Path = tmp_path_factory.mktemp("logins")
    settings = {
        "WORDLIGHT_AUTH": "ann:secret,bob:hidden",
        "WORDLIGHT_API_KEYS": KEY,
        "WORDLIGHT_LOGIN_FAILURES": str(FAILURES),
        "WORDLIGHT_LOGIN_LOCK_SECONDS": str(LOCK_SECONDS),
    }
    with launch(folder, **settings) as (url, _):
        assert eventually(lambda: answers(url))
        yield App(url, folder)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live").status_code == 200
    except httpx.TransportError:
        return False


def sign_in(app: App, name: str, password: str, address: str = "127.0.0.1") -> httpx.Response:
    with httpx.Client(transport=httpx.HTTPTransport(local_address=address), timeout=60) as client:
        return client.post(f"{app.url}/login", data={"username": name, "password": password})


def test_an_address_that_guesses_waits_then_is_locked_and_no_other_is(closed: App) -> None:
    heard, refused = 0, None
    for number in range(1000):
        answer = sign_in(closed, "ann", f"guess {number}")
        heard += answer.status_code == 400
        if answer.status_code == 429 and int(answer.headers["retry-after"]) > LOCK_SECONDS / 2:
            refused = answer
        if refused or heard > FAILURES:
            break
    assert refused is not None and heard <= FAILURES
    error_of(httpx.Response(429, json={"error": refused.json()["error"]}), 429, "too_many")
    # Not even with the right password: who guesses would learn by it.
    assert sign_in(closed, "ann", "secret").status_code == 429
    # The one whose name it is comes in from elsewhere.
    response = sign_in(closed, "ann", "secret", OTHER_ADDRESS)
    assert response.status_code == 200 and response.json() == {"success": True}
    assert eventually(lambda: sign_in(closed, "ann", "secret").status_code == 200), "the lock is not for ever"


def ask_with(app: App, key: str, address: str) -> httpx.Response:
    with httpx.Client(transport=httpx.HTTPTransport(local_address=address), timeout=60) as client:
        return client.get(f"{app.url}/v1/models", headers={"Authorization": f"Bearer {key}"})


def test_an_address_that_guesses_keys_is_locked_out_and_no_other_is(closed: App) -> None:
    statuses, refused = [], None
    for number in range(1000):
        answer = ask_with(closed, f"guess {number}", GUESSING_ADDRESS)
        statuses.append(answer.status_code)
        if answer.status_code == 429 and int(answer.headers["retry-after"]) > LOCK_SECONDS / 2:
            refused = answer
        if refused or statuses.count(401) > FAILURES:
            break
    assert refused is not None and statuses.count(401) <= FAILURES
    assert refused.json()["error"]["code"] == "too_many"
    assert ask_with(closed, KEY, GUESSING_ADDRESS).status_code == 429, "nor with the right one"
    assert ask_with(closed, KEY, OTHER_ADDRESS).status_code == 200
    assert eventually(lambda: ask_with(closed, KEY, GUESSING_ADDRESS).status_code == 200)


# Without a server


class Clock:
    """Time that passes when it is slept."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(logins.time, "monotonic", clock.monotonic)
    monkeypatch.setattr(logins.asyncio, "sleep", clock.sleep)
    return clock


def known(max_failures: int = 10, lock_seconds: float = 300) -> Logins:
    return Logins([("ann", "secret"), ("bøb", "pässwörd")], max_failures, lock_seconds)


def check(logins: Logins, name: str, password: str, address: str = "1.2.3.4") -> bool:
    """Tries to sign in from an address, as a request does."""

    async def app(*_: object) -> None:
        nonlocal found
        found = await logins.check(name, password)

    found = False
    scope = {"type": "http", "client": (address, 1)}
    asyncio.run(NoteAddress(app)(scope, None, None))  # type: ignore[arg-type]
    return found


def test_who_belongs_here_comes_in(clock: Clock) -> None:
    assert check(known(), "ann", "secret") and check(known(), "bøb", "pässwörd")
    for name, password in [
        ("ann", "pässwörd"),
        ("bøb", "secret"),
        ("", ""),
        ("ann", ""),
        ("\ud800", "secret"),
    ]:
        assert not check(known(), name, password)


def test_waits_grow_until_the_lock(clock: Clock) -> None:
    door, waits = known(), []
    for number in range(100):
        try:
            assert not check(door, f"name {number}", "guess")
        except RateLimited as error:
            waits.append(error.retry_after)
            clock.now += error.retry_after or 0
    assert len(waits) > 9 and waits[:3] == sorted(waits[:3]) and waits[0] == 1 and set(waits[6:]) == {300}


def test_tries_that_come_together_count_one_by_one() -> None:
    door = known()

    async def one(number: int) -> bool:
        return await door.check("ann", f"guess {number}")

    async def scene() -> list[object]:
        return await asyncio.gather(*map(one, range(50)), return_exceptions=True)

    assert sum(entry is False for entry in asyncio.run(scene())) == failed_tries.FREE_FAILURES + 1


def test_a_name_that_is_guessed_at_from_everywhere_is_slow_and_never_locked(clock: Clock) -> None:
    door = known()
    for number in range(200):
        assert not check(door, "ann", "guess", f"10.0.{number}.1")
    assert max(clock.slept) == logins.MAX_DELAY_SECONDS
    assert check(door, "ann", "secret", "9.9.9.9")


def test_names_that_are_none_are_as_slow(clock: Clock) -> None:
    slept = []
    for name in ("ann", "nobody"):
        door = known()
        for number in range(9):
            assert not check(door, name, "guess", f"10.0.{number}.1")
        slept.append(clock.slept.copy())
        clock.slept.clear()
    assert slept[0] == slept[1]


def test_one_s_own_password_buys_no_tries_at_another_s(clock: Clock) -> None:
    door = known()
    with pytest.raises(RateLimited):
        for _ in range(20):
            check(door, "ann", "guess")
            assert check(door, "bøb", "pässwörd")


def test_who_has_remembered_their_password_starts_anew(clock: Clock) -> None:
    door = known()
    for _ in range(20):
        assert not check(door, "ann", "guess")
        assert check(door, "ann", "secret")


def test_what_is_remembered_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failed_tries, "MAX_KNOWN", 50)
    door = known()
    for number in range(500):
        check(door, f"name {number}", "guess", f"10.{number // 250}.{number % 250}.1")
    assert len(door) <= 3 * 50
