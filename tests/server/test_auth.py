"""Callers: keys, logins, origins and limits, on an app that has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from starlette.requests import Request

from engine import Config
from engine.errors import RateLimited
from server import failed_tries
from server.auth import ApiKeys
from server.errors import Unauthorized
from tests.support.app import App, serve
from tests.support.waiting import eventually

KEYS = ("first-key", "second key", "schlüssel à")
ORIGIN = "https://friend.example"
GUARDED = ["/languages", "/health", "/metrics", "/v1/models", "/v1/models/base"]
OPEN = ["/health/live", "/health/ready", "/openapi.json"]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app that is not open to everybody."""
    folder = tmp_path_factory.mktemp("closed")
    settings = {
        "WORDLIGHT_API_KEYS": ",".join(KEYS),
        "WORDLIGHT_AUTH": "ann:secret,bob:hidden",
        "WORDLIGHT_CORS_ORIGINS": ORIGIN,
        "WORDLIGHT_CALLER_CONCURRENCY": "1",
        "WORDLIGHT_LOGIN_LOCK_SECONDS": "0",  # these tests send many wrong keys from one address
    }
    for url in serve(folder, **settings):
        yield App(url, folder)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


# Keys


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize(
    "headers", [{}, bearer("wrong"), bearer("first-ke"), {"Authorization": "Bearer"}, {"X-API-Key": "x"}]
)
def test_without_a_known_key_nothing_is_told(closed: App, path: str, headers: dict[str, str]) -> None:
    response = httpx.get(closed.url + path, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["error"]["code"] == "unauthorized"


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize("headers", [*map(bearer, KEYS), *({"X-API-Key": key} for key in KEYS[1:])])
def test_every_key_opens(closed: App, path: str, headers: dict[str, str]) -> None:
    sent = {name: value.encode() for name, value in headers.items()}
    assert httpx.get(closed.url + path, headers=sent).status_code == 200


@pytest.mark.parametrize("path", OPEN)
def test_an_orchestrator_needs_no_key(closed: App, path: str) -> None:
    assert httpx.get(closed.url + path).status_code == 200


@pytest.mark.parametrize("path", ["/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations"])
def test_a_recording_without_a_key_is_not_even_read(closed: App, path: str, speech: Path) -> None:
    assert closed.post(path, file=speech.read_bytes()).status_code == 401
    assert not closed.uploads()


def test_keys_and_passwords_are_nowhere_in_the_log(closed: App) -> None:
    log = (closed.folder / "server.log").read_text()
    assert not any(secret in log for secret in (*KEYS, "secret", "hidden"))
    assert not any(
        secret in repr(Config(api_keys=KEYS, auth=("ann:hidden",))) for secret in (*KEYS, "hidden")
    )


def request(host: str = "1.2.3.4", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw, "client": (host, 1)})


def test_a_login_for_the_page_alone_closes_the_plain_routes() -> None:
    with pytest.raises(Unauthorized):
        ApiKeys(Config(auth=("ann:secret",))).caller_of(request())


def test_callers_are_told_apart_by_key_or_else_by_address() -> None:
    keyed = ApiKeys(Config(api_keys=KEYS))
    assert keyed.caller_of(request(x_api_key=KEYS[0])) != keyed.caller_of(request(x_api_key=KEYS[1]))
    free = ApiKeys(Config())
    assert free.caller_of(request("1.2.3.4")) != free.caller_of(request("5.6.7.8"))


# Guessing keys


def guess(keys: ApiKeys, key: str, host: str = "1.2.3.4") -> str:
    return keys.caller_of(request(host, x_api_key=key))


def locked(host: str = "1.2.3.4") -> ApiKeys:
    """Keys that were guessed at from an address until it was locked out."""
    keys = ApiKeys(Config(api_keys=KEYS, login_failures=3))
    for number in range(3):
        with pytest.raises(Unauthorized):
            guess(keys, f"guess {number}", host)
    return keys


def test_an_address_that_guesses_keys_is_locked_out_and_no_other_is() -> None:
    keys = locked()
    for key in ("guess", KEYS[0]):  # not even with a right key: it would learn which one is right
        with pytest.raises(RateLimited, match="wrong API keys") as caught:
            guess(keys, key)
        assert 290 < (caught.value.retry_after or 0) <= 300
    assert guess(keys, KEYS[0], "5.6.7.8") == "key 0"


def test_the_addresses_of_one_ipv6_customer_are_one() -> None:
    keys = locked("2001:db8:1:2::1")
    with pytest.raises(RateLimited):
        guess(keys, KEYS[0], "2001:db8:1:2::2")
    assert guess(keys, KEYS[0], "2001:db8:1:3::1") == "key 0"


def test_a_key_that_an_address_has_used_stays_accepted_there() -> None:
    keys = ApiKeys(Config(api_keys=KEYS, login_failures=3))
    assert guess(keys, KEYS[0]) == "key 0"
    for _ in range(3):
        with pytest.raises(Unauthorized):
            guess(keys, "guess")
    assert guess(keys, KEYS[0]) == "key 0"
    with pytest.raises(RateLimited):  # nor does it buy tries
        guess(keys, KEYS[1])


def test_requests_without_a_key_are_no_guesses() -> None:
    keys = ApiKeys(Config(api_keys=KEYS, login_failures=3))
    for _ in range(20):
        with pytest.raises(Unauthorized):
            keys.caller_of(request())
    assert guess(keys, KEYS[0]) == "key 0"


def test_what_is_remembered_of_guesses_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failed_tries, "MAX_KNOWN", 50)
    tries = failed_tries.KeyTries(failed_tries.Waits(10, 300))
    for number in range(500):
        tries.note(f"address {number}", number % 2 or None)
    assert len(tries) <= 2 * 50


# Logins


def test_the_page_and_its_api_ask_for_a_login(closed: App) -> None:
    assert httpx.post(f"{closed.url}/gradio_api/call/health", json={"data": []}).status_code == 401
    client = Client(closed.url, auth=("ann", "secret"), verbose=False)
    assert client.predict(api_name="/health")["status"] == "ok"


# Origins


def test_only_the_origins_named_may_read(closed: App) -> None:
    for origin, allowed in ((ORIGIN, ORIGIN), ("https://enemy.example", None), ("null", None)):
        for path in ("/health/live", "/", "/gradio_api/info"):
            response = httpx.get(closed.url + path, headers={"Origin": origin})
            assert response.headers.get("access-control-allow-origin") == allowed
            assert "access-control-allow-credentials" not in response.headers


def test_a_browser_that_asks_first_is_answered_for_the_named_alone(closed: App) -> None:
    for origin, status in ((ORIGIN, 200), ("https://enemy.example", 403)):
        asked = {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-api-key",
        }
        answer = httpx.options(f"{closed.url}/transcribe", headers=asked)
        assert answer.status_code == status
        assert status == 200 or answer.json()["error"]["code"] == "refused"


@pytest.mark.parametrize("origin", ["https://enemy.example", "http://localhost:1", "null"])
def test_nobody_is_named_unless_somebody_is(app: App, origin: str) -> None:
    for path in ("/health/live", "/", "/gradio_api/info", "/languages"):
        answer = httpx.get(app.url + path, headers={"Origin": origin})
        assert answer.status_code == 200 and "access-control-allow-origin" not in answer.headers


# Limits


def test_a_second_recording_of_one_caller_waits_outside(closed: App, long_talk: Path, speech: Path) -> None:
    def post(key: str, file: Path) -> httpx.Response:
        files = {"file": file.read_bytes()}
        return httpx.post(f"{closed.url}/transcribe", files=files, headers=bearer(key), timeout=240)

    def at_work() -> bool:
        page = httpx.get(f"{closed.url}/metrics", headers=bearer(KEYS[0])).text
        return "wordlight_recordings_at_work 1.0" in page

    slow = httpx.Client(timeout=240)
    with slow.stream(
        "POST",
        f"{closed.url}/transcribe",
        files={"file": long_talk.read_bytes()},
        data={"stream": "true"},
        headers=bearer(KEYS[0]),
    ) as stream:
        lines = stream.iter_lines()  # held, for a reader that is dropped hangs up
        next(lines)
        assert eventually(at_work)
        refused = post(KEYS[0], speech)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["error"]["code"] == "too_many"
        assert post(KEYS[1], speech).status_code == 200
    assert eventually(lambda: post(KEYS[0], speech).status_code == 200)
